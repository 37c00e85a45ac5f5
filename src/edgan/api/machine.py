"""`doctor`: this machine's versions, device, speed, disk and cache, and what would go wrong on it."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from edgan._version import __version__
from edgan.paths import cache_folder

ROOM = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One thing that `doctor` checked.

    Attributes:
        name: of the thing.
        found: its state, in words.
        well: whether it is as it should be.
    """

    name: str
    found: str
    well: bool = True


def doctor() -> list[Finding]:
    """Check versions, device, speed, disk and cache. Nothing is left behind."""
    return [
        Finding("edgan", __version__),
        Finding("Python", platform.python_version()),
        _torch(),
        _device(),
        Finding("matrix product", f"{matrix_rate():.0f} GFLOP/s in float32 on {torch.get_num_threads()} threads"),
        _room(Path.cwd()),
        _cache(),
    ]


def matrix_rate(side: int = 1024, seconds: float = 0.5) -> float:
    """The rate of float32 matrix products on the CPU, in GFLOP/s: the best of the products within `seconds`.

    There is at least one: where other programs hold the processor, the time may be over before the first.
    """
    a, b = torch.randn(side, side), torch.randn(side, side)
    best, until = float("inf"), time.perf_counter() + seconds
    a @ b
    while best == float("inf") or time.perf_counter() < until:
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * side**3 / best / 1e9


def _torch() -> Finding:
    version = torch.__version__
    major, minor = (int(number) for number in version.split(".")[:2])
    well = (major, minor) >= (2, 10)
    return Finding("torch", version if well else f"{version}; edgan needs 2.10 or newer", well)


def _device() -> Finding:
    if torch.cuda.is_available():
        return Finding("device", f"{torch.cuda.get_device_name()}; the device auto uses it")
    return Finding("device", f"CPU, {os.cpu_count()} cores; use the preset small")


def _room(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    text = f"{free / 2**30:.1f} GiB free in {path}"
    return Finding(
        "disk", text if free > ROOM else f"{text}; a run needs a few hundred MiB for its checkpoints", free > ROOM
    )


def _cache() -> Finding:
    folder: Path | str = "the cache"
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding("cache", f"{folder} can be written")
    except OSError as error:
        return Finding(
            "cache",
            f"{folder} cannot be written ({error.strerror or error}); set EDGAN_CACHE to a folder that can",
            False,
        )
