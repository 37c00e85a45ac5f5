"""How large a method's networks are, before they are built."""

from __future__ import annotations

import torch

from edgan.methods.base import Method

LARGE = 200_000_000
"""Parameters above which a person should know before training starts."""
BYTES_OF_STATE = 16
"""Of each parameter in training: weight, gradient and Adam's two moments, in float32."""


def parameter_counts(method: Method) -> dict[str, int]:
    """The number of parameters of each network that training steps. No memory is allocated for them."""
    stepped = {network for stage in method.plan.stages for network in stage.networks}
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        networks = {name: build() for name, build in method.networks.items() if name in stepped}
    return {name: sum(p.numel() for p in network.parameters()) for name, network in networks.items()}


def note_on_size(method: Method) -> str | None:
    """A sentence on a model of more than `LARGE` parameters; None for a smaller one."""
    counts = parameter_counts(method)
    total = sum(counts.values())
    if total <= LARGE:
        return None
    largest = max(counts, key=counts.__getitem__)
    return (
        f"This {method.name} has {total / 1e6:,.0f} million parameters, {counts[largest] / 1e6:,.0f} million of them "
        f"in the {largest}; training takes about {total * BYTES_OF_STATE / 2**30:,.0f} GiB of memory for them. "
        "A smaller network.width makes it smaller, and so does a smaller network.last_side where the method has it."
    )
