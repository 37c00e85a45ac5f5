"""Draws the sheets of docs/synthetic.md: python docs/synthetic_sheets.py [FOLDER]."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from edgan.synthetic import colour_labels, render_digits, render_facades, render_face, render_faces, sample_face

SIZE = 64
EDITS = (
    {"eyeglasses": True},
    {"smile": 1.0},
    {"age": 0.95},
    {"hair_colour": "blond"},
    {"bangs": True},
    {"beard": "full"},
    {"yaw": 25.0},
    {"light": 60.0},
    {"male": False},
)
PLAIN = {
    "eyeglasses": False,
    "smile": 0.15,
    "age": 0.2,
    "bangs": False,
    "yaw": -8.0,
    "light": -40.0,
    "male": True,
    "hair_length": 0.12,
    "wave": 0.3,
    "skin_tone": 0.3,
}


def save(rows: list[np.ndarray], path: Path) -> None:
    """Write rows of pictures (N, H, W, 3) or (N, H, W) as one image, twice enlarged."""
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    Image.fromarray(sheet).resize((sheet.shape[1] * 2, sheet.shape[0] * 2), Image.Resampling.NEAREST).save(
        path, optimize=True
    )


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    faces, _ = render_faces(20, SIZE, seed=11)
    plain = replace(sample_face(7, 21), **PLAIN, beard="none", hair_colour="brown")
    edits = np.stack([render_face(f, SIZE) for f in (plain, *(replace(plain, **edit) for edit in EDITS))])
    save([*np.split(faces, 2), edits], folder / "synthetic-faces.png")
    photos, labels = render_facades(10, SIZE, seed=1)
    others, _ = render_facades(10, SIZE, seed=1, material_seed=99)
    save([colour_labels(labels), photos, others], folder / "synthetic-facades.png")
    digits, _ = render_digits(20, 28, seed=1)
    save(np.split(digits, 2), folder / "synthetic-digits.png")


if __name__ == "__main__":
    main()
