"""Paper 3's inversion metric: how well a generative model redraws held-out images (Section 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.pairs.psnr import psnr
from edgan.metrics.pairs.ssim import ssim
from edgan.processes import ALONE, Processes

COUNT, REPEATS = 1000, 5
"""The paper's: 1,000 test images, repeated five times."""
CHUNK = 64
"""Images redrawn at once."""


class Images(Protocol):
    """Images that are loaded where they are asked for."""

    def __len__(self) -> int:
        """Their number, N."""

    def __getitem__(self, where: Tensor, /) -> Tensor:
        """Those at positions (n,), (n, C, H, W) in [-1, 1]."""


@dataclass(frozen=True)
class InversionScore:
    """How close redrawn images come to held-out ones.

    Attributes:
        psnr, psnr_std: in dB: mean and sample standard deviation over the repeats.
        ssim, ssim_std: likewise.
        images, repeats: images in a repeat, and number of repeats.
        protocol: how it was measured.
    """

    psnr: float
    psnr_std: float
    ssim: float
    ssim_std: float
    images: int
    repeats: int
    protocol: str


def inversion(
    redraw: Callable[[Tensor], Tensor],
    images: Images,
    *,
    count: int = COUNT,
    repeats: int = REPEATS,
    seed: int = 0,
    processes: Processes = ALONE,
) -> InversionScore:
    """Score a model by the images that it redraws from the latents it infers.

    Args:
        redraw: images (n, C, H, W) to the same images redrawn; they are clipped to [-1, 1].
        images: held-out ones, (N, C, H, W) in [-1, 1], or anything of that length that gives those at an index (n,).
        count: images in a repeat.
        repeats: number of repeats, each on another draw of images without replacement.
        seed: of the draws.
        processes: that share the images. All get the score of all images.

    Raises:
        UsageError: no images, or a count or a number of repeats below 1.
    """
    if len(images) == 0 or count < 1 or repeats < 1:
        raise UsageError(
            "images, count and repeats must each be at least 1 "
            f"(got {len(images)} images, count {count}, repeats {repeats})."
        )
    count = min(count, len(images))
    random = np.random.default_rng(seed)
    draws = [np.sort(random.choice(len(images), count, replace=False)) for _ in range(repeats)]
    used = np.unique(np.concatenate(draws))
    chunks = torch.from_numpy(used).split(CHUNK)

    def measure(some: slice) -> tuple[Tensor, ...]:
        values = []
        for where in chunks[some]:
            originals = images[where]
            redrawn = redraw(originals).clamp(-1, 1)
            values.append(torch.stack([metric(redrawn, originals, reduction="none") for metric in (psnr, ssim)]))
        return tuple(torch.cat(values, 1).cpu())

    per_image = dict(zip(("psnr", "ssim"), processes.rows(len(chunks), measure), strict=True))
    means = {
        name: np.array([float(values[torch.from_numpy(np.searchsorted(used, draw))].mean()) for draw in draws])
        for name, values in per_image.items()
    }
    deviations = {name: float(values.std(ddof=1)) if repeats > 1 else 0.0 for name, values in means.items()}
    whole = "; every repeat holds all of them, so the deviation is 0" if count == len(images) else ""
    return InversionScore(
        psnr=float(means["psnr"].mean()),
        psnr_std=deviations["psnr"],
        ssim=float(means["ssim"].mean()),
        ssim_std=deviations["ssim"],
        images=count,
        repeats=repeats,
        protocol=f"{repeats} repeats of {count} of {len(images)} held-out images, drawn without replacement, seed "
        f"{seed}; mean and sample standard deviation over repeats{whole}; redrawn images are clipped, data range 2",
    )
