"""The state of a training: to a snapshot and back, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from edgan.errors import EdganError
from edgan.routing import Stage, Table
from edgan.storage.checkpoint import Snapshot
from edgan.storage.weights import flat_networks, load_networks
from edgan.training.ema import Average
from edgan.training.optimiser_state import (
    FlatState,
    flatten_optimiser,
    join_states,
    restore_optimiser,
    split_state,
)
from edgan.training.optimisers import Optimisers
from edgan.training.random_state import capture_random_state, restore_random_state


@dataclass
class TrainingState:
    """Everything that changes during a training and that its next step depends on.

    Attributes:
        networks: by column of the table.
        optimisers: by the names in `Plan.optimiser_names`.
        average: the averaged weights.
        step: how many steps were done.
        rollbacks: how often the training went back to a checkpoint.
        score: the held-out figure that judges checkpoints, "kid_features_output".
        best: the highest score so far, whose sign makes higher better; minus infinity before the first.
        best_step: the step that had it; 0 before the first.
        without_better: evaluations since then.
        spent: seconds of training.
    """

    networks: Mapping[str, nn.Module]
    optimisers: Optimisers
    average: Average
    step: int = 0
    rollbacks: int = 0
    score: str = ""
    best: float = float("-inf")
    best_step: int = 0
    without_better: int = 0
    spent: float = 0.0

    def begin_stage(self, stage: Stage, within: int) -> None:
        """Before a stage's first step: networks that begin as another take over its weights, in their average too.

        Args:
            stage: of the next step.
            within: number of that step in the stage, from 0; nothing happens at later ones.
        """
        for name, source in stage.begins_as if within == 0 else ():
            network = self.networks[name]
            start_from = getattr(network, "start_from", None)
            if start_from is None:  # a person's own module begins as it was given
                continue
            start_from(self.networks[source])
            if name in self.average.networks:
                self.average.networks[name].load_state_dict(network.state_dict())

    def judge(self, score: float, in_last_stage: bool) -> bool:
        """Count an evaluation of the current step; whether its score is the highest so far.

        Args:
            score: the higher, the better; minus infinity where none was measured.
            in_last_stage: earlier stages leave networks untrained, so what they score does not count.
        """
        if not in_last_stage:
            return False
        better = score > self.best
        if better:
            self.best, self.best_step, self.without_better = score, self.step, 0
        elif score > float("-inf"):  # otherwise nothing was measured
            self.without_better += 1
        return better

    def snapshot(self, table: Table, data: str) -> Snapshot:
        """The state and torch's random state as tensors and JSON. The tensors are the training's own, not copies.

        Args:
            table: the method's, kept with the checkpoint.
            data: key of the data set, kept with the checkpoint.
        """
        tensors: dict[str, Tensor] = dict(capture_random_state())
        settings: dict[str, Any] = {}
        for optimiser, names, counts in self._shared():
            for name, (own, rest) in zip(names, split_state(flatten_optimiser(optimiser), counts), strict=True):
                settings[name] = rest
                tensors |= {f"{name}/{key}": value for key, value in own.items()}
        counters = {
            "optimisers": settings,
            "rollbacks": self.rollbacks,
            "score": self.score,
            "best": self.best if self.best > float("-inf") else None,
            "best_step": self.best_step,
            "without_better": self.without_better,
            "spent": self.spent,
            "table": table.as_dict(),
            "digest": table.digest(),
            "data": data,
        }
        groups = {
            "networks": flat_networks(self.networks),
            "ema": flat_networks(self.average.networks),
            "optimisers": tensors,
        }
        return Snapshot(self.step, groups, counters)

    def restore(self, saved: Snapshot) -> None:
        """Continue from a snapshot: the next step is the one that would have followed it.

        Raises:
            EdganError: the snapshot has no state for one of the optimisers. Nothing is changed then.
        """
        missing = [name for name in self.optimisers if name not in saved.state["optimisers"]]
        if missing:
            raise EdganError(
                f"The checkpoint of step {saved.step} has no state for the optimiser {missing[0]!r}. It was written by "
                "a version of edgan that kept other optimisers for this method. Resume it with that version, or start "
                "a new run."
            )
        load_networks(self.networks, saved.tensors["networks"])
        load_networks(self.average.networks, saved.tensors["ema"])
        tensors = saved.tensors["optimisers"]
        for optimiser, names, _ in self._shared():
            restore_optimiser(optimiser, *join_states([_saved_state(saved, name) for name in names]))
        restore_random_state(tensors)
        self.step = saved.step
        self.rollbacks = saved.state["rollbacks"]
        same = saved.state.get("score") == self.score  # figures of another metric are on another scale
        self.best = saved.state["best"] if same and saved.state["best"] is not None else float("-inf")
        self.best_step = saved.state["best_step"] if same else 0
        self.without_better = saved.state["without_better"] if same else 0
        self.spent = saved.state["spent"]

    def _shared(self) -> Iterator[tuple[torch.optim.Optimizer, list[str], list[int]]]:
        """Each optimiser once, with its names and how many parameters it has under each, in their order."""
        names: dict[int, list[str]] = {}
        for name, optimiser in self.optimisers.items():
            names.setdefault(id(optimiser), []).append(name)
        for shared in names.values():
            optimiser = self.optimisers[shared[0]]
            stepped = {id(parameter) for group in optimiser.param_groups for parameter in group["params"]}
            modules = [self.networks[name.rpartition(".")[2]] for name in shared]  # "PHASE.NETWORK" or "NETWORK"
            yield optimiser, shared, [sum(id(p) in stepped for p in module.parameters()) for module in modules]


def _saved_state(saved: Snapshot, name: str) -> FlatState:
    prefix = f"{name}/"
    tensors = saved.tensors["optimisers"].items()
    own = {key.removeprefix(prefix): value for key, value in tensors if key.startswith(prefix)}
    return own, saved.state["optimisers"][name]
