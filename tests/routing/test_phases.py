"""What a phase sees, what it leaves alone, and when it is due."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from gan_plan import plan_of
from routing_toys import adam, clone, dense, flat, same, sgd, toy_inputs, toy_networks
from torch import Tensor, nn

from edgan.routing import Executor, Inputs, Phase, Plan, Stage, Table, Tap, Term, row


def with_phases(plan: Plan, *phases: Phase, simultaneous: bool = False) -> Plan:
    return replace(plan, stages=(Stage("s", phases, simultaneous),))


def leaves(value: Tensor) -> set[int]:
    """The ids of the parameters that a value's graph ends in."""
    seen, ends, stack = set(), set(), [value.grad_fn]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            ends.add(id(node.variable))
        stack += [following for following, _ in node.next_functions]
    return ends


def ids(*networks: nn.Module) -> set[int]:
    return {id(p) for network in networks for p in network.parameters()}


@pytest.mark.parametrize("simultaneous", [False, True], ids=["alternating", "simultaneous"])
def test_the_makers_see_the_stepped_discriminator_only_where_phases_alternate(simultaneous: bool) -> None:
    plan = plan_of(decoupled=True, simultaneous=simultaneous)
    networks = toy_networks(*plan.table.networks)
    seen: list[Tensor] = []
    networks["discriminator"].register_forward_pre_hook(lambda module, _: seen.append(flat(module)))
    Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0))
    changed = [not torch.equal(weights, seen[0]) for weights in seen]
    assert changed == ([False] * 3 if simultaneous else [False, False, False, True])


def test_a_phase_that_is_not_due_changes_nothing() -> None:
    plan = with_phases(
        plan_of(decoupled=False, simultaneous=False),
        Phase("d", ("discriminator",)),
        Phase("make", ("encoder", "decoder"), every=3),
    )
    networks = toy_networks(*plan.table.networks)
    executor = Executor(plan, networks, adam(networks))
    moved = []
    for step in range(7):
        before = clone(networks)
        executor.step(0, step, lambda _, step=step: toy_inputs(step))
        moved.append({name for name in networks if not same(networks[name], before[name])})
    assert moved == [set(networks) if step % 3 == 0 else {"discriminator"} for step in range(7)]


def test_a_lazy_term_counts_every_kth_step_and_k_times_as_much() -> None:
    plan = plan_of(decoupled=False, simultaneous=False)
    lazy = replace(plan.table.terms[3], every=4)
    rows = (*plan.table.rows[:3], row(lazy, discriminator=10.0))
    lazy_plan = replace(plan, table=Table(plan.table.networks, rows))
    networks = toy_networks(*plan.table.networks)
    executor = Executor(lazy_plan, networks, sgd(networks))
    assert ["penalty" in executor.step(0, s, lambda _: toy_inputs(0)).losses for s in range(5)] == [1, 0, 0, 0, 1]

    often, seldom = Executor(plan, networks), Executor(lazy_plan, networks)
    pairs = [e.gradients(0, 0, lambda _: toy_inputs(0), only="penalty")["discriminator"] for e in (often, seldom)]
    torch.testing.assert_close([g * 4 for g in pairs[0][:3]], pairs[1][:3])


def test_a_network_with_nothing_due_is_not_stepped() -> None:
    """Adam's memory would move it although it has no gradient."""
    plan = plan_of(decoupled=False, simultaneous=False)
    rows = (*plan.table.rows[:2], row(replace(plan.table.terms[3], every=2), discriminator=10.0))
    lazy_plan = replace(plan, table=Table(plan.table.networks, rows))
    networks = toy_networks(*plan.table.networks)
    executor = Executor(lazy_plan, networks, adam(networks))
    executor.step(0, 0, lambda _: toy_inputs(0))
    before = clone(networks)
    executor.step(0, 1, lambda _: toy_inputs(1))
    assert same(networks["discriminator"], before["discriminator"])
    assert not same(networks["encoder"], before["encoder"])


@pytest.mark.parametrize("fresh", [False, True], ids=["same batch", "fresh batches"])
def test_repetitions_see_the_batches_that_are_stated(fresh: bool) -> None:
    plan = with_phases(
        plan_of(decoupled=False, simultaneous=False),
        Phase("d", ("discriminator",), repeat=3, fresh=fresh),
        Phase("make", ("encoder", "decoder")),
    )
    networks = toy_networks(*plan.table.networks)
    seen: list[int] = []
    batches = [toy_inputs(seed) for seed in range(3)]

    def note(_: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(next(k for k, b in enumerate(batches) if torch.equal(b.fields["image"], arguments[0])))

    networks["encoder"].register_forward_pre_hook(note)
    asked: list[int] = []

    def draw(k: int) -> Inputs:
        asked.append(k)
        return batches[k]

    result = Executor(plan, networks, sgd(networks)).step(0, 0, draw)
    assert asked == ([0, 1, 2] if fresh else [0])
    assert seen == ([0, 1, 2] if fresh else [0])
    assert result.forwards["discriminator"] == 3 * 3 + 1


def test_networks_outside_a_phase_build_no_graph() -> None:
    plan = with_phases(plan_of(decoupled=False, simultaneous=False), Phase("d", ("discriminator",)))
    networks = toy_networks(*plan.table.networks)
    forward = Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0)).forward
    assert forward is not None
    assert all(forward[tap].grad_fn is None for tap in ("z", "base", "output"))
    assert leaves(forward["d_fake"]) == ids(networks["discriminator"])


def test_the_makers_phase_builds_no_graph_of_the_discriminator() -> None:
    plan = plan_of(decoupled=True, simultaneous=False)
    networks = toy_networks(*plan.table.networks)
    forward = Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0)).forward
    assert forward is not None
    assert leaves(forward["d_fake"]) == ids(networks["encoder"], networks["decoder"], networks["generator"])
    assert "d_real" not in forward.values


class Normed(nn.Module):
    """A network with batch norm that keeps running statistics, and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.drop = dense(6, 6), nn.BatchNorm1d(6).double(), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.norm(self.first(x)))


def teacher_and_student(frozen: str, *, steps: int | None = None) -> tuple[Plan, dict[str, nn.Module]]:
    """The student copies a frozen teacher; after `steps` a second stage steps the teacher."""
    taps = (
        Tap("lesson", ("image",), network="teacher"),
        Tap("answer", ("image",), network="student"),
    )

    def distance(left: Tensor, right: Tensor) -> Tensor:
        return (left - right).square().mean(1)

    table = Table(
        ("teacher", "student"),
        (
            row(Term("copy", distance, ("answer", "lesson"), ""), student=1.0),
            row(Term("shrink", lambda lesson: lesson.square().mean(1), ("lesson",), ""), teacher=1.0),
        ),
    )
    stages = (
        Stage("learn", (Phase("student", ("student",)),), False, steps or 100, frozen=frozen),
        Stage("teach", (Phase("teacher", ("teacher",)),), False),
    )
    torch.manual_seed(0)
    return Plan(table, taps, stages), {"teacher": Normed(), "student": dense(6, 6)}


@pytest.mark.parametrize("frozen", ["running", "batch"])
def test_a_frozen_network_keeps_weights_and_buffers_bit_for_bit(frozen: str) -> None:
    plan, networks = teacher_and_student(frozen)
    before = clone(networks)
    executor = Executor(plan, networks, sgd(networks))
    for step in range(3):
        executor.step(0, step, lambda _, step=step: toy_inputs(step))
    assert same(networks["teacher"], before["teacher"])
    assert not same(networks["student"], before["student"])


@pytest.mark.parametrize("frozen", ["running", "batch"])
def test_a_frozen_networks_batch_norm_runs_on_the_statistics_that_are_stated(frozen: str) -> None:
    plan, networks = teacher_and_student(frozen)
    teacher = networks["teacher"]
    assert isinstance(teacher, Normed)
    nn.init.normal_(teacher.norm.running_mean)
    image = toy_inputs(0).fields["image"]
    x = teacher.first(image).detach()
    mean, variance = (
        (x.mean(0), x.var(0, unbiased=False))
        if frozen == "batch"
        else (
            teacher.norm.running_mean.clone(),
            teacher.norm.running_var.clone(),
        )
    )
    expected = (x - mean) / (variance + teacher.norm.eps).sqrt()
    forward = Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0)).forward
    assert forward is not None
    torch.testing.assert_close(forward["lesson"], expected)


def test_a_network_that_was_frozen_tracks_statistics_again_when_its_stage_comes() -> None:
    plan, networks = teacher_and_student("batch")
    executor = Executor(plan, networks, sgd(networks))
    executor.step(0, 0, lambda _: toy_inputs(0))
    before = clone(networks)
    executor.step(1, 0, lambda _: toy_inputs(0))
    teacher, old = networks["teacher"], before["teacher"]
    assert isinstance(teacher, Normed)
    assert isinstance(old, Normed)
    assert int(teacher.norm.num_batches_tracked) == int(old.norm.num_batches_tracked) + 1
    assert not torch.equal(teacher.norm.running_mean, old.norm.running_mean)
    assert same(networks["student"], before["student"])


def test_stages_follow_each_other() -> None:
    plan, _ = teacher_and_student("running", steps=3)
    assert [plan.stage_at(step) for step in range(5)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_networks_that_share_a_parameter_are_refused() -> None:
    plan, networks = teacher_and_student("running")
    with pytest.raises(ValueError, match=r"'teacher' and 'student' share a parameter"):
        Executor(plan, {"teacher": networks["student"], "student": networks["student"]})
