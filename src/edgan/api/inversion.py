"""`invert`: the latents from which a trained model draws given images."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from edgan.api.destinations import out_folder
from edgan.api.folder_pipeline import Chunk, Drawn, process_folder
from edgan.api.model_input import photos_for
from edgan.api.shard import parse_shard
from edgan.api.showing import Gallery, model_note, run_name, shows
from edgan.api.writing import RowWriter, Written
from edgan.console import progress_bar, teller
from edgan.errors import EdganError, UsageError
from edgan.inversion.fitting import at_bound, bound_warning
from edgan.models.chunks import CHUNK
from edgan.models.inverting import bounded_prior, checked_way, invert_images
from edgan.models.loading import load
from edgan.models.pixels import enlarged, to_uint8

LATENTS = "latents"


@dataclass(frozen=True)
class Inverted(Written):
    """What `invert` wrote.

    Attributes:
        how: the way that was taken.
        psnr, ssim: of the redrawn images, clipped, against the inputs; PSNR in dB.
        seconds: for the inversion alone, without reading and writing.
    """

    how: str = ""
    psnr: float = 0.0
    ssim: float = 0.0
    seconds: float = 0.0


def invert(
    run: str | Path,
    input: str | Path,
    out: str | Path,
    *,
    how: str | None = None,
    steps: int = 200,
    sheet: str | Path | None = None,
    enlarge: int = 1,
    shard: str | None = None,
    checkpoint: str | int = "best",
    device: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    warn: Callable[[str], None] | None = None,
    quiet: bool = False,
) -> Inverted:
    """Find the latents of images, and redraw the images from them.

    Args:
        run: the folder of an inversion run (connection, encoder), of a VAE or ALI, or of a GAN (optimise only).
        input: an image, a folder or a .zip; each image is cropped as the run's images were and resized to the
            model's size.
        out: a folder: latents.npy, (N, Z) float32 in name order, and each redrawn image as OUT/STEM.png. With `shard`
            "2/8" the latents are in latents-2-of-8.npy, which appears when the shard is done.
        how: "connection" or "encoder": one forward pass; "hybrid" or "optimise": its result as the start of L-BFGS on
            pixels and D's features. None is the run's own network.
        steps: of L-BFGS, at most, for each image.
        sheet: a .png or .jpg file: a contact sheet with a row for each input: input, redrawn.
            At most 64 rows.
        enlarge: write each pixel as a square of this many pixels a side. A sheet enlarges small pictures anyway.
        shard: "I/N", such as "2/8": only every N-th picture in name order, from the I-th on. N processes with "1/N" to
            "N/N" write together what one writes alone.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total), in place of a bar on stderr.
        warn: called with a sentence where latents lie at the bound of the prior, the photos are unlike the run's or a
            sheet leaves inputs out, which else goes to stderr.
        quiet: show nothing on stderr.

    Raises:
        UsageError: the run cannot be inverted this way, or an output would replace an input.
        EdganError: nothing could be read or written, or latents are not finite.
    """
    if steps < 1:
        raise UsageError(f"must be at least 1 (got {steps}).", parameter="steps")
    wanted, tell = shows(input, sheet=sheet, enlarge=enlarge), warn or teller(quiet)
    part = parse_shard(shard)
    model = load(run, device, checkpoint)
    how = checked_way(model, how)
    folder = photos_for(model, run, input, part)
    from edgan.metrics import PSNR, SSIM  # torchmetrics takes a second to import

    psnr, ssim, seconds, inverted, bound = PSNR(), SSIM(), 0.0, 0, 0
    note = f"{model_note(model)} Latents by {how}."
    gallery = Gallery(wanted, f"Inversion by {run_name(run)}", note, ["input", "redrawn"], tell=tell)

    def draw(chunk: Chunk) -> Drawn:
        nonlocal seconds, inverted, bound
        images, begun = chunk.images, time.perf_counter()
        result = invert_images(model, images, how, steps=steps)
        seconds += time.perf_counter() - begun
        if not torch.isfinite(result.latents).all():
            raise EdganError(f"{run} finds latents that are not finite. Start a new run with a lower optimiser.lr.")
        inverted += len(result.latents)
        bound += int(at_bound(result.latents).sum()) if bounded_prior(model) else 0
        shown = result.images.clamp(-1, 1)
        psnr.update(shown, images)
        ssim.update(shown, images)
        latents.add(result.latents.numpy())
        if gallery.takes:
            gallery.add(chunk.stems, [images, result.images])
        yield [f"{stem}.png" for stem in chunk.stems], enlarged(to_uint8(result.images).numpy(), enlarge)

    name = f"{LATENTS}{part.suffix}.npy"
    with progress_bar("inverting", progress, quiet) as show, RowWriter(out_folder(out) / name) as latents:
        written = process_folder(
            folder,
            out,
            lambda stem: [f"{stem}.png"],
            draw,
            count=CHUNK,
            overlap=model.device.type != "cpu",
            progress=show,
            gallery=gallery,
            also=[name],
        )
    written.say(tell)
    if bound:
        tell(bound_warning(bound, inverted))
    return Inverted(
        written.out,
        [latents.path, *written.files],
        written.failed,
        written.shown,
        written.notes,
        how=how,
        psnr=float(psnr.compute()),
        ssim=float(ssim.compute()),
        seconds=seconds,
    )
