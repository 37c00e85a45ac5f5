"""`invert`: the latents from which a trained model draws given images."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from edgan.api.destinations import out_folder
from edgan.api.folder_pipeline import Chunk, Drawn, process_folder
from edgan.api.model_input import photos_for
from edgan.api.shard import parse_shard
from edgan.api.showing import Gallery, model_note, run_name, shows
from edgan.api.writing import RowWriter, Written
from edgan.console import progress_bar, teller
from edgan.errors import EdganError, UsageError
from edgan.inversion.custom_generator import Inversion
from edgan.inversion.fitting import at_bound, bound_warning
from edgan.metrics.pairs.psnr import psnr
from edgan.metrics.pairs.ssim import ssim
from edgan.models.chunks import CHUNK
from edgan.models.device import resolve_device
from edgan.models.inverting import bounded_prior, checked_way, invert_images
from edgan.models.loading import load
from edgan.models.pixels import enlarged, to_uint8
from edgan.processes import Processes
from edgan.training import distributed

LATENTS = "latents"


@dataclass(frozen=True)
class Inverted(Written):
    """What `invert` wrote.

    Attributes:
        how: the way that was taken.
        latents: the files of latents, one for each process.
        psnr, ssim: of the redrawn images, clipped, against the inputs; PSNR in dB.
        seconds: for the inversion alone, without reading and writing; the sum over the processes.
    """

    how: str = ""
    latents: list[Path] = field(default_factory=list)
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
            "N/N" write together what one writes alone. torchrun's processes share the pictures in the same way.
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
    with distributed.joined(resolve_device(device)) as world:
        model = load(run, str(world.device), checkpoint)
        how = checked_way(model, how)
        folder = photos_for(model, run, input, part, world)
        figures = _Figures()
        note = f"{model_note(model)} Latents by {how}."
        gallery = Gallery(wanted, f"Inversion by {run_name(run)}", note, ["input", "redrawn"], tell=tell)

        def draw(chunk: Chunk) -> Drawn:
            images, begun = chunk.images, time.perf_counter()
            result = invert_images(model, images, how, steps=steps)
            if not torch.isfinite(result.latents).all():
                raise EdganError(f"{run} finds latents that are not finite. Start a new run with a lower optimiser.lr.")
            figures.add(result, images, time.perf_counter() - begun, bounded_prior(model))
            latents.add(result.latents.numpy())
            if gallery.takes:
                gallery.add(chunk.stems, [images, result.images])
            yield [f"{stem}.png" for stem in chunk.stems], enlarged(to_uint8(result.images).numpy(), enlarge)

        name = f"{LATENTS}{part.among(world).suffix}.npy"
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
        files = [file for file in world.gathered(latents.path if figures.psnr else None) if file is not None]
        figures.gather(world)
    written.say(tell)
    if figures.bound:
        tell(bound_warning(figures.bound, len(figures.psnr)))
    return Inverted(
        written.out,
        [*files, *written.files],
        written.failed,
        written.shown,
        written.notes,
        how=how,
        latents=files,
        psnr=math.fsum(figures.psnr) / len(figures.psnr),
        ssim=math.fsum(figures.ssim) / len(figures.ssim),
        seconds=figures.seconds,
    )


class _Figures:
    """Of inverted images: how well each is redrawn, the seconds for all, and how many latents lie at the bound."""

    def __init__(self) -> None:
        self.psnr: list[float] = []
        self.ssim: list[float] = []
        self.seconds, self.bound = 0.0, 0

    def add(self, made: Inversion, images: Tensor, seconds: float, bounded: bool) -> None:
        """Add images (n, C, H, W) and what was found for them."""
        shown = made.images.clamp(-1, 1)
        self.psnr += psnr(shown, images, reduction="none").tolist()
        self.ssim += ssim(shown, images, reduction="none").tolist()
        self.seconds += seconds
        self.bound += int(at_bound(made.latents).sum()) if bounded else 0

    def gather(self, processes: Processes) -> None:
        """Take together what each process has."""
        gathered = processes.gathered((self.psnr, self.ssim, self.seconds, self.bound))
        self.psnr = [value for own in gathered for value in own[0]]
        self.ssim = [value for own in gathered for value in own[1]]
        self.seconds, self.bound = sum(own[2] for own in gathered), sum(own[3] for own in gathered)
