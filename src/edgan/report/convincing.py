"""A model's most and least convincing pictures, by the discriminators' held-out outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from edgan.metrics import Ranking
from edgan.report.pictures import SMALL, picture_uri, shown_size

SHOWN = 6


@dataclass(frozen=True)
class ConvincingPicture:
    """A picture: its data URI, the discriminators' mean held-out output on it, and its file's name or ""."""

    uri: str
    output: str
    file: str


@dataclass(frozen=True)
class Convincing:
    """A model's most convincing pictures, best first, and least convincing, worst first. Sizes: as shown, in pixels."""

    most: tuple[ConvincingPicture, ...]
    least: tuple[ConvincingPicture, ...]
    width: int
    height: int
    pixelated: bool


def convincing(ranking: Ranking, name: str, pictures: np.ndarray) -> Convincing:
    """Choose a model's pictures by the discriminators' mean output on each where it was held out.

    Args:
        ranking: has the outputs.
        name: of the model.
        pictures: all pictures of the model, (N, H, W, C) uint8, in the order of the outputs.
    """
    outputs = ranking.outputs[name]
    tested = [place for place, output in enumerate(outputs) if output is not None]
    order = sorted(tested, key=lambda place: -(outputs[place] or 0.0))
    count = min(SHOWN, max(1, len(order) // 2))
    files = ranking.files.get(name, ())

    def show(place: int) -> ConvincingPicture:
        picture = torch.from_numpy(np.array(pictures[place])).permute(2, 0, 1).float() / 127.5 - 1
        return ConvincingPicture(picture_uri(picture, size), f"{outputs[place]:.2f}", files[place] if files else "")

    height, width = pictures.shape[1:3]
    size = shown_size(height, width)
    return Convincing(
        most=tuple(map(show, order[:count])),
        least=tuple(map(show, order[: -count - 1 : -1])),
        width=size[0],
        height=size[1],
        pixelated=max(height, width) < SMALL,
    )
