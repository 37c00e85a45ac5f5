"""What a call leaves as it was: the caller's random numbers, and the modes of the caller's networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from edgan.nets.caller_state import evaluation_mode, random_state_kept, seeded
from edgan.nets.precision import widened, widest

NETWORK = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))


class Holder:
    """An object with a network, as a caller's wrapper would be."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __call__(self, z: Tensor) -> Tensor:
        return self.network(z)

    def draw(self, z: Tensor) -> Tensor:
        return self.network(z)


def reads_the_global(z: Tensor) -> Tensor:
    return NETWORK(z)


def closes_over(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda z: network(z)


@pytest.mark.parametrize(
    "function",
    [
        NETWORK,
        NETWORK.forward,
        reads_the_global,
        closes_over(NETWORK),
        Holder(NETWORK),
        Holder(NETWORK).draw,
        partial(lambda network, z: network(z), NETWORK),
        torch.no_grad()(lambda z: reads_the_global(z)),
    ],
    ids=["module", "method", "global", "closure", "object", "method of an object", "partial", "through another"],
)
def test_networks_are_evaluated_and_get_their_own_modes_back(function: Callable[[Tensor], Tensor]) -> None:
    NETWORK.train()
    NETWORK[0].eval()
    before = {name: value.clone() for name, value in NETWORK.state_dict().items()}
    with evaluation_mode(function, None):
        assert not any(module.training for module in NETWORK.modules())
        function(torch.randn(4, 2))
    assert [module.training for module in NETWORK.modules()] == [True, False, True]
    assert all(torch.equal(value, before[name]) for name, value in NETWORK.state_dict().items())


def test_modes_come_back_after_an_error() -> None:
    NETWORK.train()
    with pytest.raises(RuntimeError), evaluation_mode(NETWORK):
        raise RuntimeError
    assert NETWORK.training


def test_seeded_numbers_depend_on_the_seed_and_leave_the_state_alone() -> None:
    torch.manual_seed(5)
    expected, state = torch.rand(3), torch.get_rng_state()
    with seeded(5):
        drawn = torch.rand(3)
    assert torch.equal(drawn, expected)
    assert torch.equal(torch.get_rng_state(), state)
    with random_state_kept():
        torch.manual_seed(9)
    assert torch.equal(torch.get_rng_state(), state)


def test_devices_without_float64_compute_in_float32() -> None:
    assert widest(torch.device("mps")) == torch.float32
    assert widest(torch.device("cpu")) == torch.float64
    on_mps = SimpleNamespace(device=torch.device("mps"), to=lambda dtype: dtype)
    assert widened(on_mps) == torch.float32  # type: ignore[arg-type]
