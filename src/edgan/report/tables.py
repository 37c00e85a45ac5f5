"""Tables of figures, with units and the protocols by which they were taken; and what training said about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgan.metrics.similarity import PSNR_PROTOCOL, RMSE_PROTOCOL, SSIM_PROTOCOL
from edgan.metrics.spectrum import HIGH_FREQUENCY_PROTOCOL
from edgan.report.figures import series_of
from edgan.report.view import RunView

MEASURES = {
    "psnr": ("PSNR, dB", "{:.2f}", PSNR_PROTOCOL),
    "ssim": ("SSIM", "{:.3f}", SSIM_PROTOCOL),
    "rmse": ("RMSE", "{:.3f}", RMSE_PROTOCOL),
    "energy": ("Fine detail, × real", "{:.2f}", f"Fine detail is the {HIGH_FREQUENCY_PROTOCOL}, over that of the real"),
}
GAME = {
    "d_real": ("D(real)", "{:.2f}"),
    "d_fake": ("D(output)", "{:.2f}"),
    "residual": ("Residual, RMS", "{:.3f}"),
    "spread": ("Spread, × real", "{:.2f}"),
}
KINDS = ("base", "output")
GAME_PROTOCOL = (
    "D(real) and D(output): mean of the discriminator's probability that an image is real, 0 to 1; residual: root "
    "mean square on the [-1, 1] scale; spread: mean standard deviation over the outputs, over that of the real images"
)


@dataclass(frozen=True)
class FigureRow:
    """A line of a table: whose it is (a run's name and series), which image, and a text for every column."""

    run: str
    series: int
    image: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FigureTable:
    """A table of figures: headings of its columns, its lines, and how they were measured."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    protocols: tuple[str, ...]


@dataclass(frozen=True)
class Health:
    """What a run's last look at itself found: no sentence means that nothing looked wrong."""

    run: str
    series: int
    step: int
    findings: tuple[str, ...]
    earlier: tuple[tuple[int, str], ...]


def similarity_table(runs: Sequence[RunView]) -> FigureTable | None:
    """How near base and output come to the held-out images; None when nobody measured it.

    A run whose base is its output has one line.
    """
    present = [name for name in MEASURES if any(f"{name}_{kind}" in r.figures for r in runs for kind in KINDS)]
    rows = [
        FigureRow(
            run.name, series_of(index), kind, tuple(_text(run, f"{name}_{kind}", MEASURES[name][1]) for name in present)
        )
        for index, run in enumerate(runs)
        for kind in _kinds(run)
        if any(f"{name}_{kind}" in run.figures for name in present)
    ]
    if not rows:
        return None
    protocols = tuple(MEASURES[name][2] for name in present)
    return FigureTable(
        "Similarity to the held-out images", tuple(MEASURES[name][0] for name in present), tuple(rows), protocols
    )


def game_table(runs: Sequence[RunView]) -> FigureTable | None:
    """How the game between generator and discriminator stands; None when nobody measured it."""
    present = [name for name in GAME if any(name in run.figures for run in runs)]
    rows = [
        FigureRow(run.name, series_of(index), "", tuple(_text(run, name, GAME[name][1]) for name in present))
        for index, run in enumerate(runs)
        if any(name in run.figures for name in present)
    ]
    if not rows:
        return None
    headings = tuple(GAME[name][0] for name in present)
    return FigureTable("How the game stands on the held-out images", headings, tuple(rows), (GAME_PROTOCOL,))


def health(runs: Sequence[RunView]) -> list[Health]:
    """What training said about itself, for every run that looked."""
    found = []
    for index, run in enumerate(runs):
        looks = [(line["step"], tuple(line["health"])) for line in run.log if "health" in line]
        if looks:
            earlier = tuple((step, sentence) for step, sentences in looks[:-1] for sentence in sentences)
            found.append(Health(run.name, series_of(index), *looks[-1], earlier))
    return found


def _kinds(run: RunView) -> tuple[str, ...]:
    both = [(run.figures.get(f"{name}_base"), run.figures.get(f"{name}_output")) for name in MEASURES]
    return KINDS if any(base != output for base, output in both) else ("output",)


def _text(run: RunView, name: str, form: str) -> str:
    return form.format(run.figures[name]) if name in run.figures else "–"
