"""`edit` on files: attributes by intensity, and sweeps as labelled strips."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from edgan.api.folder_pipeline import Chunk, Drawn, process_folder
from edgan.api.model_input import photos_for
from edgan.api.shard import parse_shard
from edgan.api.showing import Gallery, Shows, model_note, run_name, shows
from edgan.api.writing import Written
from edgan.console import progress_bar, teller
from edgan.errors import UsageError
from edgan.models.chunks import CHUNK
from edgan.models.device import resolve_device
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.pixels import enlarged, to_uint8
from edgan.models.sheet import strip
from edgan.training import distributed

SWEEP_FORM = "NAME=LO:HI:N"
MAX_PICTURES = 100


@dataclass(frozen=True)
class Sweep:
    """Equally spaced intensities of one attribute, both ends included."""

    name: str
    values: tuple[float, ...]


def edit(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    set: Mapping[str, float | str] | None = None,
    sweep: str | None = None,
    sheet: str | Path | None = None,
    enlarge: int = 1,
    gif: str | Path | None = None,
    webp: str | Path | None = None,
    mp4: str | Path | None = None,
    shard: str | None = None,
    skip_existing: bool = False,
    checkpoint: str | int = "best",
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    warn: Callable[[str], None] | None = None,
    quiet: bool = False,
) -> Written:
    """Edit images with a trained model.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        input: an image, a folder or a .zip; each image is cropped as the run's images were and resized to the
            model's size.
        out: a folder, made where it is missing; OUT/STEM.png is the edited picture, or with a sweep one labelled strip:
            input, reconstruction, and the picture at each intensity.
        set: {"Eyeglasses": 3.5, "Smiling": 0}: any intensities; for classes {"7": 1}.
        sweep: "NAME=LO:HI:N": N intensities from LO to HI of one attribute, while those in `set` stay fixed.
        sheet: a .png or .jpg file: a contact sheet with a row for each input: input, reconstruction, and the edited
            picture or the picture at each intensity. At most 64 rows.
        enlarge: write each pixel as a square of this many pixels a side. Sheets, strips and animations enlarge small
            pictures anyway.
        gif, webp, mp4: a file: the sweep as an animation of at most 36 inputs, forth and back. MP4 needs the command
            ffmpeg.
        shard: "I/N", such as "2/8": only every N-th picture in name order, from the I-th on. N processes with "1/N" to
            "N/N" write together what one writes alone. torchrun's processes share the pictures in the same way.
        skip_existing: leave out inputs whose pictures are in `out` already, so that a stopped call goes on.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        warn: called with a sentence for each intensity outside the method's stated range, where the photos are unlike
            the run's, or where a sheet or an animation leaves inputs out. Without it these go to stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: a model that cannot edit, an unknown name, a wrong number, or an output that would replace an input.
        EdganError: nothing could be read or written.
    """
    held = {name: _number(name, value) for name, value in (set or {}).items()}
    swept = None if sweep is None else parse_sweep(sweep)
    wanted, tell = shows(input, sheet=sheet, enlarge=enlarge, gif=gif, webp=webp, mp4=mp4), warn or teller(quiet)
    part = parse_shard(shard)
    if swept is None and wanted.animations:
        raise UsageError("needs a sweep to show.", parameter=next(iter(wanted.animations)))
    with distributed.joined(resolve_device(device)) as world:
        model = load(run, str(world.device), checkpoint)
        _check(model, held, swept, tell)
        folder = photos_for(model, run, input, part, world)

        gallery = _gallery(model, wanted, run, held, swept, tell)

        def draw(chunk: Chunk) -> Drawn:
            names, images = [f"{stem}.png" for stem in chunk.stems], chunk.images
            if swept is None:
                edited = model.edit(images, held)
                if gallery.takes:
                    gallery.add(chunk.stems, [*_unedited(model, images), edited])
                yield names, enlarged(to_uint8(edited).numpy(), enlarge)
            else:
                columns = [*_unedited(model, images), *_swept(model, images, held, swept)]
                gallery.add(chunk.stems, columns)
                yield names, sweep_strips(columns, _headings(model, swept), _title(held, swept), enlarge)

        with progress_bar("editing", progress, quiet) as show:
            written = process_folder(
                folder,
                out,
                lambda stem: [f"{stem}.png"],
                draw,
                count=CHUNK,
                overlap=model.device.type != "cpu",
                progress=show,
                gallery=gallery,
                skip_existing=skip_existing,
            )
    written.say(tell)
    return written


def sweep_strips(columns: Sequence[Tensor], labels: Sequence[str], title: str, enlarge: int = 1) -> list[Image.Image]:
    """A labelled strip for each image.

    Args:
        columns: K, each (N, C, H, W) in [-1, 1].
        labels: K texts.
        title: of each strip.
        enlarge: side of a pixel of the pictures in pixels of a strip, at least.
    """
    return [strip(torch.stack(row), labels, title, enlarge) for row in zip(*columns, strict=True)]


def _swept(model: Model, images: Tensor, held: Mapping[str, float], sweep: Sweep) -> list[Tensor]:
    """The images at each intensity."""
    return [model.edit(images, {**held, sweep.name: value}) for value in sweep.values]


def _reconstructs(model: Model) -> bool:
    """Whether the model makes a reconstruction of the image alone, to be shown beside the edits."""
    return model.can("reconstruct") and model.method.fields == ("image",)


def _unedited(model: Model, images: Tensor) -> list[Tensor]:
    """What stands left of the edits: the input and its reconstruction."""
    return [images, *([model.reconstruct(images).output] if _reconstructs(model) else [])]


def _headings(model: Model, sweep: Sweep | None) -> list[str]:
    """Of the input, the reconstruction and the edits."""
    before = ["input", *(["reconstructed"] if _reconstructs(model) else [])]
    return [*before, *(["edited"] if sweep is None else map("{:g}".format, sweep.values))]


def _title(held: Mapping[str, float], sweep: Sweep | None) -> str:
    """The swept attribute and the fixed intensities: "Smiling  Male=1"."""
    return "  ".join([*([] if sweep is None else [sweep.name]), *(f"{name}={value:g}" for name, value in held.items())])


def _gallery(
    model: Model,
    wanted: Shows,
    run: str | Path,
    held: Mapping[str, float],
    sweep: Sweep | None,
    tell: Callable[[str], None],
) -> Gallery:
    """A sheet of the input, the reconstruction and the edits; an animation of the edits alone."""
    headings, title, note = _headings(model, sweep), f"{_title(held, sweep)} by {run_name(run)}", model_note(model)
    if sweep is None:
        return Gallery(wanted, title, note, headings, tell=tell)
    note += f" Columns: {sweep.name} from {sweep.values[0]:g} to {sweep.values[-1]:g}."
    captions = ["  ".join([f"{sweep.name}={value:g}", *_title(held, None).split("  ")]) for value in sweep.values]
    return Gallery(wanted, title, note, headings, captions, tell)


def parse_sweep(text: str) -> Sweep:
    """Read "NAME=LO:HI:N".

    Raises:
        UsageError: it is not of that form, or N is not from 2 to 100.
    """
    name, _, numbers = text.rpartition("=")
    try:
        low, high, count = numbers.split(":")
        first, last, pictures = float(low), float(high), int(count)
    except ValueError:
        first = last = math.nan
    if not (name.strip() and math.isfinite(first) and math.isfinite(last)):
        raise UsageError(f"must be {SWEEP_FORM}, such as Eyeglasses=-2:5:8 (got {text!r}).", parameter="sweep")
    if not 2 <= pictures <= MAX_PICTURES:
        raise UsageError(f"must have 2 to {MAX_PICTURES} pictures (got {pictures}).", parameter="sweep")
    return Sweep(name.strip(), tuple(first + (last - first) * i / (pictures - 1) for i in range(pictures)))


def _check(model: Model, held: Mapping[str, float], sweep: Sweep | None, warn: Callable[[str], None]) -> None:
    """Refuse wrong values before anything is read, and warn of unusual ones."""
    model.check_can("edit")
    assert model.controls is not None
    ends: Sequence[float] = () if sweep is None else (sweep.values[0], sweep.values[-1])
    if sweep is not None and sweep.name in held:
        raise UsageError(f"cannot vary {sweep.name}, which is also set to a fixed value.", parameter="sweep")
    for changes in [{**held, sweep.name: end} for end in ends] if sweep is not None else [held]:
        model.controls.checked(changes)
        if model.needs_all(("image",)):
            model.controls.all_given(changes)
    notes = model.controls.notes(held) if held else []
    notes += [note for end in ends if sweep is not None for note in model.controls.notes({sweep.name: end})]
    for note in notes:
        warn(f"{note}.")


def _number(name: str, value: float | str) -> float:
    try:
        return float(value)
    except ValueError:
        hint = " Give each attribute separately." if "=" in str(value) else ""
        raise UsageError(
            f"must give a number for {name}, such as 3.5 (got {value!r}).{hint}", parameter="set"
        ) from None
