"""Paper 1: the weight on the adversarial loss (Figs. 1, 7 and 8), and the boost from adversarial learning (Fig. 4).

Pix2Pix and CAAE at three weights beside their // twins (Figs. 10 and 11) are in `twins.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image

from reproduction.figures.figure import Figure, Models, Training, arranged, faces
from reproduction.paper1.scales import FACES, WEIGHTS

SHOWN = 4
OPTIONS: dict[str, Any] = {**FACES["cpu"].training}
ROWS = {"ED//GAN": "ed-slash-gan", "ED+GAN": "ed-plus-gan"}


def trained(method: str, norm: str, weight: float) -> Training:
    """A model of the study of the weight, as rows 1.2 and 1.3 train it, on rendered faces."""
    settings: dict[str, Any] = {**FACES["cpu"].set, "network.norm": norm}
    route: dict[str, str] = {}
    if method == "ed-plus-gan":
        settings["adversarial_weight"] = weight
    else:
        route["adversarial.generator"] = f"{weight:g}"
    return Training(f"{method}-{norm}-{weight:g}", method, OPTIONS, settings, route)


def weights_figure(number: int, norm: str, shows: str, ours: str, rows: dict[str, str]) -> Figure:
    """Outputs at the four weights; a row of each method for each of four faces."""
    trainings = tuple(trained(method, norm, weight) for method in rows.values() for weight in WEIGHTS)
    return Figure(1, number, shows, ours, _at_weights(number, norm, rows), trainings=trainings)


def _at_weights(number: int, norm: str, rows: dict[str, str]) -> Callable[[Models], Image.Image]:
    def draw(models: Models) -> Image.Image:
        inputs = faces(SHOWN, OPTIONS["size"])
        lines = {}
        for label, method in rows.items():
            outputs = [models[f"{method}-{norm}-{weight:g}"].reconstruct(inputs).output for weight in WEIGHTS]
            for place in range(SHOWN):
                name = label if len(rows) == 1 else f"{label} {place + 1}"
                lines[f"{name} {place + 1}" if len(rows) == 1 else name] = [inputs[place], *(o[place] for o in outputs)]
        columns = ["input", *(f"{weight:g}" for weight in WEIGHTS)]
        return arranged((1, number), "Outputs at four weights on the adversarial loss.", columns, lines)

    return draw


def boost(models: Models) -> Image.Image:
    """Fig. 4: triples of reconstruction, residual and output."""
    inputs = faces(2 * SHOWN, 64)
    drawn = models["zoo:ed-faces"].reconstruct(inputs)
    assert drawn.base is not None
    assert drawn.residual is not None
    triples = [[drawn.base[place], drawn.residual[place], drawn.output[place]] for place in range(2 * SHOWN)]
    rows = {str(place + 1): [*triples[place], *triples[place + SHOWN]] for place in range(SHOWN)}
    return arranged((1, 4), "Rendered faces, held out.", ["reconstruction", "residual", "output"] * 2, rows)


FIGURES = (
    weights_figure(
        1,
        "batch",
        "What the coupled ED+GAN gives at weights .001, .01, .1 and 1 on the adversarial loss.",
        "Four rendered faces, 1,500 steps of 25 images at 32 px. At .001 faces are blurred, at .1 they are grainy, and "
        "at 1 the model draws one picture for all.",
        {"ED+GAN": "ed-plus-gan"},
    ),
    Figure(
        1,
        4,
        "Triples of reconstruction, residual and output of ED//GAN, on faces, birds and flowers.",
        "Eight rendered faces by `zoo:ed-faces`. The residual sharpens eyes, hair and the outline.",
        boost,
        zoo=("ed-faces",),
    ),
    weights_figure(
        7,
        "batch",
        "ED//GAN above ED+GAN at the four weights, with batch norm.",
        "Four rendered faces each, 1,500 steps of 25 images at 32 px. ED//GAN draws much the same at all weights, "
        "ED+GAN anything from blur to one constant picture. What the paper does not show: after so short a training "
        "ED//GAN's residual is streaks across the face.",
        ROWS,
    ),
    weights_figure(
        8,
        "none",
        "ED//GAN above ED+GAN at the four weights, without batch norm.",
        "As Fig. 7. ED//GAN keeps face, hair and background at all weights, under grit; ED+GAN loses them from .1 on.",
        ROWS,
    ),
)
