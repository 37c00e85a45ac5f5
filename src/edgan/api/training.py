"""`train`: from a folder of images to a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from edgan.api.origins import origin_of, with_origin
from edgan.api.reporting import report_run
from edgan.api.resuming import continue_run, refuse_others, resumed_configuration
from edgan.api.run import Run
from edgan.api.run_description import described
from edgan.api.start import start_of
from edgan.api.training_data import refuse_constant, warn_of_data
from edgan.api.training_file import Asked, asked_for, check_training_file, write_training_file
from edgan.api.training_plan import training_plan
from edgan.config import Configuration, configure
from edgan.data import Dataset, open_dataset
from edgan.errors import UsageError
from edgan.methods import Method, Page, Shape
from edgan.methods.model_size import note_on_size
from edgan.methods.registry import name_of
from edgan.models.device import check_precision, resolve_device, resolve_precision
from edgan.models.directions import directions_of
from edgan.models.picture_statistics import keep_statistics
from edgan.models.stored_run import check_own_networks
from edgan.nets.caller_state import random_state_kept
from edgan.routing import Route
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_lock import RunLock
from edgan.training import distributed
from edgan.training.denormals import denormals_flushed
from edgan.training.display import Callbacks, callbacks
from edgan.training.loop import Trainer
from edgan.training.progress import Progress
from edgan.training.tensorboard_events import check_tensorboard, events


@random_state_kept()
@denormals_flushed()
def train(
    method: str | Page[Any] | None = None,
    data: str | Path | None = None,
    out: str | Path | None = None,
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
    networks: Mapping[str, nn.Module] | None = None,
    resume: bool = False,
    patience: int | None = None,
    config: str | Path | None = None,
    save_config: str | Path | None = None,
    tensorboard: str | Path | None = None,
    watch: Callable[[Progress], None] | None = None,
    warn: Callable[[str], None] | None = None,
    say: Callable[[str], None] | None = None,
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
        precision: "auto" (bfloat16 on CUDA, float32 elsewhere), "float32", "bfloat16" (autocast) or "float64" (slow).
        seed: of weights, sample order and noise.
        set: dotted settings that differ: {"optimiser.lr": 1e-4}.
        route: cells of the table that differ: {"adversarial.decoder": 0.1}.
        start_from: another run, or "zoo:NAME", whose weights the training starts from: those that fit, layer by layer.
            The settings of the networks and the size are then that run's unless given.
        networks: your own modules in place of the method's networks, by the names of the table's columns. They are
            copied, with their weights. Resuming and loading the run takes modules of the same classes again.
        resume: continue from the newest complete checkpoint.
        patience: stop when this many evaluations in a row had no better score; 0 trains to the last step. The score is
            the figure by which the best checkpoint is kept, which run.json names.
        config: a TOML file that gives what this call does not, `method`, `data` and `out` included; docs/training.md
            shows one.
        save_config: a .toml file to write, which repeats this training with `config`.
        tensorboard: a folder for `tensorboard --logdir`; losses, held-out figures and previews go to a folder in it
            that has the run's name. Needs the package tensorboard.
        watch: called after every step, in place of the bar and the held-out figures on stderr.
        warn: called with sentences that a person should read. Without it they go to stderr, unless `watch` is given.
        say: called before the first step with a sentence on what the training does. Without it as `warn`.
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
    asked = asked_for(
        config,
        method=None if method is None else name_of(method),
        data=data,
        out=out,
        preset=preset,
        given=given,
        set=set or {},
        route=route or {},
        start_from=start_from,
    )
    if save_config is not None:
        check_training_file(save_config, networks or {})
    if tensorboard is not None:
        check_tensorboard()
    with callbacks(watch, warn, decoding, quiet, say) as listeners:
        return _train(asked, networks or {}, resume, report, save_config, tensorboard, listeners)


def _train(
    asked: Asked,
    networks: Mapping[str, nn.Module],
    resume: bool,
    report: bool,
    save_config: str | Path | None,
    tensorboard: str | Path | None,
    listeners: Callbacks,
) -> Run:
    """`train`, with its callbacks or the display in their place."""
    folder = RunFolder(asked.out)
    resumed = resume and folder.run_json.exists()
    start_from = None if resumed else asked.start_from  # a run holds what it started from
    set, origin = with_origin(asked.method, asked.set, asked.given["size"], start_from)
    configuration = _configuration(asked, set, networks, folder, resumed)
    if resume and not resumed:
        listeners.warn(f"There is no run in {folder.path} yet, so this starts one.")
    origin = None if resumed else origin or origin_of(configuration)
    device = resolve_device(configuration.device)
    check_precision(device, configuration.precision)
    world = distributed.start(device)
    try:
        wanted = configuration.data_options
        dataset = distributed.main_first(world, lambda: open_dataset(asked.data, **wanted, progress=listeners.decoding))
        warn_of_data(dataset, listeners.warn)  # first: it may say why the data lacks what the method needs
        start = start_of(origin, configuration, Shape.of(dataset), "frozen" in set, networks)
        precision = resolve_precision(start.configuration.precision, world.device)
        configuration, bound = start.configuration.model_copy(update={"precision": precision}), start.method
        refuse_constant(dataset, bound)
        if (size_note := note_on_size(bound)) is not None:
            listeners.warn(size_note)
        _refuse_too_few_steps(configuration, bound)
        if resumed:
            refuse_others(folder.read_run(), bound, dataset)
        for sentence in start.sentences:
            listeners.warn(sentence)
        trainer = Trainer(configuration, bound, dataset, folder, world, listeners.watch, listeners.warn, start.weights)
        _check(trainer, networks)
        with _held(folder, resumed) if world.is_main else contextlib.nullcontext():
            if resumed:
                continue_run(trainer)
            else:
                trainer.begin()  # before run.json: what a run starts from is in the run from its beginning
            if world.is_main:
                record = folder.read_run().get("started_from") if resumed else start.record
                _write_run(trainer, record, networks)
                if save_config is not None:
                    write_training_file(save_config, configuration, asked.data, asked.out, asked.start_from)
                listeners.say(training_plan(configuration, dataset, world, trainer.step, str(folder.path)))
            distributed.barrier()
            with events(
                tensorboard if world.is_main else None, folder, configuration.log_every, trainer.step, trainer.watch
            ) as trainer.watch:
                trainer.run()
            run = Run(folder.path, configuration, networks)
            if world.is_main:
                _keep_directions(trainer, dataset, run)
            if world.is_main and report:
                report_run(run, dataset)
    finally:
        distributed.stop()
    return run


def _configuration(
    asked: Asked, set: Mapping[str, Any], networks: Mapping[str, nn.Module], folder: RunFolder, resumed: bool
) -> Configuration:
    """The configuration that a call asks for, or that of the run that it continues."""
    if resumed:
        check_own_networks(folder.read_run(), networks, folder)
        return resumed_configuration(folder, asked.method, asked.preset, asked.given, set, asked.route)
    folder.refuse_taken()
    return configure(asked.method, asked.preset, set, asked.route, **asked.given)


def _write_run(trainer: Trainer, record: Any, networks: Mapping[str, nn.Module]) -> None:
    """Write run.json, with what the run started from, and the statistics of its training pictures."""
    known = {"started_from": record, "own_networks": sorted(networks)}
    trainer.folder.write_run(described(trainer) | {name: value for name, value in known.items() if value})
    keep_statistics(trainer.folder.path, trainer.dataset, sources="translate" in trainer.method.capabilities)


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


def _check(trainer: Trainer, networks: Mapping[str, nn.Module]) -> None:
    """Check before the first step that gradients reach their networks, and that a person's own modules fit."""
    try:
        trainer.check()
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UsageError) or not networks:
            raise
        raise UsageError(
            f"do not fit {trainer.method.name}: {error}. docs/fine-tuning.md says what such modules take and return.",
            parameter="networks",
        ) from error


def _keep_directions(trainer: Trainer, dataset: Dataset, run: Run) -> None:
    """Attributes as directions of the latent, so that a method without controls of its own can be edited.

    They are measured with the weights that `load` returns: those of the best checkpoint.
    """
    model = trainer.model
    if model.controls is None and model.can("encode"):
        best = run.load(str(trainer.world.device))
        fields = best.method.fields

        def encode(batch: Mapping[str, Tensor]) -> Tensor:
            needed = {name: batch[name] for name in fields if name != "image" and name in batch}
            return best.encode(batch["image"], **needed)

        if best.checkpoint is not None and (directions := directions_of(encode, dataset)) is not None:
            directions.save(run.path, best.checkpoint.step)
