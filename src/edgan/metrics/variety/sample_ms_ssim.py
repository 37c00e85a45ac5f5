"""MS-SSIM between samples: how alike a model's samples are."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.pairs.ms_ssim import ms_ssim, ms_ssim_protocol

PAIRS = 500


def sample_ms_ssim(samples: Tensor, pairs: int = PAIRS, seed: int = 0) -> float:
    """Mean MS-SSIM of random pairs of samples: low where they differ from each other (Odena et al. 2017).

    Args:
        samples: (N, C, H, W), clipped to [-1, 1] here; N at least 2.
        pairs: number of pairs.
        seed: of the pairs.

    Raises:
        UsageError: fewer than two samples.
    """
    if len(samples) < 2:
        raise UsageError(f"samples must hold at least 2 images (got {len(samples)}).")
    random = np.random.default_rng(seed)
    first = random.integers(len(samples), size=pairs)
    second = (first + random.integers(1, len(samples), size=pairs)) % len(samples)
    shown = samples.clamp(-1, 1)
    return float(ms_ssim(shown[torch.from_numpy(first)], shown[torch.from_numpy(second)]))


def sample_ms_ssim_protocol(height: int, width: int, pairs: int = PAIRS) -> str:
    """The sentence that stands beside a value of `sample_ms_ssim`."""
    return f"mean of {pairs} random pairs, lower is more diverse; {ms_ssim_protocol(height, width)}"
