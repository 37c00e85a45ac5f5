"""`demo`: built-in faces, ED//GAN beside ED+GAN, ranked, one report. Nothing is downloaded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.api.ranking import rank
from edgan.api.reporting import made_with, own_images, run_view
from edgan.api.run import Run
from edgan.api.training import train
from edgan.api.writing import Writer
from edgan.data import from_uint8, open_dataset
from edgan.errors import UsageError
from edgan.models.sheet import to_uint8
from edgan.report import write_report
from edgan.synthetic import write_folder
from edgan.training.loop import Progress

METHODS = ("ed-plus-gan", "ed-slash-gan")
COUNT, UNSEEN, SIZE, STEPS = 1200, 400, 64, 700
LEAD = (
    f"Two models were trained on {COUNT} rendered faces for {STEPS} steps each. In ED+GAN one decoder feels both "
    "losses. In ED//GAN the encoder-decoder learns the image from the reconstruction loss alone, and a generator "
    "learns from the adversarial loss alone what to add to it: the residual is what the adversarial loss adds, and "
    "nothing else. The faces below were in no training."
)


def demo(
    out: str | Path,
    *,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Path:
    """Render, train twice, reconstruct held-out faces, rank, and write one HTML report. A stopped demo goes on.

    Args:
        out: a folder for everything; new, or one that a demo was stopped in.
        seed: of the faces and both trainings.
        say: called with a sentence at each step.
        watch: called after every training step.

    Returns:
        The report's path.

    Raises:
        UsageError: the folder holds something else.
        EdganError: the disk refused.
    """
    folder, started = Path(out), time.monotonic()
    _refuse_other(folder)
    faces, unseen = folder / "faces", folder / "unseen"
    for path, count, of in ((faces, COUNT, seed), (unseen, UNSEEN, seed + 1)):
        if not path.is_dir():
            say(f"Rendering {count} faces at {SIZE} px into {path}.")
            write_folder("faces", path, count, SIZE, of)
    runs: dict[str, Run] = {}
    for method in METHODS:
        path = folder / method
        say(f"Training {method} for {STEPS} steps into {path}.")
        again = (path / "run.json").exists()
        runs[method] = train(
            method, faces, path, size=SIZE, steps=STEPS, seed=seed, resume=again, watch=watch, warn=say
        )
    say("Reconstructing faces that no training saw, and ranking both models by the pictures.")
    stored = open_dataset(unseen, size=SIZE)
    shown, real = from_uint8(torch.from_numpy(np.array(stored.images))).chunk(2)
    ranking = rank(_save(real, folder / "pictures" / "real"), _pictures(folder, runs, shown), size=SIZE, seed=seed)
    report = folder / "report.html"
    write_report(
        report,
        title="What the adversarial loss adds",
        lead=LEAD,
        runs=[run_view(run, {"image": shown}, str(faces)) for run in runs.values()],
        ranking=ranking,
        commands=own_images("ed-slash-gan", str(folder / "ed-slash-gan")),
        made_with=made_with(),
    )
    say(f"Done in {time.monotonic() - started:.0f} s. Open the report in a browser:")
    return report


def _refuse_other(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; the demo needs a folder. Give another --out.")
    known = {"faces", "unseen", "pictures", "report.html", *METHODS}
    others = {entry.name for entry in folder.iterdir()} - known if folder.is_dir() else set()
    others = {name for name in others if not name.startswith(".")}
    if others:
        raise UsageError(f"{folder} holds something else ({min(others)}); the demo needs a folder. Give another --out.")


def _pictures(folder: Path, runs: Mapping[str, Run], images: Tensor) -> dict[str, Path]:
    """The outputs of both models, and ED//GAN's base alone: what the pictures are without the adversarial loss."""
    pictures: dict[str, Path] = {}
    for method, run in runs.items():
        made = run.load().reconstruct(images)
        pictures[method] = _save(made.output, folder / "pictures" / method)
        if made.residual.any():
            pictures["base alone"] = _save(made.base, folder / "pictures" / "base-alone")
    return pictures


def _save(images: Tensor, target: Path) -> Path:
    with Writer(overlap=False) as writer:
        writer.add([target / f"{number:06d}.png" for number in range(len(images))], to_uint8(images).numpy())
    return target
