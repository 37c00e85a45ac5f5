"""`train`: from a folder of images to a run."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan._version import __version__
from edgan.api.origins import Origin, origin_of, with_origin
from edgan.api.reporting import report_run
from edgan.api.resuming import continue_run, refuse_others, resumed_configuration
from edgan.api.run import Run
from edgan.api.start import start_of
from edgan.api.training_data import refuse_constant, warn_of_data
from edgan.config import Configuration, configure
from edgan.data import Dataset, open_dataset
from edgan.errors import UsageError
from edgan.methods import Method, Page, Shape, find
from edgan.methods.model_size import note_on_size
from edgan.methods.registry import name_of
from edgan.models.device import resolve_device
from edgan.models.directions import directions_of
from edgan.models.loading import load
from edgan.models.picture_statistics import keep_statistics
from edgan.nets.caller_state import random_state_kept
from edgan.routing import Route
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_lock import RunLock
from edgan.training import distributed
from edgan.training.display import Callbacks, callbacks
from edgan.training.loop import Trainer
from edgan.training.progress import Progress


@random_state_kept()
def train(
    method: str | Page[Any],
    data: str | Path,
    out: str | Path,
    *,
    size: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    preset: str | None = None,
    device: str | None = None,
    precision: str | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    route: Mapping[str, Route | str] | None = None,
    start_from: str | Path | None = None,
    resume: bool = False,
    patience: int | None = None,
    watch: Callable[[Progress], None] | None = None,
    warn: Callable[[str], None] | None = None,
    decoding: Callable[[int, int], None] | None = None,
    report: bool = True,
    quiet: bool = False,
) -> Run:
    """Train a method on a folder of images. What is not given comes from the preset, or when resuming from the run.

    Args:
        method: a name that `edgan methods` lists, or a page, such as `edgan.method(name).with_term(...)`.
        data: a folder or .zip of images in any layout that docs/data.md lists.
        out: the run's folder: new, or with `resume` that of a run to continue.
        size: side of the square images in pixels.
        steps: in all.
        batch: images in a step, over all processes.
        preset: "quick" (good pictures in minutes on two CPU cores, the default), "small" or "paper".
        device: "auto", "cpu", "cuda", ...
        precision: "float32", "bfloat16" (autocast) or "float64" (slow; for comparisons).
        seed: of weights, sample order and noise.
        set: dotted settings that differ: {"optimiser.lr": 1e-4}.
        route: cells of the table that differ: {"adversarial.decoder": 0.1}.
        start_from: another run, or "zoo:NAME", whose weights the training starts from: those that fit, layer by layer.
            The settings of the networks and the size are then that run's unless given.
        resume: continue from the newest complete checkpoint.
        patience: stop when this many evaluations in a row had no better score; 0 trains to the last step. The score is
            the figure by which the best checkpoint is kept, which run.json names.
        watch: called after every step, in place of the bar and the held-out figures on stderr.
        warn: called with sentences that a person should read. Without it they go to stderr, unless `watch` is given.
        decoding: called with (done, total) while images are decoded for the first time, in place of a bar on stderr.
        report: write report.html at the end.
        quiet: show nothing on stderr.

    Raises:
        UsageError: the call is wrong.
        EdganError: the work failed; what was saved stays.
    """
    given = {"size": size, "steps": steps, "batch": batch, "device": device, "precision": precision, "seed": seed}
    given["patience"] = patience
    if resume and start_from is not None:
        raise UsageError(
            "cannot be given when resuming: a run holds what it started from. Leave out one of the two.",
            parameter="start_from",
        )
    name = name_of(method)
    set, origin = with_origin(name, set or {}, size, start_from)
    with callbacks(watch, warn, decoding, quiet) as listeners:
        return _train(name, data, out, preset, given, set, route or {}, origin, resume, report, listeners)


def _train(
    method: str,
    data: str | Path,
    out: str | Path,
    preset: str | None,
    given: Mapping[str, Any],
    set: Mapping[str, Any],
    route: Mapping[str, Route | str],
    origin: Origin | None,
    resume: bool,
    report: bool,
    listeners: Callbacks,
) -> Run:
    """`train`, with its callbacks or the display in their place."""
    folder = RunFolder(out)
    resumed = resume and folder.run_json.exists()
    if resumed:
        configuration = resumed_configuration(folder, method, preset, given, set, route)
    else:
        folder.refuse_taken()
        configuration = configure(method, preset, set, route, **given)
        if resume:
            listeners.warn(f"There is no run in {folder.path} yet, so this starts one.")
    origin = None if resumed else origin or origin_of(configuration)
    world = distributed.start(resolve_device(configuration.device))
    try:
        dataset = _open_on_main_first(world, data, configuration, listeners.decoding)
        warn_of_data(dataset, listeners.warn)  # first: it may say why the data lacks what the method needs
        start = start_of(origin, configuration, Shape.of(dataset), "frozen" in set)
        configuration, bound = start.configuration, start.method
        refuse_constant(dataset, bound)
        if (size_note := note_on_size(bound)) is not None:
            listeners.warn(size_note)
        _refuse_too_few_steps(configuration, bound)
        if resumed:
            refuse_others(folder.read_run(), bound, dataset)
        for sentence in start.sentences:
            listeners.warn(sentence)
        trainer = Trainer(configuration, bound, dataset, folder, world, listeners.watch, listeners.warn, start.weights)
        trainer.check()
        with _held(folder, resumed) if world.is_main else contextlib.nullcontext():
            if resumed:
                continue_run(trainer)
            else:
                trainer.begin()  # before run.json: what a run starts from is in the run from its beginning
            if world.is_main:
                record = folder.read_run().get("started_from") if resumed else start.record
                origin_known = {} if record is None else {"started_from": record}
                folder.write_run(_description(configuration, bound, dataset, trainer) | origin_known)
                keep_statistics(folder.path, dataset, sources="translate" in bound.capabilities)
            distributed.barrier()
            trainer.run()
            run = Run(folder.path, configuration)
            if world.is_main:
                _keep_directions(trainer, dataset, folder)
            if world.is_main and report:
                report_run(run, dataset)
    finally:
        distributed.stop()
    return run


@contextlib.contextmanager
def _held(folder: RunFolder, resumed: bool) -> Iterator[None]:
    """The folder, made for a new run, while no other process trains in it."""
    if not resumed:
        RunFolder.create(folder.path)
    with RunLock(folder.path):
        if not resumed:
            folder.refuse_taken()  # another process may have trained here since the first look
        yield


def _refuse_too_few_steps(configuration: Configuration, method: Method) -> None:
    """Refuse a training that would end before its last stage: some of its networks would never be trained."""
    plan, steps = method.plan, configuration.steps
    if steps < plan.least_steps:
        before = " and ".join(f"{stage.steps:,} of {stage.name!r}" for stage in plan.stages[:-1])
        raise UsageError(
            f"must be at least {plan.least_steps} (got {steps}): the last stage of {method.name}, "
            f"{plan.stages[-1].name!r}, begins after {before}.",
            parameter="steps",
        )


def _open_on_main_first(
    world: distributed.World,
    data: str | Path,
    configuration: Configuration,
    decoding: Callable[[int, int], None],
) -> Dataset:
    """One process fills the cache, the others then read it."""
    wanted = configuration.data_options
    if world.is_main:
        dataset = open_dataset(data, **wanted, progress=decoding)
    distributed.barrier()
    return dataset if world.is_main else open_dataset(data, **wanted)


def _description(configuration: Configuration, method: Method, dataset: Dataset, trainer: Trainer) -> dict[str, Any]:
    shape, page = Shape.of(dataset), find(configuration.method)
    return {
        "configuration": configuration.model_dump(mode="json"),
        "table": method.plan.table.as_dict(),
        "digest": method.plan.table.digest(),
        "method_from": {"module": page.module, "base": page.base},
        "score": trainer.score.to_dict(),
        "data": {
            "path": os.fspath(dataset.path),
            "key": dataset.key,
            "kind": dataset.kind,
            "channels": shape.channels,
            "source_channels": shape.source_channels,
            "source_maps": dataset.source_index is not None,
            "attributes": list(shape.attributes),
            "classes": list(shape.classes),
            "frequencies": list(shape.frequencies),
            "training_images": shape.training_images,
            "images": len(dataset),
        },
        "made_with": {
            "edgan": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "device": str(trainer.world.device),
            "processes": trainer.world.size,
        },
    }


def _keep_directions(trainer: Trainer, dataset: Dataset, folder: RunFolder) -> None:
    """Attributes as directions of the latent, so that a method without controls of its own can be edited.

    They are measured with the weights that `load` returns: those of the best checkpoint.
    """
    model = trainer.model
    if model.controls is None and model.can("encode"):
        best = load(folder.path, str(trainer.world.device))
        fields = best.method.fields

        def encode(batch: Mapping[str, Tensor]) -> Tensor:
            needed = {name: batch[name] for name in fields if name != "image" and name in batch}
            return best.encode(batch["image"], **needed)

        if best.checkpoint is not None and (directions := directions_of(encode, dataset)) is not None:
            directions.save(folder.path, best.checkpoint.step)
