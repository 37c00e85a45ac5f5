"""Random tables, phases and cuts against brute force: each network's own column, on a full forward of its own."""

from __future__ import annotations

import random

import pytest
import torch
from routing_toys import clone, deviation, numbered_noise, sgd, vectors
from torch import Tensor, nn

from edgan.routing import Cut, Executor, Inputs, Phase, Plan, Stage, Table, Tap, Term, row

WIDTH = 3
NETWORKS = ("a", "b", "c", "d")


def product(first: Tensor, second: Tensor) -> Tensor:
    return first * second + second


def one_value(value: Tensor) -> Tensor:
    return (value.square() + value).mean(1)


def two_values(first: Tensor, second: Tensor) -> Tensor:
    return (first * second - first.sin()).mean(1)


def random_plan(dice: random.Random) -> Plan:
    names: list[str] = ["image"]
    taps: list[Tap] = []
    for index in range(dice.randint(4, 8)):
        name = f"t{index}"
        if index > 0 and dice.random() < 0.3:
            tap = Tap(name, (dice.choice(names), dice.choice(names)), function=product)
        elif dice.random() < 0.1:
            tap = Tap(name, noise=("normal", (WIDTH,)))
        else:
            tap = Tap(name, (dice.choice(names[-3:]),), network=dice.choice(NETWORKS))
        taps.append(tap)
        names.append(name)
    rows = []
    for index in range(dice.randint(2, 5)):
        reads = tuple(dice.choice(names) for _ in range(dice.randint(1, 2)))
        loss = one_value if len(reads) == 1 else two_values
        term = Term(f"loss{index}", loss, reads, "", every=dice.choice((1, 1, 1, 2)))
        weight = dice.choice((0.3, 1.0))
        alike = {n: weight for n in NETWORKS if dice.random() < 0.6}
        rows.append(row(term, **alike))
    table = Table(NETWORKS, tuple(rows))
    stage = random_stage(dice)
    consumers = [t.name for t in taps] + [t.name for t in table.terms]
    cuts = []
    for index in range(dice.randint(0, 2)):
        phases = None
        if not stage.simultaneous and dice.random() < 0.5:
            phases = (dice.choice(stage.phases).name,)
        into = dice.choice([None, *consumers])
        cuts.append(Cut(f"cut{index}", dice.choice(names), into, dice.choice((0.0, 0.0, 0.5, -1.0)), phases))
    return Plan(table, tuple(taps), (stage,), tuple(cuts))


def random_stage(dice: random.Random) -> Stage:
    simultaneous = dice.random() < 0.4
    order = dice.sample(NETWORKS, k=dice.randint(2, 4))
    phases = []
    while order:
        size = dice.randint(1, len(order))
        members, order = tuple(order[:size]), order[size:]
        repeat = 1 if simultaneous else dice.choice((1, 1, 2, 3))
        every = dice.choice((1, 1, 2))
        phases.append(Phase(f"p{len(phases)}", members, every, repeat, fresh=repeat > 1 and dice.random() < 0.5))
    return Stage("only", tuple(phases), simultaneous)


def value_by_hand(plan: Plan, networks: dict[str, nn.Module], inputs: Inputs, phases: set[str], name: str) -> Tensor:
    """A tap computed from scratch, nothing kept, every gradient scaled in plain arithmetic."""
    if name == "image":
        return inputs.fields["image"]
    tap = next(t for t in plan.taps if t.name == name)
    if tap.noise is not None:
        return inputs.noise(name, *tap.noise)
    arguments = [edge_by_hand(plan, networks, inputs, phases, source, name) for source in tap.inputs]
    return networks[tap.network](*arguments) if tap.network else product(*arguments)


def edge_by_hand(
    plan: Plan, networks: dict[str, nn.Module], inputs: Inputs, phases: set[str], source: str, consumer: str
) -> Tensor:
    value = value_by_hand(plan, networks, inputs, phases, source)
    for cut in plan.cuts:
        holds = cut.phases is None or phases & set(cut.phases)
        if holds and cut.tap == source and cut.into in (None, consumer):
            value = cut.scale * value + (1 - cut.scale) * value.detach()
    return value


def step_by_hand(plan: Plan, networks: dict[str, nn.Module], step: int, draw, lr: float = 0.1) -> None:
    (stage,) = plan.stages
    due = [phase for phase in stage.phases if step % phase.every == 0]
    groups = [due] if stage.simultaneous else [[phase] for phase in due for _ in range(phase.repeat)]
    drawn, previous = 0, None
    for group in groups:
        if group and group[0] is previous and group[0].fresh:
            drawn += 1
        previous = group[0] if group else None
        inputs, phases = draw(drawn), {phase.name for phase in group}
        steps = []
        for network in (n for phase in group for n in phase.networks):
            total = torch.zeros((), dtype=torch.float64)
            for r in plan.table.rows:
                weight = r.route(network)
                if weight is None or step % r.term.every:
                    continue
                reads = [edge_by_hand(plan, networks, inputs, phases, tap, r.term.name) for tap in r.term.taps]
                total = total + weight * r.term.every * r.term.loss(*reads).mean()
            parameters = list(networks[network].parameters())
            if total.requires_grad:
                steps.append((parameters, torch.autograd.grad(total, parameters, allow_unused=True)))
        with torch.no_grad():
            for parameters, gradients in steps:
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    if gradient is not None:
                        parameter -= lr * gradient


def toy(seed: int) -> dict[str, nn.Module]:
    torch.manual_seed(seed)
    return {name: nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh()).double() for name in NETWORKS}


@pytest.mark.parametrize("block", range(8))
def test_a_random_plan_trains_as_brute_force_does(block: int, record_property: pytest.RecordProperty) -> None:
    worst = 0.0
    for seed in range(40 * block, 40 * (block + 1)):
        plan = random_plan(random.Random(seed))
        ours = toy(seed)
        truth, before = clone(ours), clone(ours)
        executor = Executor(plan, ours, sgd(ours))
        for step in range(3):

            def draw(k: int, step: int = step) -> Inputs:
                return Inputs({"image": vectors(100 * step + k, WIDTH)}, numbered_noise(100 * step + k))

            executor.step(0, step, draw)
            step_by_hand(plan, truth, step, draw)
        apart = deviation(ours, truth, before)
        worst = max(worst, apart)
        assert apart < 1e-9, f"plan of seed {seed}: {plan}"
    record_property("largest_relative_deviation", worst)


def test_the_random_plans_cover_what_they_should() -> None:
    """Enough of them move weights, share a backward, carry a tap over, cut a path that matters, and draw afresh."""
    plans = [random_plan(random.Random(seed)) for seed in range(320)]
    passes = [planned for plan in plans for step in range(3) for planned in plan.passes(0, step)]
    assert sum(any(len(column.networks) > 1 for column in planned.columns) for planned in passes) > 50
    assert sum(any(plan_tap.startswith("t") for plan_tap in planned.carried) for planned in passes) > 50
    assert sum(planned.fresh for planned in passes) > 50
    assert sum(bool(plan.cuts) for plan in plans) > 100
