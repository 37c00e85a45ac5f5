"""How many images go through the networks at once."""

from __future__ import annotations

import torch

CHUNK = 64
CHUNK_PIXELS = 2**18
"""Pixels in a chunk on a CPU; more would overflow its caches. 64 images of 64 px, or 4 of 256."""


def chunk_of(pixels: int, device: torch.device) -> int:
    """Number of images in a chunk.

    Args:
        pixels: in one image.
        device: where the networks compute.
    """
    return CHUNK if device.type != "cpu" else min(CHUNK, max(1, CHUNK_PIXELS // max(1, pixels)))
