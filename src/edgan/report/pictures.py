"""Pictures of a run, as they lie inside the report."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from edgan.models.sheet import to_image
from edgan.report.view import RunView

SIDES = (128, 96, 64)
BUDGET = 3_000_000
MOST = 10
SMALL = 48
GAINS = (16, 8, 4, 2)
SHOWN_SHARE = 0.995


@dataclass(frozen=True)
class Gallery:
    """One run's pictures.

    Attributes:
        headings: of the columns.
        lines: one for each picture: data URIs, a column each.
        gain: by how much the residual's contrast was raised; None where no residual is shown.
        note: why columns are missing, or an empty string.
        width, height: of the pictures as embedded, in pixels.
        pixelated: small pictures are drawn with sharp pixels.
        reduced: they were larger than they are shown.
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
    """A gallery for every run, None for a run without pictures. All share one residual scale and fit the page's size.

    Raises:
        ValueError: a run's rows have different numbers of pictures.
    """
    shown = [_shown(run) for run in runs]
    gain = residual_gain([rows["residual"] for rows, _ in shown if "residual" in rows])
    for side in SIDES:
        made = [_gallery(rows, note, gain, side) if rows else None for rows, note in shown]
        if sum(len(uri) for one in made if one for line in one.lines for uri in line) <= BUDGET:
            break
    return made


def residual_gain(residuals: Sequence[Tensor]) -> int:
    """The factor, a power of two up to 16, that leaves all but 0.5 % of the residuals' values inside [-1, 1]."""
    if not residuals:
        return 1
    values = torch.cat([residual.detach().float().abs().flatten() for residual in residuals])
    large = float(values.kthvalue(max(1, int(SHOWN_SHARE * len(values)))).values)
    return next((gain for gain in GAINS if large * gain <= 1.0), 1)


def _shown(run: RunView) -> tuple[dict[str, Tensor], str]:
    """The rows to show, and why others are left out."""
    rows = {name: images[:MOST].detach().cpu() for name, images in run.rows.items()}
    if len({len(images) for images in rows.values()}) > 1:
        raise ValueError(f"the rows of {run.name!r} hold different numbers of pictures")
    if "residual" in rows and bool(rows["residual"].any()):
        return rows, ""
    kept = {name: images for name, images in rows.items() if name not in ("base", "residual")}
    if "residual" in rows:
        return kept, "Its generator adds exactly nothing so far, so base and output are the same picture."
    if "output" not in rows:
        return kept, ""
    return kept, (
        "One decoder draws the whole picture here: there is no separate residual to show, and what the adversarial "
        "loss changed is mixed into the output."
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
    """(width, height) of a picture reduced to fit a square of that side."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def picture_uri(picture: Tensor, size: tuple[int, int]) -> str:
    """A picture (C, H, W) in [-1, 1] as a data URI of (width, height) pixels."""
    image = to_image(picture)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
