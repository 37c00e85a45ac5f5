"""FID and KID are torchmetrics' on features of a network that is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import linalg
from torch import nn

from edgan.errors import EdganError, UsageError
from edgan.metrics import fid, kid
from edgan.metrics.distributions import features
from edgan.metrics.distributions.features import Features, _doubt, feature_network


def cloud(seed: int, shift: float = 0.0, count: int = 200) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 4, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 2, 3, 4]) + shift


def test_fid_is_the_distance_of_two_gaussians() -> None:
    """Held against its definition with scipy's matrix square root."""
    a, b = cloud(0), cloud(1, 1.0)
    first, second = np.cov(a.numpy().T), np.cov(b.numpy().T)
    root = linalg.sqrtm(first @ second).real
    mean = (a.mean(0) - b.mean(0)).square().sum().item()
    expected = mean + np.trace(first + second - 2 * root)
    assert fid(a, b) == pytest.approx(expected, rel=1e-6)
    assert fid(a, a) == pytest.approx(0, abs=1e-6)


def test_kid_is_about_zero_for_equal_distributions_and_grows() -> None:
    same, _ = kid(cloud(0), cloud(1))
    apart, deviation = kid(cloud(0), cloud(1, 2.0))
    assert abs(same) < 0.2 * apart
    assert deviation > 0


def test_kid_repeats_itself_and_leaves_the_random_state_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    assert kid(cloud(0), cloud(1)) == kid(cloud(0), cloud(1))
    assert torch.rand(1) == expected


def test_kid_of_sets_smaller_than_a_subset() -> None:
    assert np.isfinite(kid(cloud(0, count=5), cloud(1, count=30))).all()


def test_features_of_different_length_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\(200, 4\) and \(200, 3\)"):
        fid(cloud(0), cloud(1)[:, :3])


@pytest.fixture
def images() -> np.ndarray:
    """Pictures with a bright top, so that turning them shows, in two classes of colour: (40, 16, 16, 3)."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 60, (40, 16, 16, 3))
    pictures[:, :6] += 150
    pictures[::2, 8:, :, 0] += 120
    return pictures.astype(np.uint8)


@pytest.fixture(autouse=True)
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the usual steps: these pictures are learned soon."""
    monkeypatch.setattr(features, "STEPS", features.STEPS // 4)


def test_without_classes_the_network_learns_turns_and_says_so(images: np.ndarray) -> None:
    network = feature_network("classifier", images, None)
    assert "quarter turns" in network.words
    assert "100 % right on 8 others" in network.words
    assert "not Inception" in network.words
    assert network.of(images).shape == (40, 64)
    assert network.of(images).var(0).mean() == pytest.approx(1, rel=1e-3)


def test_with_classes_it_learns_them(images: np.ndarray) -> None:
    network = feature_network("classifier", images, np.arange(40) % 2)
    assert "2 classes" in network.words
    assert not network.warning


def test_a_network_that_learned_nothing_is_useless() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 3), dtype=np.uint8)
    network = feature_network("classifier", noise, None)
    assert network.useless
    assert (
        "did not learn to see anything in the real pictures (25 % right on 12 others, chance 25 %)" in network.warning
    )


@pytest.mark.parametrize(
    ("accuracy", "chance", "warned", "useless"),
    [(0.2, 0.25, True, True), (0.45, 0.25, True, False), (0.5, 0.25, False, False), (0.8, 0.5, False, False)],
)
def test_features_near_chance_are_useless_and_weak_ones_warned_about(
    accuracy: float, chance: float, warned: bool, useless: bool
) -> None:
    warning, useless_now = _doubt(accuracy, chance, 100)
    assert (bool(warning), useless_now) == (warned, useless)


def test_plain_real_pictures_give_no_distances() -> None:
    network = feature_network("classifier", np.full((12, 16, 16, 3), 128, np.uint8), None)
    assert network.useless
    assert "nothing to compare with" in network.warning


def test_the_same_real_set_trains_the_same_network(images: np.ndarray) -> None:
    first, again = (feature_network("classifier", images, None).of(images) for _ in range(2))
    assert torch.equal(first, again)


def test_a_network_of_the_callers_own(images: np.ndarray) -> None:
    network = feature_network(lambda batch: batch.mean((2, 3)), images, None)
    assert network.of(images).shape == (40, 3)
    assert network.of(images).abs().max() <= 1


def test_a_torchscript_file(images: np.ndarray, tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    torch.jit.trace(network, torch.zeros(1, 3, 16, 16)).save(str(tmp_path / "net.pt"))
    network = feature_network(str(tmp_path / "net.pt"), images, None)
    assert network.of(images).shape == (40, 5)
    assert "net.pt" in network.words


def test_a_file_that_is_no_network(images: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_text("hello")
    with pytest.raises(EdganError, match=r"net\.pt cannot be loaded as TorchScript"):
        feature_network(str(tmp_path / "net.pt"), images, None)
    with pytest.raises(UsageError, match="neither classifier nor inception"):
        feature_network("classifer", images, None)


@pytest.mark.parametrize(
    ("network", "words"),
    [(lambda batch: batch.sum(), r"\(n, D\)|\(40, D\)"), (lambda batch: batch.mean((2, 3)) * torch.nan, "NaN")],
)
def test_a_network_that_gives_no_features(network: object, words: str, images: np.ndarray) -> None:
    with pytest.raises(UsageError, match=words):
        Features(network, "").of(images)  # type: ignore[arg-type]


def test_a_callers_network_is_evaluated_and_keeps_its_mode(images: np.ndarray) -> None:
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten()).train()
    features = feature_network(network, images, None)
    assert torch.equal(features.of(images)[:4], features.of(images[:4]))
    assert all(module.training for module in network.modules())
    assert int(network[0].num_batches_tracked) == 0


def test_inception_without_its_extra_says_what_to_install(images: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchmetrics.image.fid._TORCH_FIDELITY_AVAILABLE", False)
    with pytest.raises(EdganError, match=r"pip install 'torch-fidelity>=[\d.]+' 'torch=="):
        feature_network("inception", images, None)
