"""A forward pass at inference: what replaces the noise and the attributes that training draws or reads."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

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
    keys: Sequence[tuple[int, int]] | None,
    size: int,
) -> Forward:
    """The taps of a chunk at inference.

    A stochastic latent takes its code, or 0 where there is no image to encode. Attributes that training reads from the
    data take what the model infers from the image.

    Args:
        method: whose taps.
        networks: by name.
        fields: the chunk's fields; they set device and precision.
        known: taps whose values are given.
        keys: (seed, position) of each sample. Its noise depends on these two alone, and not on how samples are divided
            into chunks. None: no noise may be needed.
        size: the side of the training's images, for which noise taps state their shape; a source of other sides gets
            noise of its own shape.
    """
    plan, latent = method.plan, method.latent
    first = next(iter([*fields.values(), *known.values()]))

    def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
        if keys is None:
            raise RuntimeError(f"inference asked for the noise {name!r}")
        sides = fields["source"].shape[-2:] if "source" in fields else (size, size)
        spread = noise_shape(shape, size, (sides[0], sides[1]))
        return _each(keys, name, kind, spread).to(first)

    forward = Forward(plan, networks, Inputs(fields, drawn), known=known)
    filled: dict[str, Tensor] = {}
    for tap, code in method.stand_ins.items():
        if tap not in known and is_known(plan, code, fields):
            filled[tap] = forward[code]
        elif tap not in known and latent is not None and tap == latent.z:
            filled[tap] = torch.zeros(len(first), latent.size).to(first)
    return Forward(plan, networks, forward.inputs, known={**forward.values, **filled})


def is_known(plan: Plan, tap: str, given: Collection[str]) -> bool:
    """Whether a batch field is among the given ones, or, for a tap, all batch fields that it reads."""
    if tap in BATCH_FIELDS:
        return tap in given
    read = {name for needed in plan.needed([tap]) for name in plan.tap[needed].inputs}
    return not read & set(BATCH_FIELDS) - set(given)


def noise_taps(method: Method) -> tuple[str, ...]:
    """The noise taps that the output depends on, except through the latent, which inference takes from its code."""
    stochastic = method.latent is not None and method.latent.z in method.stand_ins
    stop = method.latent.z if method.latent and stochastic else None
    names: dict[str, None] = {}

    def visit(name: str) -> None:
        tap = method.plan.tap.get(name)
        if tap is None or name == stop:
            return
        if tap.noise is not None:
            names[name] = None
        for read in tap.inputs:
            visit(read)

    visit("output")
    return tuple(names)


def noise_of(
    method: Method, seed: int, positions: Sequence[int], size: int, sides: tuple[int, int]
) -> dict[str, Tensor]:
    """The noise of the images at these positions of a folder, by tap: each (N, ...).

    Args:
        method: its noise taps are drawn.
        seed: of the noise.
        positions: N positions.
        size: side of the training's images in pixels.
        sides: height and width of these images.
    """
    drawn = {}
    for name in noise_taps(method):
        tap = method.plan.tap[name]
        assert tap.noise is not None
        kind, shape = tap.noise
        keys = [(seed, position) for position in positions]
        values = _each(keys, name, kind, noise_shape(shape, size, sides))
        drawn[name] = weight_at(tap.scale, math.inf) * values
    return drawn


def noise_shape(shape: tuple[int, ...], size: int, sides: tuple[int, int]) -> tuple[int, ...]:
    """The shape of one image's noise, given that of a training image: a map of noise grows with the image."""
    if not is_map(shape, size):
        return shape
    return (shape[0], *(side * shape[1] // size for side in sides))


def is_map(shape: tuple[int, ...], size: int) -> bool:
    """Whether the noise of a training image is a map: (C, s, s), where s divides the side."""
    return len(shape) == 3 and shape[1] == shape[2] and size % shape[1] == 0


def _each(keys: Sequence[tuple[int, int]], name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    return torch.stack([draw_noise((seed, position, name), kind, shape) for seed, position in keys])
