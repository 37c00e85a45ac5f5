"""Networks compiled by torch.compile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch._functorch.config
from torch import nn

from edgan.nets.pretrained import PretrainedFeatures
from edgan.routing import Plan


def compile_networks(networks: Mapping[str, nn.Module], plan: Plan, backend: str = "inductor") -> list[str]:
    """Compile a training's networks in place; they are compiled when they are first called.

    Networks of a gradient penalty stay as they are, since torch.compile cannot differentiate twice. Of a network that
    the plan calls by its methods only the fixed features are compiled.

    Args:
        networks: by name.
        plan: says which of them a penalty differentiates.
        backend: of torch.compile.

    Returns:
        The names of the networks of which something is compiled.
    """
    # A compiled backward otherwise reuses its inputs' memory, and the columns of a pass share them.
    torch._functorch.config.donated_buffer = False
    penalised = {tap.network for tap in plan.taps if tap.float32}
    compiled = []
    for name, network in networks.items():
        modules = [] if name in penalised else list(_whole(name, network, plan))
        for module in modules:
            module.compile(backend=backend)
        if modules:
            compiled.append(name)
    return compiled


def _whole(name: str, network: nn.Module, plan: Plan) -> Iterator[nn.Module]:
    """What to compile of a network."""
    if any(tap.network == name and tap.method is None for tap in plan.taps):
        yield network
    else:
        yield from (module for module in network.modules() if isinstance(module, PretrainedFeatures))
