"""What a resumed training must share with the run that it continues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgan.config import Configuration, configure, dotted_settings
from edgan.data import Dataset
from edgan.errors import EdganError, UsageError, counted
from edgan.methods import Method
from edgan.models.stored_run import stored_configuration
from edgan.routing import Route
from edgan.storage.run_folder import RunFolder
from edgan.training.loop import Trainer

EVERY = ("checkpoint_every", "preview_every", "evaluate_every", "log_every")
MAY_CHANGE = ("steps", "device", "patience", "exclusive", *EVERY)


def resumed_configuration(
    folder: RunFolder,
    method: str,
    preset: str | None,
    given: Mapping[str, Any],
    settings: Mapping[str, Any],
    routes: Mapping[str, Route | str],
) -> Configuration:
    """The run's own configuration.

    Args:
        folder: the run's.
        method, preset, given, settings, routes: as `train` was called with them.

    Raises:
        UsageError: the call asks for another configuration.
        EdganError: run.json cannot be read.
    """
    stored = stored_configuration(folder.read_run(), folder)
    if method != stored.method:
        raise UsageError(
            f"The run was started with the method {stored.method}, not {method}, and can only continue with that."
        )
    wanted = configure(
        method,
        preset or stored.preset,
        {**dotted_settings(stored), **{name: value for name, value in given.items() if value is not None}, **settings},
        {**stored.routes, **routes},
    )
    if wanted.precision == "auto":
        wanted = wanted.model_copy(update={"precision": stored.precision})  # also on a device that would choose another
    before, after = dotted_settings(stored), dotted_settings(wanted)
    before |= {f"route {cell}": text for cell, text in stored.routes.items()} | {"preset": stored.preset}
    after |= {f"route {cell}": text for cell, text in wanted.routes.items()} | {"preset": wanted.preset}
    changed = [
        f"{name} was {before.get(name, 'blank')} and would be {after.get(name, 'blank')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and name not in MAY_CHANGE
    ]
    if changed:
        raise UsageError(
            f"The run cannot be resumed with another configuration: {'; '.join(changed)}. Start a new run instead."
        )
    return wanted


def refuse_others(contents: Mapping[str, Any], method: Method, dataset: Dataset) -> None:
    """Refuse a run with another table, or data other than that it was started with.

    Raises:
        UsageError: the run was made by another version, or of other images.
    """
    if contents["digest"] != method.plan.table.digest():
        raise UsageError(
            "The run cannot be resumed: this version of edgan builds another table of losses and networks from its "
            "configuration. Use the version that the run was started with, or start a new run."
        )
    if contents["data"]["key"] != dataset.key:
        raise UsageError(
            f"The run cannot be resumed: the data set at {dataset.path} is not the one that it was started with "
            f"({counted(contents['data']['images'], 'image')} then, {len(dataset):,} now, or other contents). "
            "Start a new run."
        )


def continue_run(trainer: Trainer) -> None:
    """Restore the newest checkpoint of the trainer's run.

    Raises:
        UsageError: the run has more steps than the call asks for.
        EdganError: no checkpoint can be read. A run has one from its first step on, so they were removed.
    """
    folder, wanted = trainer.folder, trainer.configuration.steps
    if not trainer.resume():
        done = max((line["step"] for line in folder.read_log()), default=0)
        raise EdganError(
            f"The run in {folder.path} cannot be resumed: {folder.checkpoints} holds no checkpoint, and its log goes "
            f"to step {done}. Copy the checkpoints back, or start a new run in another folder."
        )
    if trainer.step > wanted:
        raise UsageError(
            f"must be at least {trainer.step} (got {wanted}): the run in {folder.path} has done that many. Leave it "
            "out to keep the run's own number.",
            parameter="steps",
        )
