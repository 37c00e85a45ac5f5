"""What a generative model cannot draw: the error of held-out images drawn again (Paper 3, Section 3.2).

And beside it the two figures that the paper holds it against, which look at samples alone: Inception score and MS-SSIM
between samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.similarity import ms_ssim, ms_ssim_protocol, psnr, ssim

COUNT, REPEATS = 1000, 5
"""The paper's: 1,000 test images, repeated five times."""
PAIRS = 500


@dataclass(frozen=True)
class InversionScore:
    """How near held-out images come when they are drawn again.

    Attributes:
        psnr, psnr_std: in dB: mean and sample standard deviation over the repeats.
        ssim, ssim_std: likewise.
        images, repeats: how many images a repeat, and how many repeats.
        protocol: what was done, in words.
    """

    psnr: float
    psnr_std: float
    ssim: float
    ssim_std: float
    images: int
    repeats: int
    protocol: str


def inversion(
    redraw: Callable[[Tensor], Tensor], images: Tensor, *, count: int = COUNT, repeats: int = REPEATS, seed: int = 0
) -> InversionScore:
    """Score a model by the images it draws again from the latents it finds.

    Args:
        redraw: images (n, C, H, W) -> the same images drawn again; they are clipped to [-1, 1].
        images: held-out ones, (N, C, H, W) in [-1, 1].
        count: how many a repeat.
        repeats: how many, each on images drawn anew without replacement.
        seed: of the draws.

    Raises:
        UsageError: no images or no repeats.
    """
    if len(images) == 0 or count < 1 or repeats < 1:
        raise UsageError(
            f"Inversion needs images and repeats: {len(images)} images, {count} a repeat, {repeats} repeats."
        )
    count = min(count, len(images))
    random = np.random.default_rng(seed)
    draws = [np.sort(random.choice(len(images), count, replace=False)) for _ in range(repeats)]
    used = np.unique(np.concatenate(draws))
    chosen = images[torch.from_numpy(used)]
    again = redraw(chosen).clamp(-1, 1)
    each = {"psnr": psnr(again, chosen, reduction="none"), "ssim": ssim(again, chosen, reduction="none")}
    means = {
        name: np.array([float(values[torch.from_numpy(np.searchsorted(used, draw))].mean()) for draw in draws])
        for name, values in each.items()
    }
    spread = {name: float(values.std(ddof=1)) if repeats > 1 else 0.0 for name, values in means.items()}
    whole = "; every repeat has all of them, so the deviation is 0" if count == len(images) else ""
    return InversionScore(
        psnr=float(means["psnr"].mean()),
        psnr_std=spread["psnr"],
        ssim=float(means["ssim"].mean()),
        ssim_std=spread["ssim"],
        images=count,
        repeats=repeats,
        protocol=f"{repeats} repeats of {count} of {len(images)} held-out images, drawn without replacement, seed "
        f"{seed}; mean and sample standard deviation over repeats{whole}; images drawn again are clipped, data range 2",
    )


def inception_score(probabilities: Tensor, splits: int = 5) -> tuple[float, float]:
    """exp(E KL(p(y|x) || p(y))): large where each sample has one class and all classes come.

    Args:
        probabilities: (N, K) class probabilities of samples.
        splits: parts that are scored on their own.

    Returns:
        Mean and sample standard deviation over the parts: 1 at worst, K at best. Source: Salimans et al. 2016.
    """
    scores = []
    for part in probabilities.double().clamp_min(1e-12).chunk(splits):
        marginal = part.mean(0, keepdim=True)
        scores.append(float((part * (part.log() - marginal.log())).sum(1).mean().exp()))
    return float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0


def sample_ms_ssim(samples: Tensor, pairs: int = PAIRS, seed: int = 0) -> float:
    """Mean MS-SSIM of random pairs of samples: low where they differ from each other (Odena et al. 2017).

    Args:
        samples: (N, C, H, W) in [-1, 1], N of at least 2.
        pairs: how many.
        seed: of the pairs.
    """
    if len(samples) < 2:
        raise UsageError(f"The MS-SSIM of samples is one of pairs: {len(samples)} samples make none.")
    random = np.random.default_rng(seed)
    first = random.integers(len(samples), size=pairs)
    second = (first + random.integers(1, len(samples), size=pairs)) % len(samples)
    shown = samples.clamp(-1, 1)
    return float(ms_ssim(shown[torch.from_numpy(first)], shown[torch.from_numpy(second)]))


def sample_ms_ssim_protocol(height: int, width: int, pairs: int = PAIRS) -> str:
    """What `sample_ms_ssim` is, in words."""
    return f"mean of {pairs} random pairs, lower is more diverse; {ms_ssim_protocol(height, width)}"
