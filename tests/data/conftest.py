"""Small pictures to test readers with."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Paint = Callable[..., Path]


@pytest.fixture
def paint() -> Paint:
    """`paint(path, size=(12, 10), mode="RGB")` writes noise that differs from path to path; `value` makes it flat."""

    def write(path: Path, size: tuple[int, int] = (12, 10), mode: str = "RGB", value: int | None = None) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
        noise = np.random.default_rng(zlib.crc32(str(path.name).encode())).integers(0, 256, shape)
        array = noise if value is None else np.full(shape, value)
        Image.fromarray(array.astype(np.uint8)).save(path)
        return path

    return write
