"""The result of a part as a file, with all that is needed to judge and repeat it."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import subprocess
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = "unknown"


def path_of(results: Path, part: str) -> Path:
    """Where the result of a part is, or will be."""
    return results / f"cuda-{part}.json"


def read(results: Path, part: str) -> dict[str, Any]:
    """The result of a part; {} where there is none that can be read, for then it is made again."""
    try:
        value = json.loads(path_of(results, part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write(results: Path, part: str, value: Mapping[str, Any]) -> Path:
    """Write or replace the result of a part in one step. Numbers that are not finite become null."""
    path = path_of(results, part)
    results.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(_plain(value), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(aside, path)
    return path


def circumstances(device: torch.device, data: Path | None, command: str) -> dict[str, Any]:
    """On what a result is made.

    Args:
        device: where it computes.
        data: the folder of packs, where the commit is noted for a tree that was copied without its history.
        command: what was called.
    """
    cuda = device.type == "cuda"
    return {
        "machine": torch.cuda.get_device_name(device) if cuda else f"{platform.machine()} CPU, {os.cpu_count()} cores",
        "torch": torch.__version__,
        "cuda": torch.version.cuda if cuda else None,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "python": platform.python_version(),
        "commit": commit(data),
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z"),
    }


def commit(data: Path | None = None) -> str:
    """The commit of this tree, "-dirty" where it was changed; else what `pack` noted in the data; else "unknown"."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        noted = None if data is None else data / "commit.txt"
        return noted.read_text(encoding="utf-8").strip() if noted and noted.is_file() else UNKNOWN


def trace() -> str:
    """The traceback of the error that is being handled, its paths from this tree or from the packages on."""
    return re.sub(r'(?<=File ")[^"]*/site-packages/', "", traceback.format_exc().replace(f"{ROOT}{os.sep}", ""))


def since(start: float) -> float:
    """Seconds since a `time.monotonic`, to a tenth."""
    return round(time.monotonic() - start, 1)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
