"""Paper 1: Pix2Pix (Fig. 10) and CAAE (Fig. 11) at three weights beside their // twins, which have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from edgan.methods.reconstruction.face_labels import YEARS
from edgan.models.model import Model
from reproduction.figures.figure import Figure, Models, Training, aged_faces, arranged, facades
from reproduction.paper1.adaptations import TWIN
from reproduction.paper1.scales import CAAE_FACES, PAIR_SETTINGS

SHOWN = 4
AGE = 60
PAIR_OPTIONS: dict[str, Any] = {"size": 64, "steps": 1000, "batch": 4, "preset": "small"}
FACE_OPTIONS: dict[str, Any] = {**CAAE_FACES["cpu"].training, "steps": 1000}
FACE_SETTINGS = CAAE_FACES["cpu"].set
PAIR_WEIGHTS, FACE_WEIGHTS = (1.0, 100.0, 1000.0), (1e-4, 1e-2, 1.0)


def trainings(one: Training, setting: str, weights: Sequence[float]) -> dict[str, Training]:
    """A training at each weight, and the twin's with weight 1, by the headings of their columns."""
    coupled = {
        f"{weight:g}": replace(one, name=f"{one.method}-{weight:g}", set={**one.set, setting: weight})
        for weight in weights
    }
    twin = replace(one, name=f"{one.method}-twin", method=f"{one.method}{TWIN}", set={**one.set, setting: 1.0})
    return {**coupled, TWIN: twin}


PIX2PIX = trainings(
    Training("", "pix2pix", PAIR_OPTIONS, PAIR_SETTINGS, data="facades"), "reconstruction_weight", PAIR_WEIGHTS
)
CAAE = trainings(
    Training("", "caae", FACE_OPTIONS, FACE_SETTINGS, data="aged-faces"), "adversarial_weight", FACE_WEIGHTS
)


def side_by_side(
    number: int,
    note: str,
    models: Mapping[str, Training],
    inputs: Callable[[], Mapping[str, Tensor]],
    draw: Callable[[Model, Mapping[str, Tensor]], Tensor],
) -> Callable[[Models], Image.Image]:
    """A row for each input: the pictures that it consists of, and what each model makes of it."""

    def drawn(loaded: Models) -> Image.Image:
        given = inputs()
        made = {heading: draw(loaded[one.name], given) for heading, one in models.items()}
        shown = {name: pictures for name, pictures in given.items() if pictures.dim() == 4}
        rows = {str(n + 1): [each[n] for each in (*shown.values(), *made.values())] for n in range(SHOWN)}
        return arranged((1, number), note, [*shown, *made], rows)

    return drawn


def _pairs() -> dict[str, Tensor]:
    sources, photos = facades(SHOWN, PAIR_OPTIONS["size"])
    return {"source": sources, "target": photos}


def _aged() -> dict[str, Tensor]:
    images, traits = aged_faces(SHOWN, FACE_OPTIONS["size"])
    asked = torch.stack([torch.full((SHOWN,), AGE / YEARS), traits[:, 1]], 1)
    return {"input": images, "asked": asked}


def _translated(model: Model, given: Mapping[str, Tensor]) -> Tensor:
    return model.translate(given["source"], seed=0).output


def _redrawn_older(model: Model, given: Mapping[str, Tensor]) -> Tensor:
    return model.redraw({"image": given["input"], "attributes": given["asked"]}).output


FIGURES = (
    Figure(
        1,
        10,
        "Pix2Pix at three weights of the reconstruction loss, and its // twin, which needs none.",
        "Rendered facades, 1,000 steps of 4 pairs at 64 px. At 1 windows dissolve into streaks, at 1,000 they are "
        "smooth, at 100 in between. The twin is worst: after so short a training its residual covers walls and sky "
        "with specks.",
        side_by_side(10, "Weights on L1; the adversarial loss has weight 1.", PIX2PIX, _pairs, _translated),
        trainings=tuple(PIX2PIX.values()),
    ),
    Figure(
        1,
        11,
        "CAAE at three weights of the adversarial loss, and its // twin, which needs none.",
        f"Rendered faces drawn at the age of {AGE}, 1,000 steps of 25 images at 32 px. At .0001 faces are blurred, at "
        ".01 all share one torn head, and at 1 every picture is one plain red. The twin draws what .0001 draws: hair "
        "and background are right, eyes are lost, mouths are red stains, and nobody looks older.",
        side_by_side(11, f"Aged {AGE}. Weights on the adversarial loss.", CAAE, _aged, _redrawn_older),
        trainings=tuple(CAAE.values()),
    ),
)
