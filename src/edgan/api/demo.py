"""`demo`: ED//GAN and ED+GAN trained on built-in faces, ranked, in one report. Nothing is downloaded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.api.ranking import rank
from edgan.api.ranking_file import save_ranking
from edgan.api.reporting import made_with, own_images, run_view
from edgan.api.run import Run
from edgan.api.training import train
from edgan.api.writing import Writer
from edgan.console import note
from edgan.data import from_uint8, open_dataset
from edgan.errors import UsageError
from edgan.models.pixels import to_uint8
from edgan.paths import expand
from edgan.report import write_report
from edgan.synthetic import write_folder
from edgan.training.progress import Progress

STEPS = {"ed-plus-gan": 600, "ed-slash-gan": 2000}
"""Of both models, for about the same time: most steps of ED//GAN train its encoder-decoder alone, and are short."""
SETTINGS = {"ed-slash-gan": {"ed_first_share": 0.75}}
"""The encoder-decoder needs about 1,500 steps until glasses show in its base."""
COUNT, UNSEEN, SIZE = 1200, 400, 64
LEAD = (
    f"Two models were trained on {COUNT} rendered faces for about the same time. In ED+GAN one decoder feels both the "
    "reconstruction loss and the adversarial loss. In ED//GAN the encoder-decoder learns the image from the "
    "reconstruction loss alone. A generator learns what to add to it from the adversarial loss and from a distance "
    "between features of the output and the image: the residual is what these two add. Neither model was trained on "
    "the faces below."
)


def demo(
    out: str | Path,
    *,
    seed: int = 0,
    say: Callable[[str], None] = note,
    watch: Callable[[Progress], None] | None = None,
) -> Path:
    """Render faces, train twice, reconstruct held-out faces, rank, and write one HTML report.

    A demo that was stopped continues.

    Args:
        out: a folder for everything: new, or that of a demo that was stopped.
        seed: of the faces and both trainings.
        say: called with a sentence at each step; prints it to stderr unless given.
        watch: called after every training step, in place of a bar on stderr.

    Returns:
        The report's path.

    Raises:
        UsageError: `out` holds something else.
        EdganError: the disk refused.
    """
    folder, started = expand(out), time.monotonic()
    _refuse_other(folder)
    faces, unseen = folder / "faces", folder / "unseen"
    for path, count, folder_seed in ((faces, COUNT, seed), (unseen, UNSEEN, seed + 1)):
        if not path.is_dir():
            say(f"Rendering {count} faces at {SIZE} px into {path}.")
            write_folder("faces", path, count, SIZE, folder_seed)
    runs: dict[str, Run] = {}
    for method, steps in STEPS.items():
        path = folder / method
        say(f"Training {method} for {steps:,} steps into {path}.")
        again = (path / "run.json").exists()
        runs[method] = train(
            method,
            faces,
            path,
            size=SIZE,
            steps=steps,
            seed=seed,
            set=SETTINGS.get(method),
            resume=again,
            watch=watch,
            warn=say,
        )
    say("Reconstructing faces that neither model was trained on, and ranking both models by the pictures.")
    stored = open_dataset(unseen, size=SIZE)
    shown, real = from_uint8(torch.from_numpy(np.array(stored.images))).chunk(2)
    pictures = _pictures(folder, runs, shown)
    ranking = rank(_save(real, folder / "pictures" / "real"), pictures, size=SIZE, seed=seed)
    save_ranking(ranking, folder / "ranking.json", pictures)
    report = folder / "report.html"
    write_report(
        report,
        title="What the generator adds",
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
        raise UsageError(f"must be a folder ({folder} is a file).", parameter="out")
    known = {"faces", "unseen", "pictures", "report.html", "ranking.json", "ranking.judgements.jsonl", *STEPS}
    others = {entry.name for entry in folder.iterdir()} - known if folder.is_dir() else set()
    others = {name for name in others if not name.startswith(".")}
    if others:
        raise UsageError(f"must be a new folder, or that of a demo ({folder} holds {min(others)}).", parameter="out")


def _pictures(folder: Path, runs: Mapping[str, Run], images: Tensor) -> dict[str, Path]:
    """The outputs of both models, and ED//GAN's base alone: its pictures without the adversarial loss."""
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
