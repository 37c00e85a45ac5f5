"""`sample`: new images from the prior of a trained model's latent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor

from edgan.api.destinations import make_folder, out_folder
from edgan.api.showing import (
    MOST_COLUMNS,
    Shows,
    first_of,
    model_note,
    run_name,
    shows,
    swinging,
    write_animations,
    write_sheet,
)
from edgan.api.writing import Writer, Written, save_picture
from edgan.console import progress_bar, teller
from edgan.errors import UsageError
from edgan.models.chunks import CHUNK
from edgan.models.contact_sheet import Row, most_rows
from edgan.models.frames import MOST_PICTURES, grid_frame
from edgan.models.latents import between_latents, closed_walk, draw_conditions, draw_latents
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.pixels import enlarged, from_pixels, to_image, to_uint8
from edgan.models.sheet import sheet as plain_sheet

WALK_MILLISECONDS = 60
"""How long a walk shows each image: it has no ends to rest at."""


def sample(
    run: str | Path,
    out: str | Path,
    *,
    count: int = 16,
    seed: int = 0,
    interpolate: int = 0,
    walk: int = 0,
    sheet: str | Path | None = None,
    enlarge: int = 1,
    gif: str | Path | None = None,
    webp: str | Path | None = None,
    mp4: str | Path | None = None,
    checkpoint: str | int = "best",
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    quiet: bool = False,
) -> Written:
    """Draw new images from the latent's prior, as OUT/000000.png and on.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        out: a folder, made where it is missing.
        count: how many.
        seed: equal seeds give equal images.
        interpolate: instead, draw this many images on the path from each sample to another one, both ends included:
            OUT/interpolation.png, a row for each of `count` paths.
        walk: instead, draw this many images from each of `count` samples to the next one, and from the last back to the
            first: a walk through the latents that ends where it began, as OUT/000000.png and on.
        sheet: a .png or .jpg file: a contact sheet of the samples, of the paths, or of the walk.
        enlarge: write each pixel as a square of this many pixels a side. A sheet or an animation enlarges small
            pictures anyway.
        gif, webp, mp4: a file: the paths (at most 36, forth and back) or the walk as an animation. MP4 needs the
            command ffmpeg.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: the model cannot sample, or a number of images is out of range.
        EdganError: nothing could be written.
    """
    _check(count, interpolate, walk)
    wanted = shows(sheet=sheet, enlarge=enlarge, gif=gif, webp=webp, mp4=mp4)
    if wanted.animations and not (interpolate or walk):
        form = next(iter(wanted.animations))
        raise UsageError("needs a walk or an interpolation to show.", parameter=form)
    model = load(run, device, checkpoint)
    model.check_can("sample")
    title, note = run_name(run), f"{model_note(model)} Seed {seed}."
    if interpolate:
        paths = _paths(model, count, seed, interpolate)
        path = make_folder(out_folder(out)) / "interpolation.png"
        wanted.refuse_taken([path])
        written = [save_picture(plain_sheet(paths, enlarge), path)]
        return Written(path.parent, written, [], _show_paths(wanted, title, note, paths, teller(quiet)))
    total, target = count * (walk or 1), out_folder(out)
    files = [target / f"{number:06d}.png" for number in range(total)]
    wanted.refuse_taken(files)
    kept = total if walk and wanted.files else most_rows(1) if wanted.files else 0
    pictures: list[Image.Image] = []
    with progress_bar("sampling", progress, quiet) as show, Writer(overlap=model.device.type != "cpu") as writer:
        done = 0
        for images in _samples(model, count, seed, walk):
            pixels = to_uint8(images).numpy()
            writer.add(files[done : done + len(images)], enlarged(pixels, enlarge))
            pictures += [from_pixels(picture) for picture in pixels[: max(0, kept - done)]]
            done += len(images)
            show(done, total)
    shown = _show_walk if walk else _show_samples
    return Written(target, writer.files, [], shown(wanted, title, note, pictures, count, teller(quiet)))


def _check(count: int, interpolate: int, walk: int) -> None:
    """Refuse numbers of images that are out of range."""
    if count < 1:
        raise UsageError(f"must be at least 1 (got {count}).", parameter="count")
    if interpolate < 0 or interpolate == 1:
        raise UsageError(f"must be 0 or at least 2, both ends included (got {interpolate}).", parameter="interpolate")
    if walk < 0 or walk == 1:
        raise UsageError(f"must be 0 or at least 2 (got {walk}).", parameter="walk")
    if walk and interpolate:
        raise UsageError("cannot be combined with an interpolation: ask for one of them.", parameter="walk")
    if walk and count == 1:
        raise UsageError("must be at least 2 for a walk (got 1): it goes from sample to sample.", parameter="count")


def _samples(model: Model, count: int, seed: int, walk: int) -> Iterator[Tensor]:
    """`model.sample(count, seed)`, or the walk through these samples, in chunks (n, C, size, size).

    The latents are drawn at once, since a generator of random numbers asked twice for half as many gives others. They
    are small: a hundredth of a picture each. On a walk a conditional model keeps the conditions of the first sample.
    """
    latent = model.method.latent
    assert latent is not None
    z = draw_latents(latent, count, seed)
    conditions: Mapping[str, Tensor] = draw_conditions(model.method, model.shape, count, seed)
    if walk:
        z = closed_walk(latent, z, walk)
        conditions = {name: value[:1].expand(len(z), *value.shape[1:]) for name, value in conditions.items()}
    for start in range(0, len(z), CHUNK):
        chosen = slice(start, start + CHUNK)
        yield model.decode(z[chosen], **{name: value[chosen] for name, value in conditions.items()})


def _paths(model: Model, count: int, seed: int, steps: int) -> list[Tensor]:
    """Images (steps, C, size, size) on each of `count` paths between two samples."""
    latent = model.method.latent
    assert latent is not None
    first, last = draw_latents(latent, 2 * count, seed).chunk(2)
    z = between_latents(latent, first, last, steps)
    conditions = draw_conditions(model.method, model.shape, count, seed)
    fields = {name: value.repeat_interleave(steps, 0) for name, value in conditions.items()}
    images = model.decode(z.flatten(0, 1), **fields)
    return list(images.view(count, steps, model.channels, model.size, model.size))


def _show_samples(
    wanted: Shows, run: str, note: str, pictures: Sequence[Image.Image], count: int, tell: Callable[[str], None]
) -> list[Path]:
    """A sheet of samples, each with its number."""
    if wanted.sheet is None:
        return []
    rows = [Row(str(number), (picture,)) for number, picture in enumerate(pictures)]
    which = first_of(len(rows), count, "sample", "sheet", tell)
    return [write_sheet(wanted, f"Samples of {run}", f"{note} Shown: {which}.", [""], rows)]


def _show_walk(
    wanted: Shows, run: str, note: str, pictures: Sequence[Image.Image], count: int, tell: Callable[[str], None]
) -> list[Path]:
    """A sheet with a row from each sample to the next, and the whole walk as an animation."""
    files, steps = list[Path](), len(pictures) // count
    if wanted.sheet is not None:
        legs = [Row(f"{leg}", tuple(pictures[leg * steps : (leg + 1) * steps])) for leg in range(count)]
        columns = [f"{100 * step / steps:.0f} %" for step in range(steps)]
        rows = legs[: most_rows(min(steps, MOST_COLUMNS))]
        which = first_of(len(rows), count, "path", "sheet", tell)
        note += f" Rows: {which}, each from a sample to the next one."
        files.append(write_sheet(wanted, f"A walk through {run}", note, columns, rows))
    frames = [grid_frame([picture], enlarge=wanted.enlarge) for picture in pictures] if wanted.animations else []
    return files + write_animations(wanted, frames, [WALK_MILLISECONDS] * len(frames))


def _show_paths(wanted: Shows, run: str, note: str, paths: Sequence[Tensor], tell: Callable[[str], None]) -> list[Path]:
    """A sheet with a row for each path, and an animation of all paths at once."""
    files, steps = list[Path](), len(paths[0])
    rows = [Row(str(number), tuple(map(to_image, path))) for number, path in enumerate(paths)]
    if wanted.sheet is not None:
        some = rows[: most_rows(min(steps, MOST_COLUMNS))]
        note += f" Rows: {first_of(len(some), len(rows), 'path', 'sheet', tell)}, each from one sample to another."
        columns = [f"{100 * step / (steps - 1):.0f} %" for step in range(steps)]
        files.append(write_sheet(wanted, f"Interpolations of {run}", note, columns, some))
    if wanted.animations:
        some = rows[:MOST_PICTURES]
        first_of(len(some), len(rows), "path", "animation", tell)
        frames = [grid_frame([row.pictures[step] for row in some], "", wanted.enlarge) for step in range(steps)]
        files += write_animations(wanted, *swinging(frames))
    return files
