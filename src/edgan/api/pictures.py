"""The pictures that `reconstruct` and `translate` write: the output, the base, the residual, or all three.

A contact sheet shows all of them whatever is written, beside the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from torch import Tensor

from edgan.api.folder_pipeline import Chunk, Drawn, Folder, process_folder
from edgan.api.showing import Gallery, Shows, model_note
from edgan.api.writing import Written
from edgan.data.classes import paint
from edgan.errors import UsageError, near_miss
from edgan.models.chunks import chunk_of
from edgan.models.model import Model
from edgan.models.pixels import enlarged, to_uint8
from edgan.models.reconstruction import Reconstruction

CHUNKS_IN_HAND = 4
"""Network chunks that are read together: enough to keep all cores busy, few enough to stay in memory."""
PICTURES = ("base", "residual", "output")
HEADINGS = {"residual": "residual (grey: 0)"}
Redraw = Callable[[Tensor, Sequence[int]], Reconstruction]
"""Images (n, C, H, W) and their positions in the folder to pictures."""


def write_pictures(
    model: Model,
    folder: Folder,
    out: str | Path,
    what: str,
    redraws: Mapping[str, Redraw],
    progress: Callable[[int, int], None],
    wanted: Shows,
    title: str,
    tell: Callable[[str], None],
    skip_existing: bool = False,
) -> Written:
    """Draw each picture of a folder once or several times, and write what is asked for.

    Args:
        model: says where and in what chunks to compute.
        folder: what to read; a size of 0 means pictures of their own sizes, taken one at a time.
        out: the folder to write to.
        what: "output", "base" or "residual" as OUT/STEM.png, or "all" as OUT/base/STEM.png and so on.
        redraws: by what follows the stem in the file's name: "" for STEM.png, "-1" for STEM-1.png.
        progress: called with (done, total).
        wanted: a contact sheet, and how far pictures are enlarged.
        title: of the sheet.
        tell: called with a sentence where the sheet leaves inputs out.
        skip_existing: leave out pictures whose files are there.

    Raises:
        UsageError: an unknown `what`, or an output that would replace an input.
        EdganError: nothing could be read or written.
    """
    choices = (*PICTURES, "all")
    if what not in choices:
        raise UsageError(f"cannot be {what!r}. {near_miss(what, choices)}", parameter="what")
    prefixes = {name: f"{name}/" for name in PICTURES} if what == "all" else {what: ""}

    parts = PICTURES if "residual" in model.method.plan.tap else ("output",)
    columns = _sheet_columns(model, parts, redraws)
    gallery = Gallery(wanted, title, model_note(model), columns, tell=tell)

    def draw(chunk: Chunk) -> Drawn:
        images, shown = chunk.images, list[Tensor]()
        for suffix, redraw in redraws.items():
            drawn = redraw(images, chunk.positions)
            shown += [getattr(drawn, part) for part in (parts if len(redraws) == 1 else ("output",))]
            for name, prefix in prefixes.items():
                names = [f"{prefix}{stem}{suffix}.png" for stem in chunk.stems]
                yield names, enlarged(to_uint8(getattr(drawn, name)).numpy(), wanted.enlarge)
        if gallery.takes:
            gallery.add(chunk.stems, [paint(images), *shown])

    def outputs(stem: str) -> list[str]:
        return [f"{prefix}{stem}{suffix}.png" for prefix in prefixes.values() for suffix in redraws]

    count = CHUNKS_IN_HAND * chunk_of(folder.size**2, model.device) if folder.size else 1
    return process_folder(
        folder,
        out,
        outputs,
        draw,
        count=count,
        overlap=model.device.type != "cpu",
        progress=progress,
        gallery=gallery,
        skip_existing=skip_existing,
    )


def _sheet_columns(model: Model, parts: Sequence[str], redraws: Mapping[str, Redraw]) -> list[str]:
    """The headings of a contact sheet: the input, then the parts of the picture, or the variants."""
    first = "source" if model.can("translate") else "input"
    if len(redraws) == 1:
        return [first, *(HEADINGS.get(part, part) for part in parts)]
    return [first, *(f"variant {suffix.lstrip('-')}" for suffix in redraws)]
