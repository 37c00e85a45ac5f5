"""`sample`: new images from the prior of a trained model's latent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from torch import Tensor

from edgan.api.destinations import make_folder, out_folder
from edgan.api.writing import Writer, Written, save_picture
from edgan.console import progress_bar
from edgan.errors import UsageError
from edgan.models.chunks import CHUNK
from edgan.models.latents import between_latents, draw_conditions, draw_latents
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.pixels import to_uint8
from edgan.models.sheet import sheet


def sample(
    run: str | Path,
    out: str | Path,
    *,
    count: int = 16,
    seed: int = 0,
    interpolate: int = 0,
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
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: the model cannot sample, or a number of images is out of range.
        EdganError: nothing could be written.
    """
    if count < 1:
        raise UsageError(f"must be at least 1 (got {count}).", parameter="count")
    if interpolate < 0 or interpolate == 1:
        raise UsageError(f"must be 0 or at least 2, both ends included (got {interpolate}).", parameter="interpolate")
    model = load(run, device, checkpoint)
    model.check_can("sample")
    if interpolate:
        path = make_folder(out_folder(out)) / "interpolation.png"
        return Written(path.parent, [save_picture(sheet(_paths(model, count, seed, interpolate)), path)], [])
    target = out_folder(out)
    with progress_bar("sampling", progress, quiet) as show, Writer(overlap=model.device.type != "cpu") as writer:
        done = 0
        for images in _samples(model, count, seed):
            names = [f"{number:06d}.png" for number in range(done, done + len(images))]
            writer.add([target / name for name in names], to_uint8(images).numpy())
            done += len(images)
            show(done, count)
    return Written(target, writer.files, [])


def _samples(model: Model, count: int, seed: int) -> Iterator[Tensor]:
    """`model.sample(count, seed)` in chunks (n, C, size, size).

    The latents are drawn at once, since a generator of random numbers asked twice for half as many gives others. They
    are small: a hundredth of a picture each.
    """
    latent = model.method.latent
    assert latent is not None
    z = draw_latents(latent, count, seed)
    conditions = draw_conditions(model.method, model.shape, count, seed)
    for start in range(0, count, CHUNK):
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
