"""Reports of runs: the training, its results, and the commands to repeat it."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan._version import __version__
from edgan.api.explanation import explain
from edgan.api.origin_text import origin_text
from edgan.api.run import Run
from edgan.config import configure, dotted_settings
from edgan.data import Dataset
from edgan.errors import counted
from edgan.methods import find
from edgan.models.evaluation import LIMIT, perceptual, similarity
from edgan.models.inputs import split_inputs, watched_split
from edgan.models.preview import rows
from edgan.models.used_checkpoint import UsedCheckpoint
from edgan.report import RunView, write_report
from edgan.storage.run_folder import RunFolder

SHOWN = 8


def run_view(run: Run, fields: Mapping[str, Tensor], data: str) -> RunView:
    """A run as a report shows it: its table, its log, and held-out samples with the model's pictures of them.

    Args:
        run: a finished training.
        fields: held-out samples, "image" (N, C, H, W) in [-1, 1] and the data's other fields. All are measured, the
            first 8 are shown.
        data: the path to print in the command.
    """
    configuration = run.configuration
    model = run.load("auto")
    first = {name: value[:SHOWN] for name, value in fields.items()}
    seconds = RunFolder.open(run.path).seconds()
    figures = _logged_score(run.log(), model.checkpoint)
    if model.redraws:
        made = model.redraw(fields)
        figures |= similarity(made, fields["image"]) | perceptual(made, fields["image"])
    explained = explain(
        configuration.method,
        preset=configuration.preset,
        set=dotted_settings(configuration),
        route=configuration.routes,
    )
    return RunView(
        name=configuration.method,
        method=configuration.method,
        paper=find(configuration.method).paper,
        table=model.method.plan.table.as_dict(),
        plan_text=None if run.networks else str(explained),  # it would count the method's own networks
        log=run.log(),
        rows=rows(model, first),
        figures=figures,
        checkpoint="" if model.checkpoint is None else str(model.checkpoint),
        started_from=origin_text(_started_from(run)),
        seconds=seconds,
        images_per_second=run.step * configuration.batch / seconds if seconds else None,
        command=train_command(run, data),
    )


def _logged_score(log: Sequence[Mapping[str, Any]], checkpoint: UsedCheckpoint | None) -> dict[str, float]:
    """The figure that judged a checkpoint, as the training logged it; empty where none did."""
    step = None if checkpoint is None else checkpoint.step
    line = next((line for line in log if line["step"] == step and "score" in line), {})
    name = str(line.get("score"))
    return {name: line["held_out"][name]} if name in line.get("held_out", {}) else {}


def _started_from(run: Run) -> Mapping[str, Any] | None:
    """What run.json says of the run that a training started from; None where it started from nothing."""
    record: Mapping[str, Any] | None = RunFolder.open(run.path).read_run().get("started_from")
    return record


def train_command(run: Run, data: str) -> str:
    """The command that repeats the training."""
    configuration = run.configuration
    words = ["edgan", "train", configuration.method, "--data", data, "--out", str(run.path)]
    words += ["--size", str(configuration.size), "--steps", str(configuration.steps)]
    words += ["--preset", configuration.preset, "--seed", str(configuration.seed)]
    record = _started_from(run)
    if record is not None and record["setting"] is None:
        words += ["--from", record["run"]]
    usual = dotted_settings(configure(configuration.method, configuration.preset))
    said = {"size", "steps", "seed", "device", *usual.keys() - dotted_settings(configuration).keys()}
    for name, value in dotted_settings(configuration).items():
        if name not in said and usual.get(name) != value:
            words += ["--set", f"{name}={_as_written(value)}"]
    for cell, route in configuration.routes.items():
        words += ["--route", f"{cell}={route}"]
    return shlex.join(words)


def _as_written(value: Any) -> Any:
    """The value of a setting as the command line takes it: a run by its folder, a list with commas."""
    if isinstance(value, Mapping):
        return value["run"]
    return ",".join(map(str, value)) if isinstance(value, list) else value


def made_with() -> dict[str, str]:
    """Versions and machine, for a report's last line."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    return {
        "edgan": __version__,
        "torch": torch.__version__,
        "Python": platform.python_version(),
        "device": device,
    }


def report_run(run: Run, dataset: Dataset) -> Path:
    """Write a run's own report.html."""
    data = str(dataset.path)
    view = run_view(run, split_inputs(dataset, watched_split(dataset), LIMIT).fields, data)
    out = run.path / "report.html"
    write_report(
        out,
        title=f"{view.method} on {dataset.path.name}",
        lead=f"{counted(len(dataset), 'image')} at {dataset.size} px, {counted(run.step, 'step')}. "
        "The pictures are held out: training never saw them.",
        runs=[view],
        ranking=None,
        commands=own_images(run.configuration.method, str(run.path)),
        made_with=made_with(),
    )
    return out


def own_images(method: str, run: str = "runs/mine") -> list[tuple[str, str]]:
    """Next steps for a reader, each with its command."""
    trained = shlex.quote(run)
    able = find(method).capabilities
    verbs = {
        "reconstruct": ("reconstruct other images", f"edgan reconstruct {trained} PATH/TO/OTHERS out --what all"),
        "translate": ("translate other images", f"edgan translate {trained} PATH/TO/OTHERS out"),
        "sample": ("draw new images", f"edgan sample {trained} out --count 64"),
    }
    verb = next((name for name in verbs if name in able), None)
    fakes = "--fake mine=out/output --fake base=out/base" if verb == "reconstruct" else "--fake mine=out"
    return [
        ("look at your images first", "edgan data check PATH/TO/IMAGES"),
        ("train on them", f"edgan train {method} --data PATH/TO/IMAGES --out runs/mine --size 64 --steps 1500"),
        *([verbs[verb]] if verb else []),
        ("held-out figures", f"edgan evaluate {trained} --data PATH/TO/IMAGES"),
        ("rank models by their pictures", f"edgan rank --real PATH/TO/IMAGES {fakes}"),
    ]
