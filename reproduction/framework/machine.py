"""What a result was made with: machine, versions, commit, date."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import torch

from edgan._version import __version__


def software(device: str) -> dict[str, str]:
    """date, machine, torch, edgan and commit, as a result keeps them.

    Args:
        device: as `edgan.train` takes it.
    """
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z"),
        "machine": machine(device),
        "torch": torch.__version__,
        "edgan": __version__,
        "commit": commit(),
    }


def machine(device: str) -> str:
    """The GPU's name, or the processor's with the number of cores.

    Args:
        device: as `edgan.train` takes it.
    """
    gpu = torch.cuda.is_available() and device != "cpu"
    return torch.cuda.get_device_name() if gpu else f"{processor()}, {os.cpu_count()} cores"


def clock(device: torch.device) -> float:
    """Seconds of a clock for timing work: processor time on a CPU, which other processes may share, else wall time."""
    if device.type == "cpu":
        return time.process_time()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def processor() -> str:
    """The processor's name according to the system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def commit() -> str:
    """The commit of this checkout, with "-dirty" if it has changes; "" outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
