"""How many pictures are worked on at once."""

from __future__ import annotations

import torch

CHUNK = 64
CHUNK_PIXELS = 2**18
"""Of a chunk on a CPU, whose caches more would overflow: 64 pictures of 64 px, 4 of 256."""


def chunk_of(pixels: int, device: torch.device) -> int:
    """How many pictures of so many pixels go through the networks at once."""
    return CHUNK if device.type != "cpu" else min(CHUNK, max(1, CHUNK_PIXELS // max(1, pixels)))
