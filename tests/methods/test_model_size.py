"""A model's size is known, and said, before anything is allocated."""

from __future__ import annotations

import pytest
import torch

from edgan.config import configure
from edgan.methods import PAGES, Shape
from edgan.methods.model_size import note_on_size, parameter_counts

FACES = Shape(64, 3, source_channels=3, attributes=("Age", "Male", *(f"attribute_{i}" for i in range(38))))


@pytest.mark.parametrize("name", PAGES)
def test_the_count_is_that_of_the_built_networks_and_leaves_the_random_state_alone(name: str) -> None:
    method = configure(name, "small").build(FACES)
    before = torch.get_rng_state()
    counts = parameter_counts(method)
    assert torch.equal(torch.get_rng_state(), before)
    built = {column: method.networks[column]() for column in counts}
    assert counts == {column: sum(p.numel() for p in built[column].parameters()) for column in built}
    assert set(counts) == {network for stage in method.plan.stages for network in stage.networks}
    assert note_on_size(method) is None


@pytest.mark.parametrize(("size", "millions"), [(64, 238), (128, 855)])
def test_a_person_hears_of_hundreds_of_millions_of_parameters(size: int, millions: int) -> None:
    method = configure("cdnet", "paper", size=size).build(Shape(size, 3, attributes=FACES.attributes))
    note = note_on_size(method)
    assert note is not None
    assert f"has {millions} million parameters" in note
    assert "network.last_side" in note
