"""`evaluate`: held-out figures of one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgan.api.invertibility import invertibility
from edgan.data import Dataset, open_dataset
from edgan.errors import UsageError, near_miss
from edgan.metrics import ms_ssim, ms_ssim_name, ms_ssim_protocol, periodic_peak
from edgan.metrics.similarity import PSNR, RMSE, SSIM
from edgan.metrics.spectrum import PEAK_MIN_IMAGES
from edgan.models.edit_figures import edit_figures
from edgan.models.evaluation import similarity, split_inputs
from edgan.models.loading import load
from edgan.models.model import Model

METRICS = ("figures", "inversion")


def evaluate(
    run: str | Path, data: str | Path, *, split: str = "test", metric: str = "figures", device: str = "auto"
) -> dict[str, Any]:
    """Held-out figures of a trained model.

    Args:
        run: the run's folder.
        data: the data set; images that the model has not seen count.
        split: "test", "val" or "train".
        metric: "figures": PSNR, SSIM, RMSE, MS-SSIM and spectra of all images. "inversion": Paper 3's metric, PSNR and
            SSIM of 1,000 images in five repeats, and beside it what the samples' classes and their MS-SSIM say.
        device: "auto", "cpu", "cuda", ...

    Returns:
        "images": how many; "figures": by name; "protocol": what each figure means. The residual's periodic peak
        needs 16 images and is left out where there are fewer.

    Raises:
        EdganError: no run, no data, or an empty split.
    """
    if metric not in METRICS:
        raise UsageError(f"evaluate has no metric {metric!r}. {near_miss(metric, METRICS)}")
    model = load(run, device)
    if not model.redraws:
        raise UsageError(
            f"The figures of evaluate hold pictures against held-out images, and {model.method.name} draws none of "
            f"them; it can {', '.join(model.method.capabilities)}. edgan rank judges samples."
        )
    attributes = model.shape.attributes if "attributes" in model.method.fields else None
    classes = model.shape.source_classes
    dataset = open_dataset(
        data, size=model.size, channels=model.channels, attributes=attributes, source_classes=classes
    )
    images, figures, protocol = (invertibility if metric == "inversion" else _figures)(model, dataset, split)
    return {
        "run": str(run),
        "method": model.method.name,
        "data": str(data),
        "split": split,
        "images": images,
        "figures": figures,
        "protocol": protocol,
    }


def _figures(model: Model, dataset: Dataset, split: str) -> tuple[int, dict[str, float], dict[str, str]]:
    """How many images, what was measured on them, and what each figure means."""
    fields = split_inputs(dataset, split).fields
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
    if model.can("edit"):
        of_edits, protocols = edit_figures(model, dataset, split)
        figures, protocol = figures | of_edits, protocol | protocols
    return len(images), figures, protocol
