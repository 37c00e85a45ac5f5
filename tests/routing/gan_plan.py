"""A GAN with an encoder-decoder on vectors: coupled or decoupled, with a cut, a schedule and a gradient penalty."""

from __future__ import annotations

from torch import Tensor

from edgan.losses import interpolate, l2, wgan_gp_penalty
from edgan.routing import Cut, Linear, Phase, Plan, Stage, Table, Tap, Term, row

PENALTY = 10.0


def critic(real: Tensor, fake: Tensor) -> Tensor:
    return (fake - real).flatten(1).mean(1)


def raised(fake: Tensor) -> Tensor:
    return -fake.flatten(1).mean(1)


def position_of_vectors(unit: Tensor) -> Tensor:
    return unit.view(-1, 1)


def added(base: Tensor, residual: Tensor) -> Tensor:
    return base + residual


def itself(base: Tensor) -> Tensor:
    return base


def plan_of(decoupled: bool, simultaneous: bool) -> Plan:
    warm_up = Linear(0.1, 0.5, 3)
    adversarial = Term("adversarial", raised, ("d_fake",), "-D(output)")
    rows = (
        row(Term("reconstruction", l2, ("base", "image"), "L2(base, image)"), encoder=1.0, decoder=1.0),
        row(adversarial, generator=warm_up) if decoupled else row(adversarial, encoder=warm_up, decoder=warm_up),
        row(Term("critic", critic, ("d_real", "d_fake"), "D(fake) - D(real)"), discriminator=1.0),
        row(Term("penalty", wgan_gp_penalty, ("point", "d_point"), "GP", differentiates=True), discriminator=PENALTY),
    )
    image = (
        (Tap("residual", ("z",), network="generator"), Tap("output", ("base", "residual"), function=added))
        if decoupled
        else (Tap("output", ("base",), function=itself),)
    )
    taps = (
        Tap("z", ("image",), network="encoder"),
        Tap("base", ("z",), network="decoder"),
        *image,
        Tap("d_real", ("image",), network="discriminator"),
        Tap("d_fake", ("output",), network="discriminator"),
        Tap("unit", noise=("uniform", ())),
        Tap("position", ("unit",), function=position_of_vectors),
        Tap("point", ("image", "output", "position"), function=interpolate, leaf=True),
        Tap("d_point", ("point",), network="discriminator"),
    )
    makers = ("encoder", "decoder", "generator") if decoupled else ("encoder", "decoder")
    phases = (Phase("discriminate", ("discriminator",)), Phase("generate", makers))
    stage = Stage("together", phases, simultaneous)
    cut = Cut("quarter", "output", into="d_fake", scale=0.25)
    return Plan(Table((*makers, "discriminator"), rows), taps, (stage,), (cut,))
