"""Reproducible noise: a pure function of its key."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor


def draw_noise(key: tuple[int, int, str], kind: str, shape: tuple[int, ...]) -> Tensor:
    """Draw noise that depends on its key and shape alone.

    Args:
        key: (seed, position of the sample or of the step, name of the tap).
        kind: "normal", N(0, 1), or "uniform", U(0, 1).
        shape: of the result.

    Returns:
        float32 on the CPU.

    Raises:
        ValueError: another kind.
    """
    seed, position, name = key
    state = (
        seed * 6_364_136_223_846_793_005 + position * 1_442_695_040_888_963_407 + zlib.crc32(name.encode())
    ) % 2**63
    generator = torch.Generator().manual_seed(state)
    if kind == "normal":
        return torch.randn(shape, generator=generator)
    if kind == "uniform":
        return torch.rand(shape, generator=generator)
    raise ValueError(f"kind must be 'normal' or 'uniform' (got {kind!r}).")
