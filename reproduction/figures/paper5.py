"""Paper 5: what members of the UU-Net family draw (Fig. 1 shows samples; Fig. 5, of losses, is row 5.5's)."""

from __future__ import annotations

from typing import Any

from PIL import Image

from reproduction.figures.figure import Figure, Models, Training, arranged, facades
from reproduction.paper5.variants import BEST, PLAIN

SHOWN = 4
OPTIONS: dict[str, Any] = {"size": 64, "steps": 500, "batch": 4, "preset": "small"}
TRAININGS = {
    name: Training(f"uu-net-{name}", "uu-net", OPTIONS, {"variant": name, "ema": 0.99}, data="facades")
    for name in (*PLAIN, "uuvae-gan", BEST)
}


def family(models: Models) -> Image.Image:
    """Source, what each variant draws, target."""
    sources, photos = facades(SHOWN, OPTIONS["size"])
    made = [models[one.name].translate(sources, seed=0).output for one in TRAININGS.values()]
    rows = {str(n + 1): [sources[n], *(image[n] for image in made), photos[n]] for n in range(SHOWN)}
    return arranged((5, 1), "Rendered facades, held out.", ["source", *TRAININGS, "target"], rows)


FIGURES = (
    Figure(
        5,
        1,
        "Samples: paintings in a master's style from a novice's sketches.",
        "Facades from label maps, by members of the family; 500 steps of 4 rendered pairs at 64 px. Windows are in "
        "place and blurred in all. v1 and v2 have streaks, the UUVAE-GANs are cleaner; none has bricks.",
        family,
        trainings=tuple(TRAININGS.values()),
    ),
)
