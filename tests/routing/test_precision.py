"""bfloat16 where torch allows it, and float32 where a penalty needs it."""

from __future__ import annotations

import torch
from routing_toys import vectors

from edgan.losses import critic_loss, kl_to_standard_normal, l2, r1_penalty
from edgan.methods.decoupled import add
from edgan.routing import Executor, Forward, Inputs, Phase, Plan, Stage, Table, Tap, Term, row


def test_penalties_losses_and_gradients_stay_in_float32_under_autocast() -> None:
    taps = (
        Tap("output", ("image",), network="generator"),
        Tap("d_fake", ("output",), network="discriminator"),
        Tap("point", ("image",), function=lambda image: image, leaf=True, float32=True),
        Tap("d_point", ("point",), network="discriminator", float32=True),
    )
    table = Table(
        ("generator", "discriminator"),
        (
            row(Term("copy", l2, ("output", "image"), ""), generator=1.0),
            row(Term("fake", lambda d: d.square().mean(1), ("d_fake",), ""), generator=1.0, discriminator=1.0),
            row(Term("penalty", r1_penalty, ("point", "d_point"), "", differentiates=True), discriminator=1.0),
        ),
    )
    plan = Plan(table, taps, (Stage("s", (Phase("p", table.networks),), simultaneous=True),))
    networks = {"generator": torch.nn.Linear(6, 6), "discriminator": torch.nn.Linear(6, 1)}
    optimisers = {name: torch.optim.SGD(network.parameters(), 0.1) for name, network in networks.items()}
    inputs = Inputs({"image": vectors(0).float()}, lambda *_: torch.empty(0))

    forward = Forward(plan, networks, inputs, autocast=True)
    losses = {term.name: forward.loss(term) for term in table.terms}
    slope = networks["discriminator"].weight.detach().clone()
    executor = Executor(plan, networks, optimisers, autocast=True)
    gradients = executor.gradients(0, 0, lambda _: inputs)
    reported = executor.step(0, 0, lambda _: inputs).losses

    assert {tap.name: forward[tap.name].dtype for tap in taps} == {
        "output": torch.bfloat16,
        "d_fake": torch.bfloat16,
        "point": torch.float32,
        "d_point": torch.float32,
    }
    assert {loss.dtype for loss in losses.values()} == {torch.float32}
    assert {g.dtype for group in gradients.values() for g in group if g is not None} == {torch.float32}
    torch.testing.assert_close(reported["penalty"], float(slope.square().sum() / 2), rtol=1e-6, atol=0)


def test_losses_subtract_in_float32_under_autocast() -> None:
    """Of nearly equal numbers in bfloat16, the difference is rounding."""
    torch.manual_seed(0)
    posterior = 0.02 * torch.randn(256, 64)
    taps = (Tap("mean", ("image",), network="encoder"), Tap("pair", ("mean",), function=lambda mean: (mean, -mean)))
    terms = (
        Term("kl", kl_to_standard_normal, ("mean", "mean"), ""),
        Term("critic", critic_loss, ("mean", "mean"), ""),
        Term("of a pair", lambda pair, mean: l2(1.0 + pair[0], 1.0 + mean * 0.99), ("pair", "mean"), ""),
    )
    table = Table(("encoder",), tuple(row(term, encoder=1.0) for term in terms))
    plan = Plan(table, taps, (Stage("s", (Phase("p", ("encoder",)),), simultaneous=True),))
    inputs = Inputs({"image": posterior}, lambda *_: torch.empty(0))
    forward = Forward(
        plan, {"encoder": torch.nn.Identity()}, inputs, known={"mean": posterior.bfloat16()}, autocast=True
    )
    rounded = posterior.bfloat16().float()
    expected = {
        "kl": kl_to_standard_normal(rounded, rounded).mean(),
        "critic": torch.tensor(0.0),
        "of a pair": (0.01 * rounded).square().mean(),
    }
    for term in terms:
        torch.testing.assert_close(forward.loss(term), expected[term.name], rtol=1e-3, atol=1e-7)


def test_base_and_residual_add_up_in_float32_under_autocast() -> None:
    base, residual = torch.full((4,), 0.7).bfloat16(), torch.full((4,), 0.0011).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(add(base, residual) - base.float(), residual.float(), rtol=1e-4, atol=0)
