"""Whether a slider does anything: what a classifier that the model never saw answers on edited pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from edgan.metrics import kid_features, monotone_response, psnr, ssim
from edgan.metrics.editing.attribute_reader import Reader
from edgan.models.model import Model

LEVELS = (0.0, 1.0, 2.0, 3.0)
SHOWN = 10
"""Pictures in a row of a sheet."""
PROTOCOL = (
    "Spearman's rank correlation of the intensities 0, 1, 2 and 3 with the classifier's logit, mean over pictures; "
    "the classifier's mean answer (a probability) at each intensity; and the change of that answer from 0 to the "
    "intensity shown, mean over pictures with the attribute and mean over those without it, both counting half"
)


def edit_response(
    edited: Mapping[float, Tensor], read: Reader, column: int, has: np.ndarray, shown: float
) -> dict[str, float]:
    """How a classifier's answer follows one attribute's intensity.

    Args:
        edited: intensity to the edited pictures (N, C, H, W); 0, `shown` and at least one more.
        read: a classifier's logits, (N, A).
        column: of the attribute among its answers.
        has: (N,) whether each original has the attribute.
        shown: the intensity to which `balanced_change` goes.

    Returns:
        "rank_correlation" in [-1, 1], "balanced_change" in [-1, 1], and "answer_LEVEL" in [0, 1].
    """
    levels = sorted(edited)
    logits = np.stack([read(edited[level])[:, column].double().cpu().numpy() for level in levels])
    answers = 1 / (1 + np.exp(-logits))
    change = answers[levels.index(shown)] - answers[levels.index(0.0)]
    kinds = [change[kind].mean() for kind in (has, ~has) if kind.any()]
    return {
        "rank_correlation": monotone_response(levels, logits),
        "balanced_change": float(np.mean(kinds)),
        **{f"answer_{level:g}": float(answer) for level, answer in zip(levels, answers.mean(1), strict=True)},
    }


def judged(
    model: Model, read: Reader, names: Sequence[str], edits: Mapping[str, float], images: Tensor, attributes: np.ndarray
) -> tuple[dict[str, Any], list[Tensor], Tensor]:
    """Figures of reconstructions and edits, rows for a sheet, and all reconstructions.

    Args:
        model: that edits.
        read: a classifier's logits, (N, A).
        names: of the A attributes.
        edits: attribute to the intensity to which it is shown, one of `LEVELS`.
        images: (N, C, H, W) in [-1, 1], held out.
        attributes: (N, A).

    Returns:
        Figures by name; rows of ten: reconstructed, then each of `edits`; (N, C, H, W) in [-1, 1].
    """
    made = model.reconstruct(images).output.clamp(-1, 1).cpu()
    rows, responses = [made[:SHOWN]], dict[str, Any]()
    for name, shown in edits.items():
        edited, column = edited_at(model, images, name), names.index(name)
        response = edit_response(edited, read, column, attributes[:, column] >= 0.5, shown)
        responses[name] = {"shown_at": shown, "kid_features": kid(edited[shown], images), **response}
        rows.append(edited[shown][:SHOWN])
    figures = {
        "psnr": float(psnr(made, images)),
        "ssim": float(ssim(made, images)),
        "kid_features": kid(made, images),
        "edits": responses,
    }
    return figures, rows, made


def kid(made: Tensor, images: Tensor) -> float:
    """KID (features) of pictures that were made from the images."""
    return kid_features(made, images, paired=True)[0]


def edited_at(model: Model, images: Tensor, name: str, levels: Sequence[float] = LEVELS) -> dict[float, Tensor]:
    """Intensity to the pictures edited to it, clipped to [-1, 1], on the CPU."""
    return {level: model.edit(images, {name: level}).clamp(-1, 1).cpu() for level in levels}


def balanced_accuracy(read: Reader, images: Tensor, attributes: np.ndarray) -> list[float]:
    """The mean of the shares of right answers among pictures with and without each attribute.

    Args:
        read: a classifier's logits, (N, A).
        images: (N, C, H, W) in [-1, 1].
        attributes: (N, A), 0.5 or more where a picture has it.
    """
    has = attributes >= 0.5
    right = (read(images).cpu().numpy() > 0) == has
    columns = zip(right.T, has.T, strict=True)
    return [float(np.mean([r[kind].mean() for kind in (h, ~h) if kind.any()])) for r, h in columns]
