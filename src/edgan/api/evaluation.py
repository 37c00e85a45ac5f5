"""`evaluate`: figures of a trained model on held-out images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgan.api.invertibility import invertibility
from edgan.data import open_dataset
from edgan.errors import UsageError, near_miss
from edgan.models.evaluation import evaluation
from edgan.models.loading import load

METRICS = ("figures", "inversion")


def evaluate(
    run: str | Path, data: str | Path, *, split: str = "test", metric: str = "figures", device: str = "auto"
) -> dict[str, Any]:
    """Measure a trained model on held-out images.

    Args:
        run: the run's folder.
        data: the data set. Use images that the model was not trained on.
        split: "test", "val" or "train".
        metric: "figures": PSNR, SSIM, RMSE, MS-SSIM and spectra of all images. "inversion": Paper 3's metric, PSNR and
            SSIM of 1,000 images in five repeats, with the MS-SSIM and a classifier's score of samples.
        device: "auto", "cpu", "cuda", ...

    Returns:
        "images": number of images; "figures": by name; "protocol": how each was measured. The residual's periodic
        peak needs 16 images of at least 32 pixels, and is left out otherwise.

    Raises:
        UsageError: an unknown metric, or a model that neither reconstructs nor translates.
        EdganError: no run, no data, or an empty split.
    """
    if metric not in METRICS:
        raise UsageError(f"cannot be {metric!r}. {near_miss(metric, METRICS)}", parameter="metric")
    model = load(run, device)
    if not model.redraws:
        raise UsageError(
            f"This {model.method.name} neither reconstructs nor translates, so held-out images cannot judge it; "
            f"it can {', '.join(model.method.capabilities)}. Use rank to judge samples."
        )
    attributes = model.shape.attributes if "attributes" in model.method.fields else None
    classes = model.shape.source_classes
    dataset = open_dataset(
        data, size=model.size, channels=model.channels, attributes=attributes, source_classes=classes
    )
    images, figures, protocol = (invertibility if metric == "inversion" else evaluation)(model, dataset, split)
    return {
        "run": str(run),
        "method": model.method.name,
        "data": str(data),
        "split": split,
        "images": images,
        "figures": figures,
        "protocol": protocol,
    }
