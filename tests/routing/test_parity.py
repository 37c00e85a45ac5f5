"""The executor against plainly written PyTorch loops: coupled and decoupled, simultaneous and alternating.

Every form has a cut (the discriminator's gradient reaches the output at a quarter), a schedule (a warm-up of the
adversarial weight) and a gradient penalty (Wasserstein, between real and fake).
"""

from __future__ import annotations

import itertools

import pytest
import torch
from gan_plan import PENALTY, plan_of
from routing_toys import clone, deviation, flat, sgd, toy_inputs, toy_networks
from torch import Tensor, nn

from edgan.routing import Executor, Inputs, Plan

STEPS = 5


def output_by_hand(n: dict[str, nn.Module], image: Tensor, decoupled: bool) -> tuple[Tensor, Tensor]:
    """(base, output), the adversarial loss blocked from encoder and decoder where decoupled."""
    z = n["encoder"](image)
    base = n["decoder"](z)
    return base, base.detach() + n["generator"](z.detach()) if decoupled else base


def discriminator_loss_by_hand(n: dict[str, nn.Module], image: Tensor, fake: Tensor, unit: Tensor) -> Tensor:
    point = (unit[:, None] * image + (1 - unit[:, None]) * fake).requires_grad_()
    slope = torch.autograd.grad(n["discriminator"](point).sum(), point, create_graph=True)[0]
    penalty = ((slope.pow(2).sum(1).sqrt() - 1) ** 2).mean()
    return n["discriminator"](fake).mean() - n["discriminator"](image).mean() + PENALTY * penalty


def maker_loss_by_hand(n: dict[str, nn.Module], image: Tensor, weight: float, decoupled: bool) -> Tensor:
    base, output = output_by_hand(n, image, decoupled)
    cut = 0.25 * output + 0.75 * output.detach()
    return ((base - image) ** 2).mean() - weight * n["discriminator"](cut).mean()


def train_by_hand(
    n: dict[str, nn.Module], batches: list[tuple[Tensor, Tensor]], decoupled: bool, simultaneous: bool
) -> None:
    d = torch.optim.SGD(n["discriminator"].parameters(), 0.1)
    makers = torch.optim.SGD([p for name in n if name != "discriminator" for p in n[name].parameters()], 0.1)
    for step, (image, unit) in enumerate(batches):
        weight = 0.1 + 0.4 * min(step / 3, 1)
        fake = output_by_hand(n, image, decoupled)[1].detach()
        d.zero_grad()
        discriminator_loss_by_hand(n, image, fake, unit).backward()
        if not simultaneous:
            d.step()
        kept = [p.grad.clone() for p in n["discriminator"].parameters()]
        makers.zero_grad()
        maker_loss_by_hand(n, image, weight, decoupled).backward()
        makers.step()
        if simultaneous:
            for parameter, gradient in zip(n["discriminator"].parameters(), kept, strict=True):
                parameter.grad = gradient
            d.step()


@pytest.mark.parametrize("simultaneous", [False, True], ids=["alternating", "simultaneous"])
@pytest.mark.parametrize("decoupled", [False, True], ids=["coupled", "decoupled"])
def test_trains_as_the_hand_written_loop_does(
    decoupled: bool, simultaneous: bool, record_property: pytest.RecordProperty
) -> None:
    plan = plan_of(decoupled, simultaneous)
    ours = toy_networks(*plan.table.networks)
    truth, before = clone(ours), clone(ours)
    batches = [toy_inputs(seed) for seed in range(STEPS)]
    executor = Executor(plan, ours, sgd(ours))

    for step, inputs in enumerate(batches):
        executor.step(0, step, lambda _, inputs=inputs: inputs)
    train_by_hand(truth, [(b.fields["image"], b.noise("", "uniform", ())) for b in batches], decoupled, simultaneous)

    apart = deviation(ours, truth, before)
    record_property("relative_deviation", apart)
    assert apart < 1e-6


def test_the_four_forms_are_four_trainings() -> None:
    """The parity test could not tell the forms apart if they came to the same weights."""
    ends = []
    for decoupled in (False, True):
        for simultaneous in (False, True):
            plan = plan_of(decoupled, simultaneous)
            networks = toy_networks("encoder", "decoder", "generator", "discriminator")
            networks = {name: networks[name] for name in plan.table.networks}
            executor = Executor(plan, networks, sgd(networks))
            for step in range(STEPS):
                executor.step(0, step, lambda _, step=step: toy_inputs(step))
            ends.append(networks)
    for first, second in itertools.combinations(ends, 2):
        common = [name for name in first if name in second]
        assert max((flat(first[name]) - flat(second[name])).abs().max() for name in common) > 1e-4


@pytest.mark.parametrize("change", ["cut", "schedule", "penalty"])
def test_each_ingredient_counts(change: str) -> None:
    """Without its cut, its schedule or its penalty the training ends elsewhere."""
    plan = plan_of(decoupled=False, simultaneous=False)
    if change == "cut":
        other = Plan(plan.table, plan.taps, plan.stages)
    elif change == "schedule":
        other = Plan(plan.table.with_route("adversarial.decoder", 0.5), plan.taps, plan.stages, plan.cuts)
    else:
        other = Plan(plan.table.with_route("penalty.discriminator", 0), plan.taps, plan.stages, plan.cuts)
    with_it, without = toy_networks(*plan.table.networks), toy_networks(*plan.table.networks)
    before = clone(with_it)
    for p, networks in ((plan, with_it), (other, without)):
        executor = Executor(p, networks, sgd(networks))
        for step in range(2):
            executor.step(0, step, lambda _, step=step: toy_inputs(step))
    assert deviation(with_it, without, before) > 1e-3


def test_the_reported_losses_are_those_of_the_hand_written_terms() -> None:
    plan = plan_of(decoupled=True, simultaneous=True)
    n = toy_networks(*plan.table.networks)
    inputs: Inputs = toy_inputs(0)
    image, unit = inputs.fields["image"], inputs.noise("", "uniform", ())
    base, output = output_by_hand(n, image, decoupled=True)
    expected = {
        "reconstruction": ((base - image) ** 2).mean().item(),
        "adversarial": -n["discriminator"](output).mean().item(),
        "critic": (n["discriminator"](output).mean() - n["discriminator"](image).mean()).item(),
    }
    whole = discriminator_loss_by_hand(n, image, output.detach(), unit).item()
    expected["penalty"] = (whole - expected["critic"]) / PENALTY
    assert Executor(plan, n, sgd(n)).step(0, 0, lambda _: inputs).losses == pytest.approx(expected, rel=1e-12)
