"""A forward in use: what stands where training draws noise or reads the data's own attributes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from edgan.methods import Method
from edgan.routing import Forward, Inputs, Plan
from edgan.routing.plan import BATCH_FIELDS
from edgan.training.feed import draw_noise


def in_use(
    method: Method,
    networks: Mapping[str, nn.Module],
    fields: Mapping[str, Tensor],
    known: Mapping[str, Tensor],
    noise: tuple[int | None, int],
) -> Forward:
    """The taps of a chunk in evaluation.

    A stochastic latent stands at its code, or at 0 where nothing is there to encode; attributes that training reads
    from the data stand at what the model says of the image.

    Args:
        method: whose taps.
        networks: by name.
        fields: the chunk's fields; they say device and precision.
        known: taps that are given.
        noise: (seed, position of the chunk); a seed of None refuses to draw any.
    """
    plan, latent = method.plan, method.latent
    seed, position = noise
    first = next(iter([*fields.values(), *known.values()]))

    def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
        if seed is None:
            raise RuntimeError(f"inference asked for the noise {name!r}")
        return draw_noise((seed, position, name), kind, (len(first), *shape)).to(first)

    forward = Forward(plan, networks, Inputs(fields, drawn), known=known)
    filled: dict[str, Tensor] = {}
    for tap, code in method.stand_ins.items():
        if tap not in known and is_known(plan, code, fields):
            filled[tap] = forward[code]
        elif tap not in known and latent is not None and tap == latent.z:
            filled[tap] = torch.zeros(len(first), latent.size).to(first)
    return Forward(plan, networks, forward.inputs, known={**forward.values, **filled})


def is_known(plan: Plan, tap: str, given: Collection[str]) -> bool:
    """Whether a batch field is given, or all that a tap reads of a batch."""
    if tap in BATCH_FIELDS:
        return tap in given
    read = {name for one in plan.needed([tap]) for name in plan.tap[one].inputs}
    return not read & set(BATCH_FIELDS) - set(given)


def draws_noise(method: Method) -> bool:
    """Whether noise lies behind the output, and not only behind the latent."""
    stochastic = method.latent is not None and method.latent.z in method.stand_ins
    stop = method.latent.z if method.latent and stochastic else None

    def drawn(name: str) -> bool:
        tap = method.plan.tap.get(name)
        return tap is not None and name != stop and (tap.noise is not None or any(map(drawn, tap.inputs)))

    return drawn("output")
