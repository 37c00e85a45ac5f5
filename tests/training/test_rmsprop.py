"""RMSProp on a CPU: block by block, with torch's bits."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgan.training.rmsprop import BLOCK, RMSProp

SHAPES = ((7,), (3, BLOCK + 5), (BLOCK,), (2, 3, 5, 5))


def _weights(dtype: torch.dtype) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(shape, generator=generator, dtype=dtype)) for shape in SHAPES]


def _trained(kind: type[torch.optim.RMSprop], weights: list[nn.Parameter], steps: int = 3) -> list[Tensor]:
    """The weights and moments after some steps; the last parameter has a gradient in every other step only."""
    optimiser = kind(weights, 1e-2, alpha=0.9)
    generator = torch.Generator().manual_seed(1)
    for step in range(steps):
        for weight in weights:
            drawn = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
            weight.grad = (
                None
                if len(weights) > 1 and weight is weights[-1] and step % 2
                else torch.empty_like(weight).copy_(drawn)
            )
        optimiser.step()
    states = [optimiser.state[weight] for weight in weights]
    return [*(weight.detach() for weight in weights), *(tensor for state in states for tensor in state.values())]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_blocks_give_the_bits_of_torch(dtype: torch.dtype) -> None:
    ours, theirs = (_trained(kind, _weights(dtype)) for kind in (RMSProp, torch.optim.RMSprop))
    assert len(ours) == len(theirs) == 3 * len(SHAPES)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("lie", ["channels last", "apart"])
def test_so_they_do_for_weights_in_another_order(lie: str) -> None:
    def weights() -> list[nn.Parameter]:
        made = torch.randn(300, 64, 4, 4, generator=torch.Generator().manual_seed(0))
        if lie == "apart":
            return [nn.Parameter(made[:, ::2])]
        return [nn.Parameter(made.to(memory_format=torch.channels_last))]

    before = weights()[0].detach()
    ours, theirs = (_trained(kind, weights(), steps=1) for kind in (RMSProp, torch.optim.RMSprop))
    assert not torch.equal(ours[0], before)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_the_flag_keeps_blocks_from_stepping() -> None:
    weights = _weights(torch.float32)
    optimiser = RMSProp(weights, 1e-2, alpha=0.9)
    for weight in weights:
        weight.grad = torch.full_like(weight, float("nan"))
    optimiser.found_inf = torch.ones(())
    optimiser.step()
    assert all(torch.equal(one, other) for one, other in zip(weights, _weights(torch.float32), strict=True))
    assert all(not tensor.any() for weight in weights for tensor in optimiser.state[weight].values())
    optimiser.found_inf = torch.zeros(())
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    optimiser.step()
    assert all(int(optimiser.state[weight]["step"]) == 1 for weight in weights)
    assert not any(torch.equal(one, other) for one, other in zip(weights, _weights(torch.float32), strict=True))


def test_on_another_device_torch_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks would be many small kernels there. The device "meta" stands for MPS and others that are no CUDA."""
    monkeypatch.setattr("edgan.training.rmsprop._step_in_blocks", lambda *_: pytest.fail("stepped in blocks"))
    weight = nn.Parameter(torch.ones(3, device="meta"))
    optimiser = RMSProp([weight], 1e-2, alpha=0.9)
    weight.grad = torch.ones_like(weight)
    optimiser.step()
    assert "square_avg" in optimiser.state[weight]
