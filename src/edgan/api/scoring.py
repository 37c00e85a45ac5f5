"""`evaluate` one model, `rank` several by their pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgan.api.reporting import made_with
from edgan.api.run import load
from edgan.data import images_in, open_dataset
from edgan.errors import EdganError, UsageError
from edgan.metrics import NRDS, ms_ssim, ms_ssim_name, ms_ssim_protocol, nrds, periodic_peak
from edgan.metrics.similarity import PSNR, RMSE, SSIM
from edgan.metrics.spectrum import PEAK_MIN_IMAGES
from edgan.report import write_report
from edgan.training.evaluate import part_inputs, similarity


def evaluate(run: str | Path, data: str | Path, *, part: str = "test", device: str = "auto") -> dict[str, Any]:
    """Held-out figures of a trained model.

    Args:
        run: the run's folder.
        data: the data set; images that the model has not seen count.
        part: "test", "val" or "train".
        device: "auto", "cpu", "cuda", ...

    Returns:
        "images": how many; "figures": by name; "protocol": what each figure means. The residual's periodic peak
        needs 16 images and is left out where there are fewer.

    Raises:
        EdganError: no run, no data, or an empty part.
    """
    model = load(run, device)
    if not model.redraws:
        raise UsageError(
            f"The figures of evaluate hold pictures against held-out images, and {model.method.name} draws none of "
            f"them; it can {', '.join(model.method.capabilities)}. edgan rank judges samples."
        )
    attributes = model.shape.attributes if "attributes" in model.method.fields else None
    dataset = open_dataset(data, size=model.size, channels=model.channels, attributes=attributes)
    fields = part_inputs(dataset, part).fields
    images = fields["image"]
    made = model.redraw(fields)
    figures = similarity(made, images)
    name = ms_ssim_name(model.size, model.size)
    for which in ("base", "output"):
        figures[f"{name}_{which}"] = float(ms_ssim(getattr(made, which).clamp(-1, 1), images))
    protocol = {
        "psnr": PSNR.protocol,
        "ssim": SSIM.protocol,
        "rmse": RMSE.protocol,
        name: ms_ssim_protocol(model.size, model.size),
        "energy": "mean squared Laplacian of the clipped images, over that of the real ones",
    }
    if "residual" in model.method.plan.tap and len(images) >= PEAK_MIN_IMAGES:
        peak = periodic_peak(made.residual)
        figures["residual_peak"] = peak.ratio
        protocol["residual_peak"] = peak.protocol
    return {
        "run": str(run),
        "method": model.method.name,
        "data": str(data),
        "part": part,
        "images": len(images),
        "figures": figures,
        "protocol": protocol,
    }


def rank(
    real: str | Path | Any,
    fakes: Mapping[str, str | Path | Any],
    *,
    protocol: str = "robust",
    size: int = 64,
    seed: int = 0,
    seeds: int | None = None,
    epochs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    warn: Callable[[str], None] = lambda _: None,
    report: str | Path | None = None,
) -> NRDS:
    """Rank models by their pictures, with NRDS.

    Args:
        real: a folder or .zip of real images, or an array (N, ...).
        fakes: model -> folder, .zip or array.
        protocol: "robust" or "paper".
        size: folders' images are cropped to their central square and resized to this side.
        seed, seeds, epochs: as in `edgan.metrics.nrds`.
        progress: called with (epochs done, epochs in all).
        warn: called with a sentence for each file that cannot be used.
        report: write an HTML report with the curves there.

    Raises:
        UsageError: no model, or sets that cannot be compared.
        EdganError: a folder without usable images.
    """
    if not fakes:
        raise UsageError("There is nothing to rank: give at least one model with --fake NAME=DIR.")
    if seed < 0:
        raise UsageError(f"A seed is a whole number from 0 on, not {seed}.")
    if report is not None and not Path(report).parent.is_dir():
        raise UsageError(f"There is no folder {Path(report).parent} for the report. Make it, or give another --report.")
    sets = {"": real, **fakes}
    grey = {name: _all_grey(value) for name, value in sets.items() if isinstance(value, str | Path)}
    channels = 1 if grey and all(grey.values()) else 3
    arrays = {
        name: load_pixels(value, size, channels, warn) if isinstance(value, str | Path) else value
        for name, value in sets.items()
    }
    first = arrays.pop("")
    found = nrds(first, arrays, protocol=protocol, seed=seed, seeds=seeds, epochs=epochs, progress=progress)
    if report is not None:
        write_report(
            report,
            title=f"{len(arrays)} models ranked",
            lead=f"{sum(map(len, arrays.values()))} images of {', '.join(arrays)}, against {len(first)} real ones.",
            runs=[],
            ranking=found,
            made_with=made_with(),
        )
    return found


def load_pixels(path: str | Path, size: int, channels: int, warn: Callable[[str], None]) -> np.ndarray:
    """Every usable image at a path, (N, size, size, channels) uint8.

    Raises:
        UsageError: the size or the number of channels cannot be.
        EdganError: there is none.
    """
    pixels = []
    for _, loader in images_in(path):
        try:
            pixels.append(loader(size, channels))
        except UsageError:
            raise
        except EdganError as error:
            warn(str(error))
    if not pixels:
        raise EdganError(f"{path} holds no image that can be decoded.")
    return np.stack(pixels)


def _all_grey(path: str | Path) -> bool:
    """Whether the first images at a path are grey: their three channels are equal."""
    for _, loader in images_in(path)[:8]:
        try:
            picture = loader(16, 3)
        except EdganError:
            continue
        if (picture != picture[:, :, :1]).any():
            return False
    return True
