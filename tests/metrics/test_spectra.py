"""Spectral figures: detail, octaves, and checkerboards that are found where they are and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics import high_frequency_energy, octave_bands, periodic_peak


def natural_noise(count: int = 16, size: int = 64, seed: int = 0) -> Tensor:
    """1/f noise, the amplitude spectrum of photographs, with unit variance: (N, 1, size, size)."""
    generator = torch.Generator().manual_seed(seed)
    radius = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.fftfreq(size)[None]).clamp(min=1 / size)
    white = torch.randn(count, 1, size, size, generator=generator)
    pink = torch.fft.ifft2(torch.fft.fft2(white) / radius).real
    return pink / pink.std((-2, -1), keepdim=True)


def checkerboard(period: int, size: int = 64) -> Tensor:
    """Alternating squares of period / 2 pixels, +1 and -1: (1, 1, size, size)."""
    step = torch.arange(size) // (period // 2)
    return 1.0 - 2.0 * ((step[:, None] + step[None]) % 2)[None, None]


def transposed(factor: int, kernel: int) -> Tensor:
    """1/f noise doubled by an untrained transposed convolution whose kernel its stride does not divide."""
    generator = torch.Generator().manual_seed(1)
    weight = torch.rand(1, 1, kernel, kernel, generator=generator)
    return F.conv_transpose2d(natural_noise() + 3, weight, stride=factor)


@pytest.fixture(scope="module")
def faces(unpacked: Callable[[str], Path]) -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sorted(unpacked("utkface").glob("*.jpg"))[:64]]


def tensor(images: list[Image.Image]) -> Tensor:
    return torch.from_numpy(np.stack([np.asarray(i) for i in images])).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_high_frequency_energy_of_a_checkerboard_is_its_laplacian_squared() -> None:
    board = checkerboard(2).expand(2, 3, 64, 64)
    torch.testing.assert_close(high_frequency_energy(0.5 * board), torch.tensor([16.0, 16.0]))


def test_high_frequency_energy_does_not_see_gradients() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(1, 1, 32, 32)
    assert float(high_frequency_energy(ramp + ramp.transpose(-1, -2))) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(("period", "band"), [(3, 0), (6, 1), (12, 2), (24, 3)])
def test_a_wave_lies_in_its_octave(period: int, band: int) -> None:
    wave = torch.sin(2 * torch.pi * torch.arange(96) / period).expand(1, 1, 96, 96)
    bands = octave_bands(wave)[0]
    assert int(bands.argmax()) == band
    assert float(bands[band] / bands.sum()) > 0.8


def test_octaves_add_up_to_the_variance_of_white_noise() -> None:
    white = torch.randn(8, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert float(octave_bands(white).sum(1).mean()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_faint_checkerboard_is_found_at_its_period(period: int) -> None:
    peak = periodic_peak(natural_noise() + 0.3 * checkerboard(period))
    assert peak.found
    assert peak.period == period


@pytest.mark.parametrize("seed", range(5))
def test_natural_noise_has_no_peak(seed: int) -> None:
    assert not periodic_peak(natural_noise(seed=seed)).found


def test_an_overlapping_transposed_convolution_leaves_a_peak() -> None:
    peak = periodic_peak(transposed(2, 3))
    assert peak.found
    assert peak.period == 2


def test_real_faces_have_no_peak_at_any_size(faces: list[Image.Image]) -> None:
    for size in (32, 64, 100, 128):
        resized = [face.resize((size, size), Image.Resampling.BICUBIC) for face in faces]
        assert not periodic_peak(tensor(resized)).found, size


@pytest.mark.parametrize("how", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
def test_upscaled_faces_have_no_peak(faces: list[Image.Image], how: Image.Resampling) -> None:
    small = [face.resize((32, 32), Image.Resampling.BICUBIC) for face in faces]
    assert not periodic_peak(tensor([face.resize((64, 64), how) for face in small])).found


def test_a_checkerboard_is_found_on_real_faces(faces: list[Image.Image]) -> None:
    images = tensor([face.resize((64, 64), Image.Resampling.BICUBIC) for face in faces])
    peak = periodic_peak(images + 0.02 * checkerboard(4))
    assert peak.found
    assert peak.period == 4


def test_bad_images_are_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="got 3"):
        periodic_peak(natural_noise(3))
    with pytest.raises(UsageError, match="needs at least 32 pixels"):
        periodic_peak(natural_noise(size=16))
    with pytest.raises(UsageError, match=r"\(N, C, H, W\)"):
        octave_bands(torch.zeros(4, 8, 8))
    with pytest.raises(UsageError, match="NaN"):
        high_frequency_energy(torch.full((1, 1, 8, 8), torch.nan))
