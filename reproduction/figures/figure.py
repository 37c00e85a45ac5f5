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
from edgan.synthetic import attributes_of, colour_labels, render_digits, render_facades, render_faces
from reproduction.figures.rendered_sets import share_of_years

SEED = 77
"""Of the inputs. No model was trained on pictures of this seed."""
MANY = 40
"""Among so many faces are some for each edit."""

Models = Mapping[str, Model]


@dataclass(frozen=True)
class Training:
    """A model that a figure needs and the zoo does not have.

    Attributes:
        name: of the model, and of its run's folder.
        method: of `edgan methods`.
        options: of `edgan.train`: size, steps, batch and preset.
        set, route: settings and cells of the table that differ from the preset's.
        data: the rendered set that it learns: "faces", "aged-faces" (with `Age` and `Male` alone) or "facades".
        gan: the name of the training whose GAN it inverts.
    """

    name: str
    method: str
    options: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    route: Mapping[str, str] = field(default_factory=dict)
    data: str = "faces"
    gan: str | None = None


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
        trainings: further models that it needs, each after the one whose GAN it inverts.
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


def faces_without(attribute: str, count: int, size: int, **also: bool) -> Tensor:
    """The first rendered faces of `faces` that lack an attribute, and have or lack others, (count, 3, size, size)."""
    images, factors = render_faces(MANY, size, seed=SEED)
    wanted = {attribute: False, **also}
    places = [n for n, f in enumerate(factors) if all(bool(attributes_of(f)[k]) == v for k, v in wanted.items())]
    return from_uint8(torch.from_numpy(images[places[:count]]))


def aged_faces(count: int, size: int) -> tuple[Tensor, Tensor]:
    """Rendered faces as `faces`, and their `Age` and `Male`, (count, 2) in [0, 1], as "aged-faces" has them."""
    images, factors = render_faces(count, size, seed=SEED)
    return from_uint8(torch.from_numpy(images)), torch.tensor([[share_of_years(f.age), float(f.male)] for f in factors])


def digits(count: int) -> Tensor:
    """Drawn digits, (count, 1, 28, 28) in [-1, 1]."""
    return from_uint8(torch.from_numpy(render_digits(count, 28, seed=SEED)[0][..., None]))


def facades(count: int, size: int = 128) -> tuple[Tensor, Tensor]:
    """Coloured label maps and rendered facades, each (count, 3, size, size) in [-1, 1]."""
    photos, labels = render_facades(count, size, seed=SEED)
    return from_uint8(torch.from_numpy(colour_labels(labels))), from_uint8(torch.from_numpy(photos))
