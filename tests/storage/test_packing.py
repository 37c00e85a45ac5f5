"""Weights of models that ship: half precision, the largest in eight bits, and near what they were."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgan.storage.packing import SCALE, pack, unpack
from edgan.storage.weights import flat_networks, load_networks


def weights() -> dict[str, Tensor]:
    torch.manual_seed(0)
    shapes = {"large": (32, 16, 3, 3), "middle": (32, 64), "small": (8, 8), "bias": (5000,)}
    return {**{name: torch.randn(shape) for name, shape in shapes.items()}, "count": torch.tensor(7)}


def size(tensors: dict[str, Tensor]) -> int:
    return sum(value.nbytes for value in tensors.values())


def test_what_fits_is_stored_in_half_precision_alone() -> None:
    packed = pack(weights(), 10**6)
    assert {name: value.dtype for name, value in packed.items()} == {
        **dict.fromkeys(("large", "middle", "small", "bias"), torch.half),
        "count": torch.int64,
    }


@pytest.mark.parametrize(("missing", "eight"), [(100, ["large"]), (5000, ["large", "middle"])])
def test_only_as_many_large_arrays_as_necessary_are_in_eight_bits(missing: int, eight: list[str]) -> None:
    limit = size(pack(weights(), 10**6)) - missing
    packed = pack(weights(), limit)
    assert size(packed) <= limit
    assert sorted(name for name, value in packed.items() if value.dtype == torch.int8) == eight
    assert sorted(name.removesuffix(SCALE) for name in packed if name.endswith(SCALE)) == eight


def test_an_array_in_eight_bits_comes_back_within_half_a_level_of_its_row() -> None:
    before = weights()
    after = unpack(pack(before, 0))
    assert list(after) == list(before)
    assert torch.equal(after["count"], before["count"])
    for name in ("large", "middle", "small"):
        level = before[name].flatten(1).abs().amax(1) / 127
        error = (after[name] - before[name]).flatten(1).abs().amax(1)
        assert after[name].dtype == torch.float32
        # The scale is rounded to half precision: 2^-11 of a weight of 127 levels is a sixteenth of a level more.
        assert (error <= 0.57 * level).all()


def test_rows_of_nothing_and_of_next_to_nothing_stay_finite() -> None:
    after = unpack(pack({"weight": torch.tensor([[0.0, 0.0], [1e-9, -1e-9], [3.0, -3.0]])}, 0))["weight"]
    assert after.isfinite().all()
    assert after[:2].abs().max() < 1e-4
    assert after[2].tolist() == pytest.approx([3.0, -3.0], rel=1e-3)


def test_a_network_loads_packed_weights() -> None:
    torch.manual_seed(0)
    saved, loaded = nn.Linear(64, 32), nn.Linear(64, 32)
    load_networks({"net": loaded}, unpack(pack(flat_networks({"net": saved}), 0)))
    image = torch.randn(4, 64)
    assert (loaded(image) - saved(image)).abs().max() < 0.03
    assert not torch.equal(loaded.weight, saved.weight)
