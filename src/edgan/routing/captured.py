"""Steps as CUDA graphs: recorded once, then started with a single call of the host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from edgan.routing.execute import Executor, StepResult
from edgan.routing.forward import Inputs

WARM_STEPS = 3
"""Steps of a kind that run eagerly before it is recorded: they create optimiser state and choose algorithms."""

Draw = Callable[[int], Inputs]
Kind = tuple[int, tuple[bool, ...]]
"""The stage's index, and which of its phases and of the table's terms are due."""
Take = Callable[[], None]
Record = Callable[[Take], Take]
"""Turns work, without doing it, into something that does it again and again."""


def record_by_cuda() -> Record:
    """Records work as CUDA graphs that share their memory, since they never run at the same time."""
    pool = torch.cuda.graph_pool_handle()

    def record(take: Take) -> Take:
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        generator = torch.cuda.default_generators[torch.cuda.current_device()]
        # Other threads may go on using the GPU meanwhile.
        with usable_after_failure(generator), torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            take()
        return graph.replay

    return record


@contextmanager
def usable_after_failure(generator: torch.Generator) -> Iterator[None]:
    """Give a generator the state of before when a recording fails.

    torch ends a generator's part in a recording only where the recording succeeds. Otherwise the next eager dropout
    fails with "Offset increment outside graph capture".
    """
    before = generator.clone_state()
    try:
        yield
    except RuntimeError:
        generator.graphsafe_set_state(before)
        raise


class CapturedSteps:
    """An executor's steps as CUDA graphs, with the same results.

    A small model's step consists of hundreds of kernels that each take less time than Python needs to start them. A
    graph holds them all, the double backward of a penalty and the optimisers included. Steps in which the same is due
    share a graph. What differs between them is read from tensors that keep their place: the batch, its noise, kept
    values, learning rates, the number of the step.

    Graphs hold the addresses of weights and optimiser state. Call `forget` when one of these was replaced.

    Args:
        executor: whose steps. Its networks must be on one CUDA device, and it must not synchronise processes.
        warn: called with a sentence when a step cannot be recorded; all later steps are then eager.
        recorder: makes what records.
    """

    def __init__(
        self,
        executor: Executor,
        warn: Callable[[str], None] = lambda _: None,
        recorder: Callable[[], Record] = record_by_cuda,
    ) -> None:
        self.executor, self.warn = executor, warn
        self._recorder = recorder
        self._terms = [term.every for term in executor.plan.table.terms]
        self._phases = [[phase.every for phase in stage.phases] for stage in executor.plan.stages]
        self._refused = False
        self.forget()

    def forget(self) -> None:
        """Drop all graphs; they are recorded again when they are needed."""
        self._seen: Counter[Kind] = Counter()
        self._graphs: dict[Kind, _Recording] = {}
        self._record_with: Record | None = None
        self._shared: tuple[Tensor, Tensor] | None = None

    @property
    def recorded(self) -> int:
        """How many kinds of steps have a graph."""
        return len(self._graphs)

    def step(self, stage: int, step: int, draw: Draw, sound: Tensor | None = None) -> StepResult:
        """As `Executor.step`. Without `sound` the host reads losses within the step, which is then eager."""
        if sound is None or self._refused:
            return self.executor.step(stage, step, draw, sound)
        moment = self._tensors(sound)[1].fill_(step)
        kind = stage, tuple(step % every == 0 for every in (*self._phases[stage], *self._terms))
        if kind not in self._graphs:
            self._seen[kind] += 1
            if self._seen[kind] <= WARM_STEPS or not self._record(kind, step, draw, sound):
                return self.executor.step(stage, step, draw, sound, moment)
        kept = self._tensors(sound)[0]
        if sound is not kept:
            kept.copy_(sound)
        return self._graphs[kind].replay(draw)

    def _tensors(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """What all graphs share: whether all losses were finite up to here, and the number of the step."""
        if self._shared is None:
            self._shared = sound.clone(), torch.zeros((), dtype=torch.float64, device=sound.device)
        return self._shared

    def _record(self, kind: Kind, step: int, draw: Draw, sound: Tensor) -> bool:
        """Record a kind of step without taking it. False if it cannot be recorded."""
        if self._record_with is None:
            self._record_with = self._recorder()
        try:
            self._graphs[kind] = _Recording(self.executor, kind[0], step, draw, self._tensors(sound), self._record_with)
        except RuntimeError as error:
            self._refused = True
            self._graphs.clear()
            self.warn(
                "This training's step cannot be recorded as a CUDA graph, so that steps are slower than they could be: "
                f"{str(error).strip().splitlines()[0]}"
            )
            return False
        return True


class _Recording:
    """One kind of step: its graph and the tensors that the graph reads and writes.

    Args:
        executor: whose step.
        stage: its index.
        step: a number of such a step.
        draw: its batches.
        shared: `sound` and `moment`, as `Executor.step` takes them.
        record: records it.
    """

    def __init__(
        self, executor: Executor, stage: int, step: int, draw: Draw, shared: tuple[Tensor, Tensor], record: Record
    ) -> None:
        self._executor, self._stage = executor, stage
        self._sound, moment = shared
        batches = 1 + sum(current.fresh for current in executor.plan.passes(stage, step))
        self._batches = [_Places(draw(k), executor, stage) for k in range(batches)]
        self._result, self._losses = StepResult(), Tensor()

        def take() -> None:
            self._result = executor.step(stage, step, lambda k: self._batches[k].inputs, self._sound, moment)
            assert self._result.sound is not None
            self._sound.copy_(self._result.sound)
            self._losses = torch.stack(list(self._result.unread.values()))
            self._result.forward = None  # it would hold the step's whole graph of gradients

        self._replay = record(take)

    def replay(self, draw: Draw) -> StepResult:
        """Take a step. Its losses are copies, so that later steps leave them as they are."""
        for place, batch in enumerate(self._batches):
            batch.take(draw(place), self._executor, self._stage)
        self._replay()
        losses = dict(zip(self._result.unread, self._losses.clone().unbind(), strict=True))
        done = self._result
        return StepResult(unread=losses, sound=self._sound, forwards=done.forwards.copy(), backwards=done.backwards)


class _Places:
    """One batch, its noise and its kept values in tensors that keep their place.

    Args:
        first: a batch, which says what there is and of which shape.
        executor: knows the values kept for a batch.
        stage: its index.
    """

    def __init__(self, first: Inputs, executor: Executor, stage: int) -> None:
        self._fields = {name: value.clone() for name, value in first.fields.items()}
        self._kept = {name: value.clone() for name, value in executor.kept_values(stage, first).items()}
        # All of the plan's noise, since nothing may be drawn while a step is recorded; later only what it asked for.
        keys = [(tap.name, *tap.noise) for tap in executor.plan.taps if tap.noise is not None]
        self._noise = {key: first.noise(*key).clone() for key in keys}
        self._asked: set[tuple[str, str, tuple[int, ...]]] = set()

    @property
    def inputs(self) -> Inputs:
        """The batch as a graph reads it."""

        def noise(*key: Any) -> Tensor:
            self._asked.add(key)
            return self._noise[key]

        return Inputs(self._fields, noise, kept=self._kept)

    def take(self, inputs: Inputs, executor: Executor, stage: int) -> None:
        """Put another batch in place."""
        _copy(self._fields, inputs.fields)
        if self._kept:
            _copy(self._kept, executor.kept_values(stage, inputs))
        for key in self._asked:
            self._noise[key].copy_(inputs.noise(*key))


def _copy(places: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    for name, place in places.items():
        place.copy_(values[name])
