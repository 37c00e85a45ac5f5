"""A source with a map of noise beside it, which tells the pixels of a plain area apart."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.routing import Tap


def noisy_source(scale: float, size: int) -> tuple[tuple[Tap, ...], str]:
    """The taps that add the noise, and the name of what a generator reads.

    Args:
        scale: standard deviation of the noise; at 0 there is none, and the generator reads "source".
        size: side of the source in pixels.
    """
    if not scale:
        return (), "source"
    grain = Tap("noise", noise=("normal", (1, size, size)), scale=scale)
    return (grain, Tap("noisy_source", ("source", "noise"), function=concatenate)), "noisy_source"


def concatenate(source: Tensor, noise: Tensor) -> Tensor:
    """(N, C, H, W) and (N, 1, H, W) to (N, C + 1, H, W)."""
    return torch.cat([source, noise], dim=1)
