"""`train`: from a folder of images to a run."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan._version import __version__
from edgan.api.origins import origin_of, starting_weights, with_origin
from edgan.api.reporting import report_run
from edgan.api.run import Run
from edgan.config import Configuration, configure, dotted_settings
from edgan.data import Dataset, open_dataset
from edgan.data.classes import SWAPPED
from edgan.errors import UsageError
from edgan.methods import Method, Shape
from edgan.models.directions import directions_of
from edgan.models.loading import resolve_device, stored_configuration
from edgan.models.model import Model
from edgan.routing import Route
from edgan.storage.run_folder import RunFolder
from edgan.training import distributed
from edgan.training.loop import Progress, Trainer

MAY_CHANGE = ("steps", "device", "checkpoint_every", "preview_every", "evaluate_every", "log_every")
SHOWN = 3


def train(
    method: str,
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
    resume: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
    decoding: Callable[[int, int], None] | None = None,
    report: bool = True,
) -> Run:
    """Train a method on a folder of images. What is not given comes from the preset, or when resuming from the run.

    Args:
        method: a name that `edgan methods` lists.
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
        resume: continue from the newest complete checkpoint.
        watch: called after every step.
        warn: called with sentences that a person should read.
        decoding: called with (done, total) while images are decoded for the first time.
        report: write report.html at the end.

    Raises:
        UsageError: the call is wrong.
        EdganError: the work failed; what was saved stays.
    """
    given = {"size": size, "steps": steps, "batch": batch, "device": device, "precision": precision, "seed": seed}
    set = with_origin(method, set or {}, size)
    folder = RunFolder(out)
    resumed = resume and folder.run_json.exists()
    if resumed:
        configuration = _resumed(folder, method, preset, given, set, route or {})
    else:
        folder.refuse_taken()
        configuration = configure(method, preset, set, route, **given)
        if resume:
            warn(f"There is no run in {folder.path} yet, so this starts one.")
    origin = None if resumed else origin_of(method, configuration.settings)
    world = distributed.start(resolve_device(configuration.device))
    try:
        dataset = _open_on_main_first(world, data, configuration, decoding)
        bound = configuration.build(Shape.of(dataset))
        _refuse_constant(dataset, bound)
        _warn_of_data(dataset, warn)
        if resumed:
            _refuse_others(folder.read_run(), bound, dataset)
        start = {} if origin is None else starting_weights(origin, bound, Shape.of(dataset))
        trainer = Trainer(configuration, bound, dataset, folder, world, watch, warn, start)
        trainer.check()
        if world.is_main and not resumed:
            RunFolder.create(out)
        if resumed:
            trainer.resume()
            _refuse_fewer(trainer)
        if world.is_main:
            folder.write_run(_description(configuration, bound, dataset, world))
        distributed.barrier()
        trainer.run()
        run = Run(folder.path, configuration)
        if world.is_main:
            _keep_directions(trainer.model, dataset, folder)
        if world.is_main and report:
            report_run(run, dataset)
    finally:
        distributed.stop()
    return run


def _open_on_main_first(
    world: distributed.World,
    data: str | Path,
    configuration: Configuration,
    decoding: Callable[[int, int], None] | None,
) -> Dataset:
    """One process fills the cache, the others then read it."""
    wanted = configuration.data_options
    if world.is_main:
        dataset = open_dataset(data, **wanted, progress=decoding)
    distributed.barrier()
    return dataset if world.is_main else open_dataset(data, **wanted)


def _description(
    configuration: Configuration, method: Method, dataset: Dataset, world: distributed.World
) -> dict[str, Any]:
    shape = Shape.of(dataset)
    return {
        "format": 1,
        "configuration": configuration.model_dump(mode="json"),
        "table": method.plan.table.as_dict(),
        "digest": method.plan.table.digest(),
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
            "device": str(world.device),
            "processes": world.size,
        },
    }


def _resumed(
    folder: RunFolder,
    method: str,
    preset: str | None,
    given: Mapping[str, Any],
    settings: Mapping[str, Any],
    routes: Mapping[str, Route | str],
) -> Configuration:
    """The run's own configuration; a call that asks for another one is refused."""
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


def _refuse_others(contents: Mapping[str, Any], method: Method, dataset: Dataset) -> None:
    if contents["digest"] != method.plan.table.digest():
        raise UsageError(
            "The run cannot be resumed: this version of edgan builds another table of losses and networks from its "
            "configuration. Use the version that the run was started with, or start a new run."
        )
    if contents["data"]["key"] != dataset.key:
        raise UsageError(
            f"The run cannot be resumed: the data set at {dataset.path} is not the one that it was started with "
            f"({contents['data']['images']} images then, {len(dataset)} now, or other contents). Start a new run."
        )


def _refuse_constant(dataset: Dataset, method: Method) -> None:
    """Refuse an attribute that all training images have, or none: nothing can be learnt of it."""
    if method.edit is None or dataset.attributes is None:
        return
    values, names = dataset.attributes[dataset.indices("train")], dataset.attribute_names
    columns = zip(names, values.T, strict=True)
    constant = {n: column[0] for n, column in columns if n in method.edit.names and (column == column[0]).all()}
    if not constant:
        return
    shown = "; ".join(f"{'all' if value else 'none'} of them have {name}" for name, value in constant.items())
    rest = ",".join(name for name in names if name not in constant)
    remedy = f"Leave them out with the setting attributes={rest}" if rest else "Use data in which they differ"
    raise UsageError(
        f"{method.name} learns from attributes that differ from image to image, but of the {len(values)} training "
        f"images in {dataset.path} {shown}. {remedy}."
    )


def _keep_directions(model: Model, dataset: Dataset, folder: RunFolder) -> None:
    """Attributes as directions of the latent, so that a method without controls of its own can be edited."""
    if model.controls is None and model.can("encode"):
        fields = model.method.fields

        def encode(batch: Mapping[str, Tensor]) -> Tensor:
            needed = {name: batch[name] for name in fields if name != "image" and name in batch}
            return model.encode(batch["image"], **needed)

        if (directions := directions_of(encode, dataset)) is not None:
            directions.save(folder.path)


def _warn_of_data(dataset: Dataset, warn: Callable[[str], None]) -> None:
    if dataset.sides_look_swapped():
        warn(SWAPPED)
    if dataset.skipped:
        shown = "; ".join(f"{name}: {reason}" for name, reason in dataset.skipped[:SHOWN])
        more = ", ..." if len(dataset.skipped) > SHOWN else ""
        warn(f"Left out of {dataset.path}: {shown}{more}. edgan data check lists every file.")


def _refuse_fewer(trainer: Trainer) -> None:
    wanted = trainer.configuration.steps
    if trainer.step > wanted:
        raise UsageError(
            f"must be at least {trainer.step} (got {wanted}): the run in {trainer.folder.path} has done that many. "
            "Leave it out to keep the run's own number.",
            parameter="steps",
        )
