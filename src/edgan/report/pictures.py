"""Pictures of a run, embedded in the report."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from edgan.models.pixels import to_image
from edgan.report.view import RunView

SIDES = (128, 96, 64)
BUDGET = 3_000_000
MOST = 10
SMALL = 48
GAINS = (16, 8, 4, 2)
SHOWN_SHARE = 0.995


@dataclass(frozen=True)
class Gallery:
    """The pictures of a run.

    Attributes:
        headings: of the columns.
        lines: data URIs, a line for each picture and a column for each kind.
        gain: the factor on the residual's contrast; None where no residual is shown.
        note: why columns are missing, or "".
        width, height: of the embedded pictures, in pixels.
        pixelated: whether to draw sharp pixels, for small pictures.
        reduced: whether the pictures were shrunk.
    """

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    gain: int | None
    note: str
    width: int
    height: int
    pixelated: bool
    reduced: bool


def galleries(runs: Sequence[RunView]) -> list[Gallery | None]:
    """A gallery for every run, None for a run without pictures. Residuals share a scale; all fit the size budget.

    Raises:
        ValueError: a run's rows have different numbers of pictures.
    """
    shown = [_shown(run) for run in runs]
    gain = residual_gain([rows["residual"] for rows, _ in shown if "residual" in rows])
    for side in SIDES:
        made = [_gallery(rows, note, gain, side) if rows else None for rows, note in shown]
        if sum(len(uri) for gallery in made if gallery for line in gallery.lines for uri in line) <= BUDGET:
            break
    return made


def residual_gain(residuals: Sequence[Tensor]) -> int:
    """The largest power of two up to 16 that keeps 99.5 % of the residuals' values inside [-1, 1]."""
    if not residuals:
        return 1
    values = torch.cat([residual.detach().float().abs().flatten() for residual in residuals])
    large = float(values.kthvalue(max(1, int(SHOWN_SHARE * len(values)))).values)
    return next((gain for gain in GAINS if large * gain <= 1.0), 1)


def _shown(run: RunView) -> tuple[dict[str, Tensor], str]:
    """The rows to show, and why others are missing."""
    rows = {name: images[:MOST].detach().cpu() for name, images in run.rows.items()}
    if len({len(images) for images in rows.values()}) > 1:
        raise ValueError(f"The rows of {run.name!r} must hold equal numbers of pictures.")
    if "residual" in rows and bool(rows["residual"].any()):
        return rows, ""
    kept = {name: images for name, images in rows.items() if name not in ("base", "residual")}
    if "residual" in rows:
        return kept, "The generator's residual is exactly 0 so far, so base and output are identical."
    if "output" not in rows:
        return kept, ""
    return kept, (
        "This model has a single decoder and no separate residual: what the adversarial loss changes is part of the "
        "output."
    )


def _gallery(rows: Mapping[str, Tensor], note: str, gain: int, side: int) -> Gallery:
    height, width = next(iter(rows.values())).shape[-2:]
    size = shown_size(height, width, side)
    columns = [
        [picture_uri(picture * gain if name == "residual" else picture, size) for picture in images]
        for name, images in rows.items()
    ]
    return Gallery(
        headings=tuple(rows),
        lines=tuple(zip(*columns, strict=True)),
        gain=gain if "residual" in rows else None,
        note=note,
        width=size[0],
        height=size[1],
        pixelated=max(height, width) < SMALL,
        reduced=size != (width, height),
    )


def shown_size(height: int, width: int, side: int = SIDES[0]) -> tuple[int, int]:
    """(width, height) of a picture shrunk to fit a square of that side."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def picture_uri(picture: Tensor, size: tuple[int, int]) -> str:
    """A picture (C, H, W) in [-1, 1] as a PNG data URI of (width, height) pixels."""
    image = to_image(picture)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
