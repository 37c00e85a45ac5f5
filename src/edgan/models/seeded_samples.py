"""Samples that a seed names each, and walks between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Latent
from edgan.models.latents import (
    between_latents,
    conditions_of_seeds,
    draw_conditions,
    draw_latents,
    latents_of_seeds,
    truncated,
)
from edgan.models.model import Model


def sample_seeds(model: Model, seeds: Sequence[int], truncation: float = 1.0) -> Tensor:
    """One sample for each seed, the same whatever the other seeds are.

    Args:
        model: that can sample.
        seeds: K, at least 1.
        truncation: as in `edgan.models.latents.truncated`.

    Returns:
        (K, C, size, size), not clipped.

    Raises:
        UsageError: the model cannot sample.
    """
    latent = _latent(model)
    conditions = conditions_of_seeds(model.method, model.shape, seeds)
    return model.decode(truncated(latents_of_seeds(latent, seeds), truncation), **conditions)


def walk_between(model: Model, first: int, last: int, steps: int, truncation: float = 1.0) -> Tensor:
    """Pictures on the path between the samples of two seeds, both ends included.

    Args:
        model: that can sample. A conditional one keeps the conditions of the first.
        first, last: seeds.
        steps: at least 2.
        truncation: as in `sample_seeds`.

    Returns:
        (steps, C, size, size), not clipped.

    Raises:
        UsageError: the model cannot sample, or steps is below 2.
    """
    if steps < 2:
        raise UsageError(f"must be at least 2 (got {steps}).", parameter="steps")
    latent = _latent(model)
    begin, end = (truncated(draw_latents(latent, 1, seed), truncation) for seed in (first, last))
    conditions = draw_conditions(model.method, model.shape, 1, first)
    fields = {name: value.expand(steps, *value.shape[1:]) for name, value in conditions.items()}
    return model.decode(between_latents(latent, begin, end, steps)[0], **fields)


def _latent(model: Model) -> Latent:
    model.check_can("sample")
    assert model.method.latent is not None
    return model.method.latent
