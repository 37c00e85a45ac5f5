"""What the routing tests share: tiny float64 networks on vectors, batches, and how far two trainings are apart."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from edgan.routing import Inputs

FEATURES = 6
LATENT = 3
BATCH = 5


def dense(inputs: int, outputs: int) -> nn.Module:
    """A small smooth network on vectors, in float64."""
    return nn.Sequential(nn.Linear(inputs, 4), nn.Tanh(), nn.Linear(4, outputs)).double()


def toy_networks(*names: str, seed: int = 0) -> dict[str, nn.Module]:
    """Encoder, decoder, generator and discriminator on vectors; those asked for."""
    sizes = {
        "encoder": (FEATURES, LATENT),
        "decoder": (LATENT, FEATURES),
        "generator": (LATENT, FEATURES),
        "discriminator": (FEATURES, 1),
    }
    torch.manual_seed(seed)
    return {name: dense(*sizes[name]) for name in names}


def vectors(seed: int, features: int = FEATURES) -> Tensor:
    """A batch (BATCH, features) of standard normal numbers."""
    return torch.randn(BATCH, features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def numbered_noise(seed: int) -> Callable[[str, str, tuple[int, ...]], Tensor]:
    """Noise that depends on the seed and the shape alone: U(0, 1) or N(0, 1), float64."""

    def noise(_name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
        generator = torch.Generator().manual_seed(10_000 + seed)
        draw = torch.rand if kind == "uniform" else torch.randn
        return draw(BATCH, *shape, generator=generator, dtype=torch.float64)

    return noise


def toy_inputs(seed: int, features: int = FEATURES) -> Inputs:
    """The inputs of one batch."""
    return Inputs({"image": vectors(seed, features)}, numbered_noise(seed))


def sgd(networks: Mapping[str, nn.Module], lr: float = 0.1) -> dict[str, torch.optim.Optimizer]:
    """Plain gradient descent for each network."""
    return {name: torch.optim.SGD(network.parameters(), lr) for name, network in networks.items()}


def adam(networks: Mapping[str, nn.Module], lr: float = 0.01) -> dict[str, torch.optim.Optimizer]:
    """Adam for each network."""
    return {name: torch.optim.Adam(network.parameters(), lr) for name, network in networks.items()}


def clone(networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """Copies that share nothing."""
    return {name: copy.deepcopy(network) for name, network in networks.items()}


def flat(network: nn.Module) -> Tensor:
    """All parameters in one vector."""
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def deviation(ours: Mapping[str, nn.Module], truth: Mapping[str, nn.Module], before: Mapping[str, nn.Module]) -> float:
    """The largest difference over the networks, relative to how far the truth has moved since `before`."""
    worst = 0.0
    for name, network in truth.items():
        moved = (flat(network) - flat(before[name])).norm()
        apart = (flat(network) - flat(ours[name])).norm()
        worst = max(worst, float(apart / moved) if moved > 0 else float(apart))
    return worst


def same(first: nn.Module, second: nn.Module) -> bool:
    """Whether weights and buffers are equal bit for bit."""
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)
