"""How far an edit moves the latent, which it should keep."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.metric import AttributeEdit, EditMetric
from edgan.nets.precision import widened

IDENTITY_PROTOCOL = "distance of z before and after, over the mean distance of z between two different images"


def identity_moved(before: Tensor, after: Tensor) -> float:
    """How far an edit moves what it should keep, relative to the distance between two different images.

    Args:
        before, after: (N, Z) latents (or other features) of N images, unedited and edited; N at least 2.

    Returns:
        0 where nothing moved; 1 where an edited image is as far from its original as another image is. NaN where all
        images have one latent.

    Raises:
        UsageError: fewer than two images.
    """
    count = len(before)
    if count < 2:
        raise UsageError(f"before must hold at least 2 images (got {count}).")
    before, after = widened(before), widened(after)
    between = torch.cdist(before, before).sum() / (count * (count - 1))
    return float((after - before).norm(dim=1).mean() / between) if between > 0 else math.nan


def _of_edit(edit: AttributeEdit) -> float | None:
    if edit.latents is None:
        return None
    moved = identity_moved(*edit.latents)
    return None if math.isnan(moved) else moved


METRIC = EditMetric(
    name="edit_identity",
    title="Latent moved by the edit",
    better="lower",
    protocol=IDENTITY_PROTOCOL,
    uses=("evaluate",),
    least_images=2,
    measure=_of_edit,
)
