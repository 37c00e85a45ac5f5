"""`invert`: the latents that a trained model draws given images from."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.api.files import Written
from edgan.api.saving import make_folder, refuse_overwriting, save_images
from edgan.data import from_uint8, images_in
from edgan.errors import EdganError, UsageError
from edgan.metrics import psnr, ssim
from edgan.models.inverting import invert_images, ways_of
from edgan.models.loading import load
from edgan.storage.durable import write_bytes_atomic

LATENTS = "latents.npy"


@dataclass(frozen=True)
class Inverted(Written):
    """What `invert` did.

    Attributes:
        how: the way that was gone.
        psnr, ssim: of the images drawn again, clipped, against the inputs; PSNR in dB.
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
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Inverted:
    """Find the latents of images, and draw the images from them again.

    Args:
        run: the folder of an inversion run (connection, encoder), of a VAE or ALI, or of a GAN (optimise only).
        input: an image, a folder or a .zip; each image is cropped to its central square and resized to the model's
            size.
        out: a folder: latents.npy, (N, Z) float32 in name order, and each image drawn again as OUT/STEM.png.
        how: "connection" or "encoder": one forward pass; "hybrid" or "optimise": that as the start of L-BFGS on pixels
            and D's features. None is the run's own network.
        steps: of L-BFGS an image, at most.
        device: "auto", "cpu", "cuda", ...
        progress: called with (done, total).

    Raises:
        UsageError: the run cannot go this way, or an output would replace an input.
        EdganError: nothing could be read or written.
    """
    if steps < 1:
        raise UsageError(f"must be at least 1 (got {steps}).", parameter="steps")
    model = load(run, device)
    target = Path(out)
    images, stems, failed = _read(input, model.size, model.channels)
    refuse_overwriting(input, [target / LATENTS, *(target / f"{stem}.png" for stem in stems)])
    begun = time.perf_counter()
    found = invert_images(model, images, how, steps=steps, progress=progress)
    seconds = time.perf_counter() - begun
    if not torch.isfinite(found.latents).all():
        raise EdganError(f"The latents that {run} finds are not finite. Train it anew with a lower optimiser.lr.")
    folder = make_folder(target)
    buffer = io.BytesIO()
    np.save(buffer, found.latents.numpy().astype(np.float32), allow_pickle=False)
    write_bytes_atomic(folder / LATENTS, buffer.getvalue())
    files = [folder / LATENTS, *save_images(found.images, stems, folder)]
    shown = found.images.clamp(-1, 1)
    return Inverted(
        target,
        files,
        failed,
        how=how or ways_of(model)[0],
        psnr=float(psnr(shown, images)),
        ssim=float(ssim(shown, images)),
        seconds=seconds,
    )


def _read(input: str | Path, size: int, channels: int) -> tuple[Tensor, list[str], list[tuple[str, str]]]:
    """(images (N, C, size, size) in [-1, 1], their stems, what could not be used)."""
    stems, pixels, failed = [], [], []
    for stem, loader in images_in(input):
        try:
            pixels.append(loader(size, channels))
            stems.append(stem)
        except EdganError as error:
            failed.append((stem, str(error)))
    if not pixels:
        raise EdganError(f"None of the {len(failed)} images in {input} could be used: {failed[0][1]}")
    return from_uint8(torch.from_numpy(np.stack(pixels))), stems, failed
