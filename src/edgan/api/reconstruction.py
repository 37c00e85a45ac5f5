"""`reconstruct`: images through a trained model's encoder and decoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edgan.api.model_input import photos_for
from edgan.api.pictures import Redraw, write_pictures
from edgan.api.shard import parse_shard
from edgan.api.showing import run_name, shows
from edgan.api.writing import Written
from edgan.console import progress_bar, teller
from edgan.models.device import resolve_device
from edgan.models.loading import load
from edgan.training import distributed


def reconstruct(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    what: str = "output",
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
    """Reconstruct images with a trained model.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        input: an image, a folder or a .zip; each image is cropped as the run's images were and resized to the
            model's size.
        out: a folder, made where it is missing.
        what: "output", "base" or "residual" as OUT/STEM.png, or "all": OUT/base/STEM.png and so on. The residual is
            on a signed scale: mid-grey is a residual of 0.
        sheet: a .png or .jpg file: a contact sheet with a row for each input: input, base, residual, output.
            At most 64 rows.
        enlarge: write each pixel as a square of this many pixels a side. A sheet enlarges small pictures anyway.
        shard: "I/N", such as "2/8": only every N-th picture in name order, from the I-th on. N processes with "1/N" to
            "N/N" write together what one writes alone. torchrun's processes share the pictures in the same way.
        skip_existing: leave out inputs whose pictures are in `out` already, so that a stopped call goes on.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        warn: called with a sentence where the photos are unlike the run's or a sheet leaves inputs out, which else
            goes to stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: an unknown `what`, a model that cannot reconstruct, or an output that would replace an input.
        EdganError: nothing could be read or written.
    """
    wanted, part = shows(input, sheet=sheet, enlarge=enlarge), parse_shard(shard)
    with distributed.joined(resolve_device(device)) as world:
        model = load(run, str(world.device), checkpoint)
        model.check_can("reconstruct")
        folder, tell = photos_for(model, run, input, part, world), warn or teller(quiet)
        with progress_bar("reconstructing", progress, quiet) as show:
            redraws: dict[str, Redraw] = {"": lambda images, _: model.reconstruct(images)}
            title = f"Reconstructions by {run_name(run)}"
            written = write_pictures(model, folder, out, what, redraws, show, wanted, title, tell, skip_existing)
    written.say(tell)
    return written
