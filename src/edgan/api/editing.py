"""`edit` on files: attributes by intensity, and sweeps as labelled strips."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from edgan.api.files import Written
from edgan.api.pipeline import decoded
from edgan.api.saving import make_folder, refuse_overwriting, save_images, save_picture
from edgan.data import from_uint8, images_in
from edgan.errors import EdganError, UsageError
from edgan.models.chunks import CHUNK
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.sheet import strip

SWEEP_FORM = "--sweep NAME=LO:HI:N"
MOST = 100


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
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Written:
    """Edit images with a trained model.

    Args:
        run: the run's folder.
        input: an image, a folder or a .zip; each image is cropped to its central square and resized to the model's
            size.
        out: a folder, made where it is missing; OUT/STEM.png is the edited picture, or with a sweep one labelled strip:
            input, reconstruction, and the picture at each intensity.
        set: {"Eyeglasses": 3.5, "Smiling": 0}: any real intensities; for classes {"7": 1}.
        sweep: "NAME=LO:HI:N": N intensities from LO to HI of one attribute, with what `set` says held.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total).
        warn: called with a sentence for each intensity outside the method's stated range.

    Raises:
        UsageError: a model that cannot edit, a name or a number that cannot be, or an output that would replace an
            input.
        EdganError: nothing could be read or written.
    """
    model = load(run, device)
    held = {name: _number(name, value) for name, value in (set or {}).items()}
    swept = None if sweep is None else parse_sweep(sweep)
    _check(model, held, swept, warn)
    found = images_in(input)
    target = Path(out)
    refuse_overwriting(input, [target / f"{stem}.png" for stem, _ in found])
    files: list[Path] = []
    failed: list[tuple[str, str]] = []
    for start, read in decoded(found, model.size, model.channels, CHUNK, ahead=model.device.type != "cpu"):
        failed += read.failed
        images = from_uint8(torch.from_numpy(read.pixels))
        if read.stems and swept is None:
            files += save_images(model.edit(images, held), read.stems, make_folder(target))
        elif read.stems and swept is not None:
            strips = zip(sweep_strips(model, images, held, swept), read.stems, strict=True)
            files += [save_picture(drawn, stem, make_folder(target)) for drawn, stem in strips]
        progress(min(start + CHUNK, len(found)), len(found))
    if not files:
        raise EdganError(f"None of the {len(found)} images in {input} could be used: {failed[0][1]}")
    return Written(target, files, failed)


def sweep_strips(model: Model, images: Tensor, held: Mapping[str, float], sweep: Sweep) -> list[Image.Image]:
    """A labelled strip for each image: input, reconstruction, and the picture at each intensity."""
    columns: list[Tensor] = [images]
    labels = ["input"]
    if model.can("reconstruct") and model.method.fields == ("image",):
        columns.append(model.reconstruct(images).output)
        labels.append("reconstructed")
    for value in sweep.values:
        columns.append(model.edit(images, {**held, sweep.name: value}))
        labels.append(f"{value:g}")
    rest = "  ".join(f"{name}={value:g}" for name, value in held.items())
    title = f"{sweep.name}  {rest}".strip()
    return [strip(torch.stack([column[i] for column in columns]), labels, title) for i in range(len(images))]


def parse_sweep(text: str) -> Sweep:
    """Read "NAME=LO:HI:N".

    Raises:
        UsageError: it is not of that form, or N is not from 2 to 100.
    """
    name, _, numbers = text.rpartition("=")
    parts = numbers.split(":")
    try:
        low, high, count = float(parts[0]), float(parts[1]), int(parts[2])
        well = len(parts) == 3 and bool(name.strip()) and math.isfinite(low) and math.isfinite(high)
    except (ValueError, IndexError):
        well = False
    if not well:
        raise UsageError(f"--sweep {text!r} cannot be read: write {SWEEP_FORM}, as in --sweep Eyeglasses=-2:5:8.")
    if not 2 <= count <= MOST:
        raise UsageError(f"A sweep has 2 to {MOST} pictures, not {count}.")
    return Sweep(name.strip(), tuple(low + (high - low) * i / (count - 1) for i in range(count)))


def _check(model: Model, held: Mapping[str, float], sweep: Sweep | None, warn: Callable[[str], None]) -> None:
    """Refuse what cannot be before anything is read; note what is unusual."""
    model.check_can("edit")
    assert model.controls is not None
    ends: Sequence[float] = () if sweep is None else (sweep.values[0], sweep.values[-1])
    if sweep is not None and sweep.name in held:
        raise UsageError(f"{sweep.name} is to be held by --set and moved by --sweep: leave one of them out.")
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
        several = " Each attribute has a --set of its own." if "=" in str(value) else ""
        raise UsageError(f"The intensity of {name} is a number, such as 3.5, and not {value!r}.{several}") from None
