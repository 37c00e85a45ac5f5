"""The balance of the game: how the discriminator judges real images and the model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import nn

from edgan.methods import Method
from edgan.routing import Forward, Inputs


@torch.no_grad()
def balance(method: Method, networks: Mapping[str, nn.Module], inputs: Inputs) -> dict[str, float]:
    """How the discriminator judges real images and the model's.

    Args:
        method: its taps "d_real" and "d_fake", where it has them, are D's verdicts.
        networks: all of them; they are left in evaluation mode.
        inputs: the samples; they are converted to the networks' precision.

    Returns:
        d_real, d_fake: mean D(real) and D(output) in [0, 1]; or critic_real, critic_fake: mean scores, where D gives no
        probability.
    """
    for network in networks.values():
        network.eval()
    dtype = next(p.dtype for network in networks.values() for p in network.parameters())
    fields = {name: x.to(dtype) if x.is_floating_point() else x for name, x in inputs.fields.items()}
    forward = Forward(method.plan, networks, replace(inputs, fields=fields))
    verdicts = {name: forward[name].float() for name in ("d_real", "d_fake") if name in method.plan.tap}
    if not method.logits:
        return {name.replace("d_", "critic_"): float(score.mean()) for name, score in verdicts.items()}
    return {name: float(torch.sigmoid(logit).mean()) for name, logit in verdicts.items()}
