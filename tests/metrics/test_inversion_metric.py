"""Paper 3's metric against its definition, and that it is not fooled where sample metrics are (Section 3.2)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics import inception_score, inversion, psnr, sample_ms_ssim, ssim

SMOOTH = torch.nn.functional.interpolate(
    torch.rand(60, 1, 4, 4, generator=torch.Generator().manual_seed(0)) * 2 - 1, size=(32, 32), mode="bilinear"
)


def darkened(images: Tensor) -> Tensor:
    return 0.5 * images


def test_it_is_the_mean_over_repeats_of_the_mean_over_images() -> None:
    score = inversion(darkened, SMOOTH, count=20, repeats=3, seed=4)
    random = np.random.default_rng(4)
    draws = [SMOOTH[torch.from_numpy(random.choice(60, 20, replace=False))] for _ in range(3)]
    expected = {f.__name__: [float(f(darkened(x), x)) for x in draws] for f in (psnr, ssim)}
    assert score.psnr == pytest.approx(np.mean(expected["psnr"]), abs=1e-4)
    assert score.psnr_std == pytest.approx(np.std(expected["psnr"], ddof=1), abs=1e-4)
    assert score.ssim == pytest.approx(np.mean(expected["ssim"]), abs=1e-5)


def test_a_set_that_is_smaller_than_a_repeat_is_taken_whole_and_said_so() -> None:
    score = inversion(darkened, SMOOTH)
    assert (score.images, score.psnr_std) == (60, 0.0)
    assert "every repeat holds all of them" in score.protocol


def test_redrawn_images_are_clipped() -> None:
    assert inversion(lambda x: x * 100, torch.full((3, 1, 16, 16), 0.8)).psnr == pytest.approx(20.0, abs=1e-3)


def test_nothing_to_score_is_refused() -> None:
    with pytest.raises(UsageError, match="0 images"):
        inversion(darkened, SMOOTH[:0])


def test_the_inception_score_is_one_where_all_samples_look_alike_and_k_where_each_class_comes_once() -> None:
    assert inception_score(torch.full((50, 4), 0.25))[0] == pytest.approx(1.0)
    assert inception_score(torch.eye(4).repeat(10, 1), splits=5)[0] == pytest.approx(4.0, rel=1e-6)


def test_equal_samples_have_an_ms_ssim_of_one_and_different_ones_less() -> None:
    assert sample_ms_ssim(SMOOTH[:1].repeat(10, 1, 1, 1)) == pytest.approx(1.0)
    assert sample_ms_ssim(SMOOTH) < 0.5


def test_noise_passes_for_diverse_but_not_for_a_model_of_the_data() -> None:
    noise = torch.rand(60, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert sample_ms_ssim(noise) < sample_ms_ssim(SMOOTH)
    assert inversion(lambda x: noise[: len(x)], SMOOTH).ssim < inversion(darkened, SMOOTH).ssim


def test_a_model_that_knows_some_images_by_heart_is_found_out_on_others() -> None:
    known = SMOOTH[:10]

    def nearest(images: Tensor) -> Tensor:
        return known[torch.cdist(images.flatten(1), known.flatten(1)).argmin(1)]

    assert sample_ms_ssim(known) == pytest.approx(sample_ms_ssim(SMOOTH), abs=0.1)
    assert inversion(nearest, SMOOTH[10:]).psnr < inversion(darkened, SMOOTH[10:]).psnr
