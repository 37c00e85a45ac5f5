"""`data check`: what a data set holds, what is wrong with it, and whether it looks like a run's training pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from edgan.api.photo_notes import LOOKED_AT, PhotoNotes
from edgan.data import Report, check_folder
from edgan.data.samples import sample_pictures
from edgan.models.loading import load


def check_data(
    path: str | Path,
    attributes: Sequence[str] | None = None,
    *,
    layout: str | None = None,
    direction: str = "BtoA",
    run: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Decode every image of a folder or .zip and report on the set. Nothing is written.

    Args:
        path: the folder or .zip.
        attributes: names of the attributes that a training would use; None: all.
        layout: the layout's name, in case it would be recognised wrongly; None: recognised.
        direction: which side of a pair is the source, as `open_dataset` takes it.
        run: a run's folder or "zoo:NAME". Up to 64 of the images are compared with its training pictures, and the
            warnings say when they look unlike them.
        progress: called with (images done, images in all).

    Raises:
        UsageError: an attribute or the layout is not known.
        EdganError: there is nothing to report on: no such path, no image that can be decoded, or wrong metadata; or
            `run` is not a run.
    """
    model = None if run is None else load(run, "cpu")
    report = check_folder(path, attributes, layout=layout, direction=direction, progress=progress)
    if run is None or model is None:
        return report
    sources = model.can("translate")
    samples = sample_pictures(
        path,
        LOOKED_AT,
        size=model.size,
        channels=3 if sources else model.channels,
        crop=model.crop,
        sources=sources,
        layout=layout,
        direction=direction,
    )
    notes = PhotoNotes(model, run, sampled=len(samples.pixels) < samples.total)
    notes.look(samples.pixels)
    notes.crops.pictures, notes.crops.squares = len(samples.pixels), samples.squares
    if notes.trouble is not None:
        report.warnings.append(f"{notes.trouble} Whether these images look like them is not known.")
    report.warnings.extend(notes.sentences())
    return report
