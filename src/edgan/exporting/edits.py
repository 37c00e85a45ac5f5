"""Edits as arithmetic on tensors, for graphs: what `models.editing` and `models.directions` do for a Python dict."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.models.directions import Directions
from edgan.models.editing import EditControls


def units_of(controls: EditControls) -> Tensor:
    """(1, A): the factors from the tap's values to the user's."""
    return torch.tensor([[controls.units.get(name, 1.0) for name in controls.names]])


def with_intensities(values: Tensor, intensities: Tensor, chosen: Tensor) -> Tensor:
    """Attributes with some of them replaced.

    Args:
        values: (N, A), the model's own.
        intensities: (N, A).
        chosen: (N, A), 1 where the intensity counts and 0 where the model's own value stays.

    Returns:
        (N, A). Source: Paper 2 (CDNet), Section III-D, Case 2.
    """
    return values + chosen * (intensities - values)


def towards_class(values: Tensor, amounts: Tensor) -> Tensor:
    """The values of classes with the largest one moved to another class.

    A class k swaps its value with the largest entry, whole at an amount of 1 and by that share otherwise:
    values + amount_k (value_max - value_k) (e_k - e_max), with e_k the k-th unit vector.

    Args:
        values: (N, K), a distribution in each row.
        amounts: (N, K), not 0 for one class at most.

    Returns:
        (N, K). Source: Paper 2 (CDNet), Section III-D, Case 1.
    """
    moved = amounts * (values.amax(1, keepdim=True) - values)
    return values + moved - _largest(values) * moved.sum(1, keepdim=True)


def along_directions(z: Tensor, directions: Directions, amounts: Tensor) -> Tensor:
    """Latents moved along the vectors of attributes, or towards the mean latent of a class.

    Args:
        z: (N, Z).
        directions: of the latent.
        amounts: (N, A), the factor on each vector. For classes, not 0 for one class at most.

    Returns:
        (N, Z), as `Directions.move` gives it.
    """
    vectors = torch.stack(list(directions.vectors.values())).to(z)
    moved = z + amounts @ vectors
    if directions.kind == "multilabel":
        return moved
    squares = (z[:, None] - vectors[None]).square().sum(2)
    return moved - amounts.sum(1, keepdim=True) * (_largest(-squares) @ vectors)


def _largest(values: Tensor) -> Tensor:
    """(N, K): 1 at each row's first largest entry and 0 elsewhere."""
    places = torch.arange(values.shape[1], device=values.device)
    return (values.argmax(1, keepdim=True) == places).to(values)
