"""A forward in use: what stands where training draws noise or reads the data's own attributes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from edgan.methods import Method
from edgan.models.noise import draw_noise
from edgan.routing import Forward, Inputs, Plan
from edgan.routing.schedule import weight_at
from edgan.routing.term import BATCH_FIELDS


def in_use(
    method: Method,
    networks: Mapping[str, nn.Module],
    fields: Mapping[str, Tensor],
    known: Mapping[str, Tensor],
    noise: tuple[int | None, int],
    size: int,
) -> Forward:
    """The taps of a chunk in evaluation.

    A stochastic latent stands at its code, or at 0 where nothing is there to encode; attributes that training reads
    from the data stand at what the model says of the image.

    Args:
        method: whose taps.
        networks: by name.
        fields: the chunk's fields; they say device and precision.
        known: taps that are given.
        noise: (seed, position of the chunk's first sample); a seed of None refuses to draw any. A sample's noise
            depends on seed and position alone, and not on how samples are cut into chunks.
        size: that noise taps have the shape for; a source of other sides gets noise of its own.
    """
    plan, latent = method.plan, method.latent
    seed, position = noise
    first = next(iter([*fields.values(), *known.values()]))

    def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
        if seed is None:
            raise RuntimeError(f"inference asked for the noise {name!r}")
        sides = fields["source"].shape[-2:] if "source" in fields else (size, size)
        spread = noise_shape(shape, size, (sides[0], sides[1]))
        return _each(seed, range(position, position + len(first)), name, kind, spread).to(first)

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


def noise_taps(method: Method) -> tuple[str, ...]:
    """The noise behind the output, but for what lies behind the latent, which inference fills from its code."""
    stochastic = method.latent is not None and method.latent.z in method.stand_ins
    stop = method.latent.z if method.latent and stochastic else None
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        tap = method.plan.tap.get(name)
        if tap is None or name == stop:
            return
        if tap.noise is not None:
            found[name] = None
        for read in tap.inputs:
            visit(read)

    visit("output")
    return tuple(found)


def noise_of(
    method: Method, seed: int, positions: Sequence[int], size: int, sides: tuple[int, int]
) -> dict[str, Tensor]:
    """The noise of the pictures at these positions of a folder, by tap: each (N, ...).

    Args:
        method: whose noise.
        seed: of the noise.
        positions: N of them.
        size: of the training's pictures.
        sides: height and width of these.
    """
    drawn = {}
    for name in noise_taps(method):
        tap = method.plan.tap[name]
        assert tap.noise is not None
        kind, shape = tap.noise
        values = _each(seed, positions, name, kind, noise_shape(shape, size, sides))
        drawn[name] = weight_at(tap.scale, math.inf) * values
    return drawn


def noise_shape(shape: tuple[int, ...], size: int, sides: tuple[int, int]) -> tuple[int, ...]:
    """The shape of one picture's noise, given that of a square picture: noise with places covers the whole picture."""
    if not has_places(shape, size):
        return shape
    return (shape[0], *(side * shape[1] // size for side in sides))


def has_places(shape: tuple[int, ...], size: int) -> bool:
    """Whether the noise of a square picture is a map: (C, s, s) with s a whole fraction of the side."""
    return len(shape) == 3 and shape[1] == shape[2] and size % shape[1] == 0


def _each(seed: int, positions: Iterable[int], name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    return torch.stack([draw_noise((seed, position, name), kind, shape) for position in positions])
