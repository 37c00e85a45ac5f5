"""Small sets in the form in which the real ones are kept, so that packing and all that follows meets their layout."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

COUNT = 60
ATTRIBUTES = ("Eyeglasses", "Smiling", "Male", "Young", "Bangs", "Blond_Hair")
FACADES = {"train": 12, "val": 4, "test": 4}
DIGITS = {"train": 120, "test": 30}


def write_sets(folder: Path) -> Path:
    """celeba, utkface, facades, mnist and fashion-mnist, of noise."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    attr = (np.arange(COUNT)[:, None] // (1 + np.arange(len(ATTRIBUTES))) % 2).astype(np.uint8)
    faces = _encoded(draw, [f"{place + 1:06d}.jpg" for place in range(COUNT)], 89, 109)
    np.savez_compressed(folder / "celeba.npz", **faces, attr=attr, attr_names=np.array(ATTRIBUTES))
    names = [f"{place + 1}_{place % 2}_{place % 5}_20170109{place:09d}.jpg.chip.jpg" for place in range(COUNT)]
    np.savez_compressed(folder / "utkface.npz", **_encoded(draw, names, 128, 128))
    for split, count in FACADES.items():
        pairs = _encoded(draw, [f"{place}.jpg" for place in range(count)], 128, 64)
        np.savez_compressed(folder / f"facades_{split}.npz", **pairs)
    for name in ("mnist", "fashion-mnist"):
        for split, count in DIGITS.items():
            images = draw.integers(0, 256, (count, 28, 28), dtype=np.uint8)
            labels = (np.arange(count) % 10).astype(np.uint8)
            np.savez_compressed(folder / f"{name}_{split}.npz", images=images, labels=labels)
    return folder


def _encoded(draw: np.random.Generator, names: list[str], width: int, height: int) -> dict[str, np.ndarray]:
    pictures = []
    for _ in names:
        stream = io.BytesIO()
        Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(stream, "JPEG")
        pictures.append(stream.getvalue())
    data = np.frombuffer(b"".join(pictures), dtype=np.uint8)
    return {"names": np.array(names), "data": data, "offsets": np.cumsum([0, *map(len, pictures)])}
