"""What a figure is: its models and how they are arranged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from edgan.data import from_uint8
from edgan.models.contact_sheet import Row, contact_sheet
from edgan.models.model import Model
from edgan.models.pixels import to_images
from edgan.synthetic import colour_labels, render_digits, render_facades, render_faces

SEED = 77
"""Of the inputs. No model was trained on pictures of this seed."""

Models = Mapping[str, Model]


@dataclass(frozen=True)
class Training:
    """A model that a figure needs and the zoo does not have.

    Attributes:
        name: of the model, and of its run's folder.
        method: of `edgan methods`.
        options: of `edgan.train`: size, steps, batch and preset.
        set, route: settings and cells of the table that differ from the preset's.
    """

    name: str
    method: str
    options: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    route: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A figure of a paper.

    Attributes:
        paper: 1 to 5.
        number: of the figure in the paper.
        shows: what the paper's figure shows.
        ours: what is different in ours, and what one sees.
        draw: the picture, from models by name.
        zoo: names of the zoo's models that it needs.
        trainings: further models that it needs, trained on rendered faces.
    """

    paper: int
    number: int
    shows: str
    ours: str
    draw: Callable[[Models], Image.Image]
    zoo: tuple[str, ...] = ()
    trainings: tuple[Training, ...] = ()

    @property
    def name(self) -> str:
        """Of its file, without suffix."""
        return f"paper-{self.paper}-figure-{self.number}"

    @property
    def title(self) -> str:
        """Of its sheet and of its section."""
        return f"Paper {self.paper}, Fig. {self.number}"


def arranged(
    figure: tuple[int, int], note: str, columns: Sequence[str], rows: Mapping[str, Sequence[Tensor]]
) -> Image.Image:
    """Pictures under headings.

    Args:
        figure: its paper and number.
        note: what rows and columns are.
        columns: K headings.
        rows: by label, K pictures (C, H, W) in [-1, 1].
    """
    lines = [Row(label, tuple(to_images(torch.stack(list(pictures))))) for label, pictures in rows.items()]
    return contact_sheet(f"Paper {figure[0]}, Fig. {figure[1]}, with edgan", note, columns, lines)


def faces(count: int, size: int) -> Tensor:
    """Rendered faces, (count, 3, size, size) in [-1, 1]."""
    return from_uint8(torch.from_numpy(render_faces(count, size, seed=SEED)[0]))


def digits(count: int) -> Tensor:
    """Drawn digits, (count, 1, 28, 28) in [-1, 1]."""
    return from_uint8(torch.from_numpy(render_digits(count, 28, seed=SEED)[0][..., None]))


def facades(count: int) -> tuple[Tensor, Tensor]:
    """Coloured label maps and rendered facades, each (count, 3, 128, 128) in [-1, 1]."""
    photos, labels = render_facades(count, 128, seed=SEED)
    return from_uint8(torch.from_numpy(colour_labels(labels))), from_uint8(torch.from_numpy(photos))
