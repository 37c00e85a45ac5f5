"""Verbs on files: every image of a file, folder or .zip, in name order; outputs keep the stem."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from edgan.api.pipeline import Writing, decoded
from edgan.api.saving import make_folder, refuse_overwriting, save_images, save_pixels
from edgan.data import from_uint8, images_in, sources_in
from edgan.data.decode import load_image
from edgan.data.inputs import Loader
from edgan.errors import EdganError, UsageError, near_miss
from edgan.models.chunks import chunk_of
from edgan.models.inference import noise_of
from edgan.models.latents import between_latents, draw_conditions, draw_latents
from edgan.models.loading import load
from edgan.models.model import Model, Reconstruction
from edgan.models.sheet import sheet, to_uint8
from edgan.models.tiles import translate_in_tiles
from edgan.storage.durable import write_bytes_atomic
from edgan.storage.run_folder import RunFolder

CHUNKS_IN_HAND = 4
"""Read, drawn and written in turn: enough to keep all cores busy, few enough to stay in memory that is at hand."""
PICTURES = ("base", "residual", "output")
Draw = Callable[[Tensor, Sequence[int]], Reconstruction]
"""Images (N, C, H, W) and their positions in the folder to pictures."""


@dataclass(frozen=True)
class Written:
    """What a verb did.

    Attributes:
        out: the folder.
        files: the files written, in order.
        failed: (file's stem, reason) for each input that could not be used.
    """

    out: Path
    files: list[Path]
    failed: list[tuple[str, str]]


def reconstruct(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    what: str = "output",
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Written:
    """Reconstruct images with a trained model.

    Args:
        run: the run's folder.
        input: an image, a folder or a .zip; each image is cropped to its central square and resized to the model's
            size.
        out: a folder, made where it is missing.
        what: "output", "base" or "residual" as OUT/STEM.png, or "all": OUT/base/STEM.png and so on. The residual is
            on a signed scale: mid-grey is nothing added.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total).

    Raises:
        UsageError: an unknown `what`, a model that cannot reconstruct, or an output that would replace an input.
        EdganError: nothing could be read or written.
    """
    model = load(run, device)
    draws: dict[str, Draw] = {"": lambda images, _: model.reconstruct(images)}
    return _draw(model, images_in(input), input, out, what, draws, progress)


def translate(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    variants: int = 1,
    style: str | Path | None = None,
    tiles: bool = False,
    what: str = "output",
    seed: int = 0,
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Written:
    """Translate source pictures with a model that was trained on pairs.

    Args:
        run: the run's folder.
        input: a source picture, or a folder or .zip of them; or pairs (A/ and B/, images/ and labels/, pictures that
            are all twice as wide as high), of which the source side is taken. Each is cropped to its central square
            and resized to the model's size.
        out: a folder, made where it is missing.
        variants: how many pictures to draw of each source, as OUT/STEM-1.png and on; one is OUT/STEM.png.
        style: a picture whose style the translations take, for methods that have one.
        tiles: draw each picture whole and at its own size, in overlapping tiles of the model's size, uncut and
            unresized.
        what: "output", "base", "residual" or "all", as `reconstruct` writes them.
        seed: of the noise. Each picture has its own, by its place in the folder; equal seeds give equal pictures.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total).
        warn: called with a sentence where pairs were recognised.

    Raises:
        UsageError: a model that cannot translate, variants of a model without noise, an unknown `what`, or an output
            that would replace an input.
        EdganError: nothing could be read or written.
    """
    if variants < 1:
        raise UsageError(f"--variants says how many pictures to draw of each source; {variants} is none.")
    model = load(run, device)
    if variants > 1 and not model.draws_noise:
        raise UsageError(
            f"This {model.method.name} draws one picture of each source: it has no noise to vary. Leave --variants out."
        )
    maps = bool(RunFolder.open(run).read_run()["data"].get("source_maps"))
    found, layout = sources_in(input, maps=maps, classes=model.shape.source_classes)
    if layout is not None:
        warn(f"{input} holds pairs ({layout}); the source of each is translated.")
    suffixes = [f"-{number}" for number in range(1, variants + 1)] if variants > 1 else [""]
    taken = None if style is None else _style(model, style)
    one = _tiled if tiles else _translated
    draws: dict[str, Draw] = {
        suffix: partial(one, model, seed + number, taken) for number, suffix in enumerate(suffixes)
    }
    return _draw(model, found, input, out, what, draws, progress, model.shape.source_channels, whole=tiles)


def _translated(
    model: Model, seed: int, style: Tensor | None, images: Tensor, positions: Sequence[int]
) -> Reconstruction:
    """Sources at these positions of a folder, each with its own noise."""
    noise = noise_of(model.method, seed, positions, model.size, (model.size, model.size))
    return model.translate(images, seed, style, noise)


def _tiled(model: Model, seed: int, style: Tensor | None, image: Tensor, positions: Sequence[int]) -> Reconstruction:
    """One source at its own size."""
    return translate_in_tiles(model, image, seed, style, positions[0])


def _style(model: Model, picture: str | Path) -> Tensor:
    """The style of a picture, (1, Z)."""
    if not model.has_style:
        raise UsageError(f"This {model.method.name} has no style to take from a picture. Leave --style out.")
    pixels = load_image(picture, model.size, model.channels)
    return model.encode(from_uint8(torch.from_numpy(pixels)[None]))


def _draw(
    model: Model,
    found: Sequence[tuple[str, Loader]],
    input: str | Path,
    out: str | Path,
    what: str,
    draws: Mapping[str, Draw],
    progress: Callable[[int, int], None],
    channels: int | None = None,
    whole: bool = False,
) -> Written:
    """Read the pictures in chunks, draw each once or several times, and write what is asked for."""
    choices = (*PICTURES, "all")
    if what not in choices:
        raise UsageError(f"There is no picture {what!r} to write. {near_miss(what, choices)}")
    target = Path(out)
    folders = {name: target / name for name in PICTURES} if what == "all" else {what: target}
    names = [f"{stem}{suffix}.png" for stem, _ in found for suffix in draws]
    refuse_overwriting(input, [folder / name for folder in folders.values() for name in names])
    size, count = (0, 1) if whole else (model.size, CHUNKS_IN_HAND * chunk_of(model.size**2, model.device))
    failed: list[tuple[str, str]] = []
    beside = model.device.type != "cpu"
    with Writing(save_pixels, beside=beside) as writing:
        for start, read in decoded(found, size, channels or model.channels, count, ahead=beside):
            failed += read.failed
            images = from_uint8(torch.from_numpy(read.pixels))
            for suffix, draw in draws.items() if read.stems else ():
                made = draw(images, read.positions)
                for name, folder in folders.items():
                    pixels = to_uint8(getattr(made, name)).numpy()
                    writing.add(pixels, [stem + suffix for stem in read.stems], make_folder(folder))
            progress(min(start + count, len(found)), len(found))
    if not writing.files:
        raise EdganError(f"None of the {len(found)} images in {input} could be used: {failed[0][1]}")
    return Written(target, writing.files, failed)


def sample(
    run: str | Path, out: str | Path, *, count: int = 16, seed: int = 0, interpolate: int = 0, device: str = "auto"
) -> Written:
    """Draw new images from the latent's prior, as OUT/000000.png and on.

    Args:
        run: the run's folder.
        out: a folder, made where it is missing.
        count: how many.
        seed: equal seeds give equal images.
        interpolate: instead, draw so many images on the way from each sample to another one: OUT/interpolation.png, a
            row for each of `count` ways, ends included.
        device: "auto", "cpu", "cuda", ...

    Raises:
        UsageError: the model cannot sample, or a number of images is not positive.
        EdganError: nothing could be written.
    """
    if count < 1:
        raise UsageError(f"--count says how many images to draw; {count} is none.")
    if interpolate < 0 or interpolate == 1:
        raise UsageError(
            f"--interpolate says how many images a way has, both ends among them; {interpolate} is too few."
        )
    model = load(run, device)
    ends = model.sample(count, seed)
    target = make_folder(out)
    if not interpolate:
        return Written(target, save_images(ends, [f"{i:06d}" for i in range(count)], target), [])
    latent = model.method.latent
    assert latent is not None
    first, last = draw_latents(latent, 2 * count, seed).chunk(2)
    z = between_latents(latent, first, last, interpolate)
    told = draw_conditions(model.method, model.shape, count, seed)
    fields = {name: value.repeat_interleave(interpolate, 0) for name, value in told.items()}
    rows = model.decode(z.flatten(0, 1), **fields).view(count, interpolate, model.channels, model.size, model.size)
    page, path = io.BytesIO(), target / "interpolation.png"
    sheet(list(rows)).save(page, "png")
    write_bytes_atomic(path, page.getvalue())
    return Written(target, [path], [])
