"""Paper 4: a picture as base and residual (Fig. 1), four objectives (Fig. 3), and variants of one input (Fig. 4)."""

from __future__ import annotations

from typing import Any

from PIL import Image

from edgan.models.latents import draw_styles
from reproduction.figures.figure import Figure, Models, Training, arranged, facades
from reproduction.paper4.objectives import OBJECTIVES

SHOWN, VARIANTS = 4, 5
OPTIONS: dict[str, Any] = {"size": 64, "steps": 500, "batch": 4, "preset": "small"}
TRAININGS = {
    name: Training(f"grit-{objective}", "grit", OPTIONS, {"objective": objective, "ema": 0.99}, data="facades")
    for name, objective in OBJECTIVES.items()
}


def parts(models: Models) -> Image.Image:
    """Fig. 1: source, base, residual, their sum."""
    sources, photos = facades(SHOWN)
    drawn = models["zoo:facades"].translate(sources, seed=0)
    assert drawn.base is not None
    assert drawn.residual is not None
    rows = {
        str(place + 1): [sources[place], drawn.base[place], drawn.residual[place], drawn.output[place], photos[place]]
        for place in range(SHOWN)
    }
    columns = ["source", "reconstruction", "GAN residual", "output", "target"]
    return arranged((4, 1), "Rendered facades, held out.", columns, rows)


def objectives(models: Models) -> Image.Image:
    """Fig. 3: source, what the same networks draw after training with each objective, target."""
    sources, photos = facades(SHOWN, OPTIONS["size"])
    made = [models[one.name].translate(sources, seed=0).output for one in TRAININGS.values()]
    rows = {str(n + 1): [sources[n], *(image[n] for image in made), photos[n]] for n in range(SHOWN)}
    return arranged((4, 3), "Rendered facades, held out.", ["source", *TRAININGS, "target"], rows)


def variants(models: Models) -> Image.Image:
    """Fig. 4: one source, several outputs."""
    sources, _ = facades(SHOWN)
    model = models["zoo:facades"]
    assert model.method.latent is not None
    styles = draw_styles(model.method.latent, range(VARIANTS), seed=1)
    made = [model.translate(sources, seed=place, style=style[None]).output for place, style in enumerate(styles)]
    rows = {str(place + 1): [sources[place], *(image[place] for image in made)] for place in range(SHOWN)}
    columns = ["source", *(f"variant {number + 1}" for number in range(VARIANTS))]
    return arranged((4, 4), "Rendered facades, held out. Style and noise are drawn for each variant.", columns, rows)


FIGURES = (
    Figure(
        4,
        1,
        "An image as the sum of its reconstruction and of a GAN residual.",
        "`zoo:facades` on label maps of rendered facades.",
        parts,
        zoo=("facades",),
    ),
    Figure(
        4,
        3,
        "What an L1 loss, a perceptual loss, and a perceptual and adversarial loss draw.",
        "Rendered facades, 500 steps of 4 pairs at 64 px; GRIT beside them. L1 and the perceptual loss, here of D's "
        "own features, leave smooth, faint windows. With the GAN they have contrast; GRIT has more of it, and breaks "
        "some of them up. None has the target's bricks.",
        objectives,
        trainings=tuple(TRAININGS.values()),
    ),
    Figure(
        4,
        4,
        "Several outputs for one input, which differ in local detail.",
        "`zoo:facades`. Ours differ in colour and light too, since a style is drawn as well as noise.",
        variants,
        zoo=("facades",),
    ),
)
