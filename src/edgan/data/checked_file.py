"""Small files, written in one step; with a checksum where a damaged one must be noticed and made again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


def write_checked(path: Path, value: Any) -> None:
    """Write a value of plain data.

    Raises:
        OSError: the disk refused.
    """
    text = json.dumps(value)
    write_atomically(path, f"{_digest(text)}\n{text}")


def read_checked(path: Path) -> Any | None:
    """The value that was written; None where there is none, or a damaged one."""
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
        return json.loads(text) if digest == _digest(text) else None
    except (OSError, ValueError):
        return None


def write_atomically(path: Path, text: str) -> None:
    """Write a small file in one step, in a folder that is made where it is missing.

    Raises:
        OSError: the disk refused.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
