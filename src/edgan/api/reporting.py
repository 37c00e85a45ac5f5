"""Reports of runs: what was trained, what came out, and how to do it again."""

from __future__ import annotations

import platform
import shlex
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan import __version__
from edgan.api.explaining import explain
from edgan.api.run import Run, flatten
from edgan.config import configure
from edgan.data import Dataset
from edgan.methods import find
from edgan.report import RunView, write_report
from edgan.training.evaluate import LIMIT, images_of, similarity, watched_part

SHOWN = 8


def run_view(run: Run, images: Tensor, data: str) -> RunView:
    """A run as a report shows it: its table, its log, and held-out images with their reconstructions.

    Args:
        run: a finished training.
        images: held-out ones, (N, C, H, W) in [-1, 1]; all are measured and the first are shown.
        data: the path to print in the command.
    """
    configuration = run.configuration
    model = run.load("auto")
    made = model.reconstruct(images)
    log = run.log()
    seconds = next((line["seconds"] for line in reversed(log) if "seconds" in line), 0.0)
    explained = explain(
        configuration.method,
        preset=configuration.preset,
        set=flatten(configuration),
        route=configuration.routes,
    )
    return RunView(
        name=configuration.method,
        method=configuration.method,
        paper=find(configuration.method).paper,
        table=model.method.plan.table.as_dict(),
        plan_text=str(explained),
        log=log,
        rows={"input": images[:SHOWN], **{name: getattr(made, name)[:SHOWN] for name in made._fields}},
        figures=similarity(made, images),
        seconds=seconds,
        images_per_second=configuration.steps * configuration.batch / seconds if seconds else None,
        command=train_command(run, data),
    )


def train_command(run: Run, data: str) -> str:
    """The command that does the same training again."""
    configuration = run.configuration
    words = ["edgan", "train", configuration.method, "--data", data, "--out", str(run.path)]
    words += ["--size", str(configuration.size), "--steps", str(configuration.steps)]
    words += ["--preset", configuration.preset, "--seed", str(configuration.seed)]
    usual = flatten(configure(configuration.method, configuration.preset))
    said = {"size", "steps", "seed", "device", *usual.keys() - flatten(configuration).keys()}
    for name, value in flatten(configuration).items():
        if name not in said and usual.get(name) != value:
            words += ["--set", f"{name}={value}"]
    for cell, route in configuration.routes.items():
        words += ["--route", f"{cell}={route}"]
    return shlex.join(words)


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
    images = images_of(dataset, watched_part(dataset), LIMIT)
    view = run_view(run, images, data)
    out = run.path / "report.html"
    write_report(
        out,
        title=f"{view.method} on {dataset.path.name}",
        lead=f"{len(dataset)} images at {dataset.size} px, {run.configuration.steps} steps. The pictures are held out: "
        "training never saw them.",
        runs=[view],
        ranking=None,
        commands=own_images(run.configuration.method, str(run.path)),
        made_with=made_with(),
    )
    return out


def own_images(method: str, run: str = "runs/mine") -> list[tuple[str, str]]:
    """What a reader does next, with the exact commands."""
    quoted: Any = shlex.quote
    return [
        ("look at your images first", "edgan data check PATH/TO/IMAGES"),
        ("train on them", f"edgan train {method} --data PATH/TO/IMAGES --out runs/mine --size 64 --steps 1500"),
        ("reconstruct others", f"edgan reconstruct {quoted(run)} PATH/TO/OTHERS out --what all"),
        ("held-out figures", f"edgan evaluate {quoted(run)} --data PATH/TO/IMAGES"),
        (
            "rank models by their pictures",
            "edgan rank --real PATH/TO/IMAGES --fake mine=out/output --fake base=out/base",
        ),
    ]
