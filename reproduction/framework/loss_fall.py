"""How a training's loss ended: a loss that still falls belongs to a model that has not been trained to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FIDELITY = ("reconstruction", "latent", "latents")
"""Losses of a model's fidelity, which settle as a training converges; those of a game do not."""


def fall_of_loss(log: Sequence[Mapping[str, Any]]) -> float | None:
    """By what share a training's loss still fell at its end: from the third to the last quarter of its log.

    Args:
        log: of a run. The loss is the first of `FIDELITY` that it holds.

    Returns:
        Negative if it rose; None if the log holds none of these losses, or too few values.
    """
    for term in FIDELITY:
        found = [line["losses"][term] for line in log if line.get("losses", {}).get(term) is not None]
        quarter = len(found) // 4
        if quarter:
            before, last = sum(found[-2 * quarter : -quarter]), sum(found[-quarter:])
            return float((before - last) / before) if before > 0 else None
    return None
