"""The balance of the game: how the discriminator judges real images and the model's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from edgan.methods import Method
from edgan.models.inputs import rows_of
from edgan.processes import ALONE, Processes
from edgan.routing import Forward, Inputs


@torch.no_grad()
def balance(
    method: Method,
    networks: Mapping[str, nn.Module],
    inputs: Inputs,
    processes: Processes = ALONE,
    of: Sequence[str] = ("d_real", "d_fake"),
) -> dict[str, float]:
    """How the discriminator judges real images and the model's.

    Args:
        method: its taps "d_real" and "d_fake", where it has them, are D's verdicts.
        networks: all of them; they are left in evaluation mode.
        inputs: the samples; they are converted to the networks' precision.
        processes: that share the samples, unless the plan takes something for one sample from another.
        of: the verdicts that are wanted.

    Returns:
        Of these, d_real, d_fake: mean D(real) and D(output) in [0, 1]; or critic_real, critic_fake: mean scores, where
        D gives no probability.
    """
    for network in networks.values():
        network.eval()
    dtype = next(p.dtype for network in networks.values() for p in network.parameters())
    fields = {name: x.to(dtype) if x.is_floating_point() else x for name, x in inputs.fields.items()}
    given = Inputs(fields, lambda name, kind, shape: inputs.noise(name, kind, shape).to(dtype))
    names = [name for name in of if name in method.plan.tap]

    def judged(rows: slice) -> tuple[Tensor, ...]:
        forward = Forward(method.plan, networks, rows_of(given, rows))
        return tuple(forward[name].float().cpu() for name in names)

    by_image = not any(getattr(tap.function, "across_batch", False) for tap in method.plan.taps)
    rows = (processes if by_image else ALONE).rows(len(fields["image"]), judged)
    verdicts = dict(zip(names, rows, strict=True))
    if not method.logits:
        return {name.replace("d_", "critic_"): float(score.mean()) for name, score in verdicts.items()}
    return {name: float(torch.sigmoid(logit).mean()) for name, logit in verdicts.items()}
