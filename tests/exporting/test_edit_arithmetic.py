"""The arithmetic of edits in graphs is that of `models.editing` and `models.directions`."""

from __future__ import annotations

import pytest
import torch

from edgan.exporting.edits import along_directions, towards_class, with_intensities
from edgan.models.directions import Directions
from edgan.models.editing import EditControls, write_changes

NAMES = ("a", "b", "c", "d")
CLASSES = EditControls(NAMES, "multiclass", 0.0, 1.0)


@pytest.fixture
def values() -> torch.Tensor:
    """Distributions over four classes, (6, 4)."""
    return torch.rand(6, 4, generator=torch.Generator().manual_seed(0)).softmax(1)


@pytest.mark.parametrize("amount", [0.0, 0.4, 1.0, 1.5])
@pytest.mark.parametrize("name", NAMES)
def test_a_class_swaps_with_the_largest(values: torch.Tensor, name: str, amount: float) -> None:
    amounts = torch.zeros(6, 4)
    amounts[:, NAMES.index(name)] = amount
    expected = write_changes(values, CLASSES, {name: amount})
    torch.testing.assert_close(towards_class(values, amounts), expected)


def test_chosen_attributes_are_replaced_and_others_stay(values: torch.Tensor) -> None:
    controls = EditControls(NAMES, "multilabel", 0.0, 1.0)
    intensities = torch.tensor([[9.0, 2.5, 9.0, -1.0]]).expand(6, -1)
    chosen = torch.tensor([[0.0, 1.0, 0.0, 1.0]]).expand(6, -1)
    expected = write_changes(values, controls, {"b": 2.5, "d": -1.0})
    torch.testing.assert_close(with_intensities(values, intensities, chosen), expected)


@pytest.mark.parametrize("changes", [{"a": 1.5}, {"a": -1.0, "c": 2.0}])
def test_a_latent_moves_along_the_vectors_of_attributes(changes: dict[str, float]) -> None:
    directions, z = _directions("multilabel"), torch.randn(6, 5)
    amounts = torch.tensor([[changes.get(name, 0.0) for name in NAMES]]).expand(6, -1)
    torch.testing.assert_close(along_directions(z, directions, amounts), directions.move(z, changes))


@pytest.mark.parametrize("amount", [0.3, 1.0])
def test_a_latent_moves_towards_the_mean_of_a_class(amount: float) -> None:
    directions, z = _directions("multiclass"), torch.randn(6, 5)
    amounts = torch.tensor([[0.0, 0.0, amount, 0.0]]).expand(6, -1)
    torch.testing.assert_close(along_directions(z, directions, amounts), directions.move(z, {"c": amount}))


def _directions(kind):
    generator = torch.Generator().manual_seed(2)
    return Directions(kind, {name: torch.randn(5, generator=generator) for name in NAMES})
