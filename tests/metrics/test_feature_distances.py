"""KID and FID on pretrained features, and the perceptual distance, against their definitions and hand-made pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import edgan
from edgan.errors import EdganError, UsageError
from edgan.metrics import fid, fid_features, kid_features, perceptual_distance, pretrained_maps
from edgan.metrics.distributions.feature_distances import FID, KID
from edgan.metrics.distributions.kid import paired_kid
from edgan.metrics.metric import FeatureMetric
from edgan.metrics.pretrained_maps import pooled_features
from edgan.metrics.registry import left_out, measured_by
from edgan.nets.pretrained import PretrainedFeatures

COUNT, SIZE = 60, 32


def pictures(seed: int, count: int = COUNT, channels: int = 3) -> Tensor:
    """Smooth random pictures in [-1, 1], with fine detail."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, channels, 6, 6, generator=generator) * 2 - 1
    fine = torch.randn(count, channels, SIZE, SIZE, generator=generator) * 0.1
    return (F.interpolate(coarse, size=SIZE, mode="bicubic") + fine).clamp(-1, 1)


def blurred(images: Tensor, times: int) -> Tensor:
    for _ in range(times):
        images = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="reflect"), 3, stride=1)
    return images


@pytest.fixture(scope="module")
def real() -> Tensor:
    return pictures(0)


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1) ** 3


def test_kid_is_the_unbiased_squared_mmd_of_the_cubic_kernel(real: Tensor) -> None:
    """With fewer pictures than a subset holds, the subset is the whole set, and the definition can be written out."""
    x, y = (pooled_features(images).double().numpy() for images in (real, pictures(1)))
    within = sum((kernel(z, z).sum() - np.trace(kernel(z, z))) / (COUNT * (COUNT - 1)) for z in (x, y))
    expected = within - 2 * kernel(x, y).mean()
    assert kid_features(pictures(1), real)[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_kid_of_pairs_leaves_out_a_picture_and_its_own_original(real: Tensor) -> None:
    made = blurred(real, 1)
    x, y = (pooled_features(images).double().numpy() for images in (real, made))
    terms = [
        kernel(x, x)[i, j] + kernel(y, y)[i, j] - kernel(x, y)[i, j] - kernel(x, y)[j, i]
        for i in range(COUNT)
        for j in range(COUNT)
        if i != j
    ]
    assert kid_features(made, real, paired=True)[0] == pytest.approx(np.mean(terms), rel=1e-6)


def test_kid_is_near_zero_for_like_pictures_and_far_for_noise(real: Tensor) -> None:
    noise = torch.rand(real.shape, generator=torch.Generator().manual_seed(5)) * 2 - 1
    like, far = kid_features(pictures(1), real)[0], kid_features(noise, real)[0]
    assert kid_features(real, real, paired=True)[0] == pytest.approx(0, abs=1e-9)
    assert abs(like) < 0.02 * far


def test_kid_of_pairs_does_not_depend_on_how_many_there_are(real: Tensor) -> None:
    """Unpaired, the kernel of each picture with its own original pulls the estimate down, the more the fewer."""
    made = blurred(real, 1)
    of_all = paired_kid(*map(pooled_features, (real, made)))[0]
    of_ten = np.mean([paired_kid(*(pooled_features(x)[i : i + 10] for x in (real, made)))[0] for i in range(0, 60, 10)])
    unpaired = np.mean([kid_features(made[i : i + 10], real[i : i + 10])[0] for i in range(0, 60, 10)])
    assert unpaired < of_all
    assert abs(of_ten - of_all) < 0.3 * (of_all - unpaired)


def test_kid_of_pairs_over_subsets_repeats_itself_and_is_near_that_of_all() -> None:
    features = torch.randn(300, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    made = features + 1.0
    k = kernel(features.numpy(), features.numpy()) + kernel(made.numpy(), made.numpy())
    k -= 2 * kernel(features.numpy(), made.numpy())
    expected = (k.sum() - np.trace(k)) / (300 * 299)
    value, spread = paired_kid(features, made)
    assert value == pytest.approx(expected, rel=0.05)
    assert spread > 0
    assert paired_kid(features, made) == (value, spread)


def test_pairs_need_as_many_originals() -> None:
    with pytest.raises(UsageError, match="as many pictures as originals"):
        paired_kid(torch.zeros(4, 3), torch.zeros(5, 3))


def test_fid_on_features_is_fid_of_the_pooled_features(real: Tensor) -> None:
    made = blurred(real, 2)
    assert fid_features(made, real) == pytest.approx(fid(pooled_features(real), pooled_features(made)))
    assert fid_features(real, real) == pytest.approx(0, abs=1e-4)


def test_fid_says_where_there_are_fewer_pictures_than_features() -> None:
    few, many = (FID.cautions(176, {"real": count, "output": count}) for count in (100, 2000))
    assert any("FID needs more pictures than its 176 features" in sentence for sentence in few)
    assert not any("needs more pictures" in sentence for sentence in many)


def test_the_features_are_means_of_scaled_maps_of_the_enlarged_picture(real: Tensor) -> None:
    enlarged = F.interpolate(real[:3], size=64, mode="bilinear", align_corners=False)
    with torch.no_grad():
        maps = PretrainedFeatures()(enlarged)
    expected = torch.cat([(m / m.square().mean(1, keepdim=True).sqrt()).mean((2, 3)) for m in maps], 1)
    torch.testing.assert_close(pooled_features(real[:3]), expected, atol=1e-5, rtol=1e-4)


def test_features_of_a_set_do_not_depend_on_chunks_and_grey_is_three_equal_channels(real: Tensor) -> None:
    whole = pooled_features(torch.cat([real, real[:10]]))
    assert whole.shape == (70, 176)
    torch.testing.assert_close(whole[60:], whole[:10], atol=1e-5, rtol=1e-4)
    grey = pictures(3, 4, 1)
    torch.testing.assert_close(pooled_features(grey), pooled_features(grey.expand(-1, 3, -1, -1)))


def test_pictures_of_another_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="must be float"):
        pooled_features(torch.zeros(2, 4, 32, 32))


def test_the_perceptual_distance_is_its_formula(real: Tensor) -> None:
    a, b = real[:4], pictures(1)[:4]
    network = PretrainedFeatures()
    with torch.no_grad():
        maps = [network(F.interpolate(x, size=64, mode="bilinear", align_corners=False)) for x in (a, b)]
    pairs = [(F.normalize(x, dim=1), F.normalize(y, dim=1)) for x, y in zip(*maps, strict=True)]
    expected = torch.stack([(x - y).square().sum(1).mean((1, 2)) for x, y in pairs]).mean(0)
    torch.testing.assert_close(perceptual_distance(a, b, reduction="none"), expected, atol=1e-5, rtol=1e-4)


def test_the_perceptual_distance_is_zero_for_equal_pictures_and_grows_with_blur(real: Tensor) -> None:
    images = real[:8]
    distances = [float(perceptual_distance(blurred(images, times), images)) for times in (0, 1, 2, 4)]
    assert distances[0] == pytest.approx(0, abs=1e-10)
    assert distances == sorted(distances)
    assert distances[1] > 0.01
    assert float(perceptual_distance(images, blurred(images, 2))) == pytest.approx(distances[2], rel=1e-5)


def test_the_perceptual_distance_prefers_grain_to_a_blur_that_psnr_prefers(real: Tensor) -> None:
    images = real[:8]
    blur = blurred(images, 2)
    error = (blur - images).square().mean().sqrt()
    contrast = images * (1 - 1.05 * float(error / images.square().mean().sqrt()))
    assert edgan.metrics.psnr(blur, images) > edgan.metrics.psnr(contrast, images)
    assert perceptual_distance(blur, images) > perceptual_distance(contrast, images)


def test_rank_measures_the_features_on_request_and_says_whom_they_flatter(real: Tensor) -> None:
    stored = ((real + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    others = ((pictures(1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    also = "kid_features,fid_features"
    ranking = edgan.rank(stored, {"mine": others}, size=SIZE, seeds=1, epochs=2, also=also, quiet=True)
    expected = kid_features(*(torch.from_numpy(x).permute(0, 3, 1, 2) / 127.5 - 1 for x in (others, stored)))
    assert ranking.figures["mine"]["kid_features"] == pytest.approx(expected[0], abs=1e-6)
    assert ranking.figures["mine"].keys() == {"kid_features", "kid_features_std", "fid_features"}
    assert "not Inception" in ranking.protocols["kid_features"]
    assert sum("flatter" in warning for warning in ranking.warnings) == 1
    assert any("176 features" in warning for warning in ranking.warnings)


def test_without_the_weights_they_are_left_out_and_a_request_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise EdganError("Pretrained features need a package.")

    monkeypatch.setattr(pretrained_maps, "load_weights", missing)
    assert KID not in list(measured_by("evaluate", FeatureMetric))
    assert left_out("evaluate").keys() == {"perceptual", "kid_features", "fid_features"}
    with pytest.raises(EdganError, match=r"kid_features cannot be measured: Pretrained features need a package\."):
        edgan.rank(np.zeros((4, 16, 16, 3), np.uint8), {"a": np.zeros((4, 16, 16, 3), np.uint8)}, also="kid_features")


def test_a_metric_on_features_that_rank_chooses_is_for_rank_alone() -> None:
    options = {"name": "n", "title": "t", "better": "lower", "protocol": "p", "describe": lambda *_: ""}
    with pytest.raises(ValueError, match="n needs pretrained features"):
        FeatureMetric(**options, measure=lambda *_: {}, uses=("rank", "training"))


def test_a_weights_file_that_is_damaged_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgan.nets.pretrained import read_weights

    (tmp_path / "weights.pth").write_bytes(b"no weights")
    monkeypatch.setattr(pretrained_maps, "load_weights", lambda: read_weights(tmp_path / "weights.pth"))
    assert "is not the published file" in pretrained_maps.unavailable()
