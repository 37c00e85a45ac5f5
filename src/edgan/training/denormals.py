"""Denormal numbers count as 0 while a training runs: a CPU computes with them a hundred times more slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

DENORMAL = 1e-39
"""Less than the smallest normal float32 (1.2e-38), more than the smallest denormal one (1.4e-45)."""


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Within the block, results and operands below 1.2e-38 in float32 (2.2e-308 in float64) are 0 on the CPU.

    A discriminator that is sure of its answer has such gradients: the sigmoid of -90 is 8e-40. A convolution over
    them takes about a hundred times as long as usual, while a weight near 1e-2 would not change by a bit.

    The setting belongs to the calling thread and to threads that it starts. torch starts the threads that share its
    work at the first large operation of a process, and they keep what was set then: this has its full effect only if
    nothing large was computed before. It does nothing on processors that cannot flush.
    """
    before = _flushes()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _flushes() -> bool:
    """Whether this thread flushes; torch sets this without telling it."""
    return (torch.full((1,), DENORMAL) * 1.0).item() == 0.0
