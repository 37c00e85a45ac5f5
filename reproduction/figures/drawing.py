"""Trains what figures need, draws them, and writes the page of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image

import edgan
from edgan.errors import counted
from edgan.models.model import Model
from edgan.storage import checkpoint
from edgan.storage.durable import make_folder, write_bytes_atomic
from edgan.storage.run_folder import RunFolder
from edgan.training.progress import Progress
from reproduction.figures.figure import Figure, Training
from reproduction.figures.rendered_sets import data_of
from reproduction.framework.results import SCALES
from reproduction.framework.schema import BudgetSpentError
from reproduction.units.training import rarely

PAGE = Path("reproduction/notes-figures.md")
PICTURES = Path("images/figures")
HEAD = """# Notes: the papers' figures, drawn again

Figures of the papers in their arrangement, drawn by edgan. What they show may be published, so their inputs are
rendered pictures that no model was trained on, and not the papers' faces, digits and facades. They illustrate; verdicts
stand in [the ledger](../REPRODUCTION.md).

    python -m reproduction figures --write-docs docs --budget 1h

The command draws what the zoo's models can draw, and trains the models that other figures need, into `results/work`,
as long as the budget lasts. Called again, it goes on.
"""
MISSING = """## Not drawn yet

| paper | figure | it needs |
|---|---|---|
"""
CURVES = {
    (2, 7): ("2.7", "SVM errors of edited faces against the intensity, of CDNet with XCov and with dCov."),
    (5, 5): ("5.5", "The reconstruction loss of the UU-Net family during training."),
}
"""Paper and number of figures that are curves: the row whose result they plot, and what they show."""


def draw_all(
    figures: Sequence[Figure],
    docs: Path,
    work: Path,
    *,
    seconds: float,
    say: Callable[[str], None],
    device: str = "auto",
) -> Path:
    """Draw the figures whose models are there or can be trained in time, and write the page.

    Args:
        figures: all of them.
        docs: the documentation's folder: the page is `PAGE` and pictures are in `PICTURES` below it.
        work: for trainings.
        seconds: for trainings; those that were not finished go on at the next call.
        say: called with a sentence for each figure.
        device: of the trainings.

    Returns:
        The page's path.

    Raises:
        EdganError: a file could not be written.
    """
    ends = time.monotonic() + seconds
    make_folder(docs / PICTURES)
    for figure in figures:
        if (models := models_of(figure, work, ends, device)) is None:
            say(f"{figure.title}: not drawn, the time ended before its trainings did")
            continue
        _save(figure.draw(models), docs / PICTURES / f"{figure.name}.png")
        say(f"{figure.title}: drawn")
    make_folder((docs / PAGE).parent)
    write_bytes_atomic(docs / PAGE, page(figures, docs).encode())
    return docs / PAGE


def page(figures: Sequence[Figure], docs: Path) -> str:
    """The page: a section for each figure that has a picture, and a table of the others."""
    sections: dict[tuple[int, int], str] = {}
    missing = []
    for figure in figures:
        picture = PICTURES / f"{figure.name}.png"
        if (docs / picture).exists():
            drawn = f"![{figure.title}](../{picture.as_posix()})"
            sections[figure.paper, figure.number] = f"## {figure.title}\n\n{figure.shows}\n\n{drawn}\n\n{figure.ours}\n"
        else:
            needs = f"{counted(len(figure.trainings), 'training')} by the command above"
            missing.append((figure.paper, figure.number, needs))
    for (paper, number), (row, shows) in CURVES.items():
        title = f"Paper {paper}, Fig. {number}"
        # A row is plotted at the largest scale that it was run at.
        names = (f"{row}-{scale}.svg" for scale in reversed(SCALES))
        file = next((name for name in names if (docs / PAGE).with_name(name).exists()), None)
        if file is None:
            missing.append((paper, number, f"the curves of row {row}"))
            continue
        sections[paper, number] = f"## {title}\n\n{shows}\n\n![{title}]({file})\n\nFrom [row {row}]({row}.md).\n"
    table = "".join(f"| {paper} | {number} | {needs} |\n" for paper, number, needs in sorted(missing))
    return "\n".join([HEAD, *(sections[key] for key in sorted(sections)), *([MISSING + table] if missing else [])])


def models_of(figure: Figure, work: Path, ends: float, device: str = "auto") -> Mapping[str, Model] | None:
    """The figure's models by name; None where `time.monotonic()` passed `ends` before all were trained."""
    for training in figure.trainings:
        if not _trained(training, work, ends, device):
            return None
    models = {f"zoo:{name}": edgan.load(f"zoo:{name}", "cpu") for name in figure.zoo}
    return models | {one.name: edgan.load(_run(one, work).path, "cpu", "newest") for one in figure.trainings}


def _run(training: Training, work: Path) -> RunFolder:
    return RunFolder(work / "figures" / training.name.replace(":", "-"))


def _trained(training: Training, work: Path, ends: float, device: str) -> bool:
    """Train to the end, from where an earlier call stopped; False if the time ends first."""
    run, steps = _run(training, work), training.options["steps"]
    newest = checkpoint.newest(run.checkpoints)
    if newest is not None and newest[0].step == steps:
        return True
    data = data_of(training.data, training.options["size"], work / "figures")
    of_gan = {"gan": str(work / "figures" / training.gan)} if training.gan else {}

    def watch(_: Progress) -> None:
        if time.monotonic() > ends:
            raise BudgetSpentError

    try:
        edgan.train(
            training.method,
            data,
            run.path,
            **training.options,
            device=device,
            precision="float32",
            set={**rarely(steps), **of_gan, **training.set},
            route=dict(training.route),
            resume=run.path.exists(),
            watch=watch,
            report=False,
            quiet=True,
        )
    except BudgetSpentError:
        return False
    return True


def _save(image: Image.Image, path: Path) -> None:
    """As a PNG of 256 colours, a third of the size."""
    image.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
