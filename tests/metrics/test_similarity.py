"""Similarity measures agree with scikit-image, say what they are, and refuse what they cannot measure."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics import MSSSIM, PSNR, RMSE, SSIM, ms_ssim, ms_ssim_name, ms_ssim_protocol, psnr, rmse, ssim


def pair(size: int = 40, count: int = 3, channels: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Smooth pictures and noisy copies, each image with its own noise."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, channels, 6, 6, generator=generator) * 1.6 - 0.8
    a = torch.nn.functional.interpolate(coarse, size, mode="bicubic").clamp(-1, 1)
    strength = torch.linspace(0.05, 0.3, count).reshape(-1, 1, 1, 1)
    return a, (a + strength * torch.randn(a.shape, generator=generator)).clamp(-1, 1)


def pixels(image: Tensor) -> np.ndarray:
    return image.permute(1, 2, 0).double().numpy()


def test_psnr_is_scikit_images_per_image() -> None:
    a, b = pair()
    expected = [peak_signal_noise_ratio(pixels(x), pixels(y), data_range=2) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(psnr(a, b, reduction="none"), expected, rtol=1e-5)


def test_psnr_averages_images_and_not_errors() -> None:
    a, b = pair()
    of_mean_error = 10 * math.log10(4 / float((a - b).square().mean()))
    assert float(psnr(a, b)) == pytest.approx(float(psnr(a, b, reduction="none").mean()))
    assert float(psnr(a, b)) > of_mean_error + 1


@pytest.mark.parametrize(("size", "channels"), [(11, 1), (32, 3), (47, 3)])
def test_ssim_is_scikit_images_per_image(size: int, channels: int) -> None:
    a, b = pair(size, channels=channels)
    options = {"gaussian_weights": True, "use_sample_covariance": False, "sigma": 1.5, "data_range": 2}
    expected = [
        structural_similarity(pixels(x), pixels(y), channel_axis=2, **options) for x, y in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(ssim(a, b, reduction="none"), expected, atol=2e-5)


def test_ssim_does_not_see_a_padded_border() -> None:
    a, b = pair(count=1)
    b[..., 12:-12, 12:-12] = a[..., 12:-12, 12:-12]
    inside = structural_similarity(
        pixels(a[0]), pixels(b[0]), channel_axis=2, gaussian_weights=True, use_sample_covariance=False, data_range=2
    )
    assert float(ssim(a, b)) == pytest.approx(inside, abs=2e-5)


def test_ms_ssim_is_the_weighted_product_over_scales() -> None:
    """Three scales written out with scikit-image; Wang's contrast term is SSIM without its luminance factor."""
    a, b = pair(64, count=1, channels=1)
    x, y = pixels(a[0])[..., 0], pixels(b[0])[..., 0]
    weights = np.array([0.0448, 0.2856, 0.3001])
    terms = []
    for scale in range(3):
        options = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 2, "full": True}
        _, full = structural_similarity(x, y, **options)
        _, luminance = structural_similarity(x, y, K2=1e6, **options)
        terms.append((full if scale == 2 else full / luminance)[5:-5, 5:-5].mean())
        x, y = (v.reshape(len(v) // 2, 2, -1, 2).mean((1, 3)) for v in (x, y))
    assert float(ms_ssim(a, b)) == pytest.approx(float(np.prod(terms ** (weights / weights.sum()))), abs=1e-4)


@pytest.mark.parametrize(
    ("side", "name"), [(11, "ms-ssim-1"), (64, "ms-ssim-3"), (88, "ms-ssim-4"), (128, "ms-ssim-4"), (176, "ms-ssim")]
)
def test_ms_ssim_is_named_by_its_scales(side: int, name: str) -> None:
    assert ms_ssim_name(side, 200) == name
    assert ms_ssim_protocol(side, 200).lower().startswith(name)
    a, b = pair(side, count=1, channels=1)
    assert 0 < float(ms_ssim(a, b)) < 1


def test_rmse_is_the_root_of_each_images_mean_square() -> None:
    a, b = pair()
    expected = [np.sqrt(((x - y) ** 2).mean()) for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    np.testing.assert_allclose(rmse(a, b, reduction="none"), expected, rtol=1e-5)


def test_equal_images_are_as_like_as_can_be() -> None:
    a, _ = pair()
    assert float(psnr(a, a)) == math.inf
    assert float(rmse(a, a)) == 0
    assert float(ssim(a, a)) == pytest.approx(1)
    assert float(ms_ssim(a, a)) == pytest.approx(1)


@pytest.mark.parametrize(("running", "function"), [(PSNR, psnr), (SSIM, ssim), (RMSE, rmse), (MSSSIM, ms_ssim)])
def test_running_metrics_weigh_uneven_batches_by_image(running: type, function: object) -> None:
    a, b = pair(44, count=5)
    metric = running()
    metric.update(a[:4], b[:4])
    metric.update(a[4:], b[4:])
    assert float(metric.compute()) == pytest.approx(float(function(a, b)), rel=1e-5)  # type: ignore[operator]
    assert metric.protocol


def test_running_ms_ssim_refuses_to_mix_scales() -> None:
    metric = MSSSIM()
    metric.update(*pair(64))
    with pytest.raises(UsageError, match=r"ms-ssim-3.*40x40.*ms-ssim-2"):
        metric.update(*pair(40))


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_running_metrics_refuse_an_empty_mean() -> None:
    with pytest.raises(UsageError, match="no image"):
        PSNR().compute()


@pytest.mark.parametrize("measure", [psnr, rmse, ssim, ms_ssim])
def test_bad_images_are_refused_in_a_sentence(measure: object) -> None:
    a, b = pair()
    call = measure
    assert callable(call)
    with pytest.raises(UsageError, match="the same shape"):
        call(a, b[:1])
    with pytest.raises(UsageError, match=r"second images range from .* must lie in \[-1, 1\]"):
        call(a, b * 3)
    with pytest.raises(UsageError, match="first images contain NaN"):
        call(torch.full_like(a, math.nan), b)
    with pytest.raises(UsageError, match=r"uint8.*127\.5"):
        call(a.to(torch.uint8), b.to(torch.uint8))
    with pytest.raises(UsageError, match=r"\(N, C, H, W\)"):
        call(a[0], b[0])


@pytest.mark.parametrize("measure", [ssim, ms_ssim])
def test_images_smaller_than_the_window_are_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(UsageError, match=r"at least 11 pixels .* these images are 10x10"):
        measure(*pair(10))
