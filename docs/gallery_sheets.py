"""Draws the pictures of README.md and docs/gallery.md from the zoo's models: python docs/gallery_sheets.py [FOLDER].

All inputs are rendered pictures that no model was trained on: faces of seed 77 and facades of seed 78.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import edgan
from edgan.data import from_uint8
from edgan.models.latents import draw_styles
from edgan.models.sheet import sheet
from edgan.synthetic import colour_labels, render_facades, render_faces

FACES_SEED, FACADES_SEED = 77, 78
STRIP_FACES = (3, 18)
STRIP_EDITS = (
    {"Eyeglasses": 1.5},
    {"Eyeglasses": 3.0},
    {"Blond_Hair": 0.75},
    {"Blond_Hair": 1.5},
    {"Black_Hair": 1.5},
    {"Bangs": 2.0},
)
GALLERY_EDITS = (
    {"Eyeglasses": 3.0},
    {"Blond_Hair": 1.5},
    {"Black_Hair": 1.5},
    {"Bangs": 2.0},
    {"Male": 2.0},
    {"Male": -1.0},
    {"Smiling": 3.0},
)
SHOWN, VARIANTS = 8, 4


def faces(count: int) -> Tensor:
    """(count, 3, 64, 64) in [-1, 1]."""
    return from_uint8(torch.from_numpy(render_faces(count, 64, seed=FACES_SEED)[0]))


def facades(count: int) -> tuple[Tensor, Tensor]:
    """Coloured label maps and photographs, each (count, 3, 128, 128) in [-1, 1]."""
    photos, labels = render_facades(count, 128, seed=FACADES_SEED)
    return from_uint8(torch.from_numpy(colour_labels(labels))), from_uint8(torch.from_numpy(photos))


def strip() -> Image.Image:
    """Two faces under sliders, then two label maps with their translations."""
    editor = edgan.load("zoo:faces", "cpu")
    inputs = faces(max(STRIP_FACES) + 1)[list(STRIP_FACES)]
    columns = [inputs, editor.reconstruct(inputs).output, *(editor.edit(inputs, edit) for edit in STRIP_EDITS)]
    upper = sheet([torch.stack(row) for row in zip(*columns, strict=True)], 2)
    maps, photos = facades(2)
    # Eight columns of 64 px doubled are as wide as eight of 128 px.
    rows = [torch.cat([maps[i : i + 1], *variants(maps[i : i + 1], 6), photos[i : i + 1]]) for i in range(2)]
    return stacked([upper, sheet(rows, 1)])


def variants(maps: Tensor, count: int) -> list[Tensor]:
    """Translations of label maps in styles drawn from the prior."""
    translator = edgan.load("zoo:facades", "cpu")
    assert translator.method.latent is not None
    styles = draw_styles(translator.method.latent, range(count), seed=1)
    return [translator.translate(maps, seed=place, style=style[None]).output for place, style in enumerate(styles)]


def stacked(images: list[Image.Image]) -> Image.Image:
    """One picture under the other, as wide as the first."""
    same = [image.resize((images[0].width, round(image.height * images[0].width / image.width))) for image in images]
    return Image.fromarray(np.concatenate([np.array(image.convert("RGB")) for image in same]))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    save(strip(), folder / "strip.png")
    editor, inputs = edgan.load("zoo:faces", "cpu"), faces(SHOWN)
    edited = [editor.edit(inputs, edit) for edit in GALLERY_EDITS]
    save(sheet([inputs, editor.reconstruct(inputs).output, *edited], 2), folder / "gallery-cdnet.png")
    maps, photos = facades(SHOWN)
    save(sheet([maps, *variants(maps, VARIANTS), photos], 1), folder / "gallery-grit.png")


def save(image: Image.Image, path: Path) -> None:
    """As a PNG of 256 colours, a third of the size."""
    image.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)


if __name__ == "__main__":
    main()
