"""How CUDA computes: as exactly as it can, or as fast as training usually does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def prepare() -> None:
    """Settings that must be there before CUDA is first used."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@contextmanager
def exact() -> Iterator[None]:
    """float32 is float32 (no TF32), and algorithms are deterministic where there is a deterministic one."""
    with _products(tf32=False):
        torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(False)


@contextmanager
def tuned(tf32: bool) -> Iterator[None]:
    """As `edgan.train` computes. cuDNN does not try its algorithms: that took longer than a short training.

    Args:
        tf32: whether float32 products and convolutions may round their factors to TF32, as training usually lets them.
    """
    with _products(tf32):
        yield


@contextmanager
def _products(tf32: bool) -> Iterator[None]:
    products, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = products.allow_tf32, cudnn.allow_tf32
    products.allow_tf32 = cudnn.allow_tf32 = tf32
    try:
        yield
    finally:
        products.allow_tf32, cudnn.allow_tf32 = before


def synchronise(device: torch.device) -> None:
    """Wait until a device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def matrix_rate(device: torch.device, dtype: torch.dtype, seconds: float = 0.1) -> float:
    """The device's own rate of matrix products in GFLOP/s: the best of several in the time given."""
    side = 8192 if device.type == "cuda" else 512
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    a @ b
    synchronise(device)
    best, until = float("inf"), time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        a @ b
        synchronise(device)
        best = min(best, time.perf_counter() - start)
        if time.perf_counter() >= until:
            return 2 * side**3 / best / 1e9
