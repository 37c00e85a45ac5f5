"""`translate`: the source side of pairs through a trained translator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from edgan.api.folder_pipeline import Folder
from edgan.api.photo_notes import PhotoNotes
from edgan.api.pictures import Redraw, write_pictures
from edgan.api.shard import parse_shard
from edgan.api.showing import run_name, shows
from edgan.api.writing import Written
from edgan.console import progress_bar, teller
from edgan.data import from_uint8, sources_in
from edgan.data.decode import load_image
from edgan.errors import UsageError
from edgan.models.device import resolve_device
from edgan.models.inference import noise_of
from edgan.models.latents import draw_styles
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.reconstruction import Reconstruction
from edgan.models.stored_run import stored_configuration
from edgan.models.tiles import translate_in_tiles
from edgan.storage.run_folder import RunFolder
from edgan.training import distributed

RANDOM = "random"
"""The style that stands for a drawn one."""


def translate(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    variants: int = 1,
    style: str | Path | None = None,
    tiles: bool = False,
    layout: str | None = None,
    what: str = "output",
    seed: int = 0,
    sheet: str | Path | None = None,
    enlarge: int = 1,
    shard: str | None = None,
    skip_existing: bool = False,
    checkpoint: str | int = "best",
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    warn: Callable[[str], None] | None = None,
    quiet: bool = False,
) -> Written:
    """Translate source pictures with a model that was trained on pairs.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        input: a source picture, or a folder or .zip of them; or pairs (A/ and B/, images/ and labels/, or, for a run
            that was trained on pairs side by side, pictures that are all twice as wide as high), of which the source
            side is taken. Each is cropped as the run's images were and resized to the model's size.
        out: a folder, made where it is missing.
        variants: pictures to draw of each source, as OUT/STEM-1.png and on; a single one is OUT/STEM.png. They differ
            in their noise and, where the method has styles and `style` is None, in style.
        style: a picture whose style the translations take, for methods that have one; "random": each picture and each
            variant has a style of its own, drawn by `seed`. None: "random" for several variants, and the mean of all
            styles for a single one.
        tiles: draw each picture whole and at its own size, in overlapping tiles of the model's size, without cropping
            or resizing it.
        layout: "images": every picture of `input` is a source; "side-by-side", "a-b" or "images-labels": they are such
            pairs. None: recognised.
        what: "output", "base", "residual" or "all", as `reconstruct` writes them.
        seed: of the noise. Each picture has its own, by its place in the folder; equal seeds give equal pictures.
        sheet: a .png or .jpg file: a contact sheet with a row for each source: source and variants,
            or source, base, residual, output. At most 64 rows.
        enlarge: write each pixel as a square of this many pixels a side. A sheet enlarges small pictures anyway.
        shard: "I/N", such as "2/8": only every N-th picture in name order, from the I-th on. N processes with "1/N" to
            "N/N" write together what one writes alone. torchrun's processes share the pictures in the same way.
        skip_existing: leave out inputs whose pictures are in `out` already, so that a stopped call goes on.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        warn: called with a sentence where pairs were recognised, the sources look unlike the run's or a sheet leaves
            inputs out, which else goes to stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: a model that cannot translate, variants of a model without noise, an unknown `what`, or an output
            that would replace an input.
        EdganError: nothing could be read or written.
    """
    if variants < 1:
        raise UsageError(f"must be at least 1 (got {variants}).", parameter="variants")
    wanted, tell = shows(input, sheet=sheet, enlarge=enlarge), warn or teller(quiet)
    part = parse_shard(shard)
    with distributed.joined(resolve_device(device)) as world:
        model = load(run, str(world.device), checkpoint)
        model.check_can("translate")
        random = _draws_styles(model, style, variants)
        folder = RunFolder.open(run)
        stored = folder.read_run()
        pictures, pairs = sources_in(
            input,
            maps=bool(stored["data"].get("source_maps")),
            classes=model.shape.source_classes,
            layout=layout,
            halves=stored["data"].get("kind") == "side-by-side",
            direction=stored_configuration(stored, folder).pairs.direction,
            crop=model.crop,
            tell=tell,
        )
        if pairs is not None:
            which = "the source of each is translated. With layout images, each is a source."
            tell(f"{input} holds pairs ({pairs}); {which}")
        suffixes = [f"-{number}" for number in range(1, variants + 1)] if variants > 1 else [""]
        latent = RANDOM if random else None if style is None else _style(model, style)
        redraw = _in_tiles if tiles else _whole
        redraws: dict[str, Redraw] = {
            suffix: partial(redraw, model, seed + number, latent) for number, suffix in enumerate(suffixes)
        }
        notes = None if tiles or model.shape.source_classes else PhotoNotes(model, run)
        size = 0 if tiles else model.size
        inputs = Folder(input, pictures, size, model.shape.source_channels, notes).shard(part, world)
        with progress_bar("translating", progress, quiet) as show:
            title = f"Translations by {run_name(run)}"
            written = write_pictures(model, inputs, out, what, redraws, show, wanted, title, tell, skip_existing)
    written.say(tell)
    return written


def _draws_styles(model: Model, style: str | Path | None, variants: int) -> bool:
    """Whether each picture and each variant has a drawn style.

    Raises:
        UsageError: a style for a method without styles, or variants of a model with nothing to vary.
    """
    random = str(style) == RANDOM and not Path(RANDOM).exists()
    random = random or (style is None and variants > 1 and model.has_style)
    if style is not None and not model.has_style:
        raise UsageError(f"cannot be given: {model.method.name} takes no style from a picture.", parameter="style")
    if variants > 1 and not model.draws_noise and not random:
        raise UsageError(
            f"must be 1 for {model.method.name} (got {variants}): it has no noise to vary.", parameter="variants"
        )
    return random


def _whole(
    model: Model, seed: int, style: Tensor | str | None, images: Tensor, positions: Sequence[int]
) -> Reconstruction:
    """Sources at these positions of a folder, each with its own noise."""
    noise = noise_of(model.method, seed, positions, model.size, (model.size, model.size))
    return model.translate(images, seed, _of_positions(model, style, positions, seed), noise)


def _in_tiles(
    model: Model, seed: int, style: Tensor | str | None, image: Tensor, positions: Sequence[int]
) -> Reconstruction:
    """One source at its own size."""
    return translate_in_tiles(model, image, seed, _of_positions(model, style, positions[:1], seed), positions[0])


def _of_positions(model: Model, style: Tensor | str | None, positions: Sequence[int], seed: int) -> Tensor | None:
    """The styles of the pictures at these positions: drawn ones, or the same one for all."""
    if isinstance(style, str):
        assert model.method.latent is not None
        return draw_styles(model.method.latent, positions, seed)
    return style


def _style(model: Model, picture: str | Path) -> Tensor:
    """The style of a picture, (1, Z)."""
    pixels = load_image(picture, model.size, model.channels, model.crop)
    return model.encode(from_uint8(torch.from_numpy(pixels.copy())[None]))
