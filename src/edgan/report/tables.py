"""Tables of metrics with their units and protocols, and the health messages of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgan.metrics.metric import FeatureMetric, Metric, PairMetric, ResidualMetric, SetMetric, Use
from edgan.metrics.registry import measured_by
from edgan.report.figures import series_of
from edgan.report.view import RunView

GAME = {
    "d_real": ("D(real)", "{:.2f}"),
    "d_fake": ("D(output)", "{:.2f}"),
}
USES: tuple[Use, ...] = ("training", "evaluate")
KINDS = ("base", "output")
GAME_PROTOCOL = "D(real) and D(output): mean of the discriminator's probability that an image is real, 0 to 1"


@dataclass(frozen=True)
class FigureRow:
    """A row of a table: its run's name and series, which image it is of, and a text for every column."""

    run: str
    series: int
    image: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FigureTable:
    """A table of metrics: headings of its columns, its rows, and the protocols."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    protocols: tuple[str, ...]


@dataclass(frozen=True)
class Health:
    """The findings of a run's last health check, none if it found no problem, and (step, finding) of earlier ones."""

    run: str
    series: int
    step: int
    findings: tuple[str, ...]
    earlier: tuple[tuple[int, str], ...]


def similarity_table(runs: Sequence[RunView]) -> FigureTable | None:
    """Similarity of base and output to the held-out images; None when it was not measured.

    A run whose base is its output has a single row.
    """
    present = [
        metric
        for metric in _of_pictures()
        if any(f"{metric.name}_{kind}" in run.figures for run in runs for kind in KINDS)
    ]
    rows = [
        FigureRow(
            run.name,
            series_of(index),
            kind,
            tuple(_text(run, f"{metric.name}_{kind}", metric.form) for metric in present),
        )
        for index, run in enumerate(runs)
        for kind in _kinds(run)
        if any(f"{metric.name}_{kind}" in run.figures for metric in present)
    ]
    if not rows:
        return None
    return FigureTable(
        "Similarity to the held-out images",
        tuple(metric.title for metric in present),
        tuple(rows),
        tuple(metric.protocol for metric in present),
    )


def game_table(runs: Sequence[RunView]) -> FigureTable | None:
    """The discriminator's outputs, the residual and the variety of outputs; None when they were not measured."""
    variation = _of_variation()
    columns = {**GAME, **{metric.name: (metric.title, metric.form) for metric in variation}}
    present = {name: column for name, column in columns.items() if any(name in run.figures for run in runs)}
    rows = [
        FigureRow(run.name, series_of(index), "", tuple(_text(run, name, form) for name, (_, form) in present.items()))
        for index, run in enumerate(runs)
        if any(name in run.figures for name in present)
    ]
    if not rows:
        return None
    protocols = "; ".join([GAME_PROTOCOL, *(metric.protocol for metric in variation if metric.name in present)])
    headings = tuple(title for title, _ in present.values())
    return FigureTable("Discriminator and residual on the held-out images", headings, tuple(rows), (protocols,))


def health(runs: Sequence[RunView]) -> list[Health]:
    """The health of every run that was checked during training."""
    checked = []
    for index, run in enumerate(runs):
        looks = [(line["step"], tuple(line["health"])) for line in run.log if "health" in line]
        if looks:
            earlier = tuple((step, sentence) for step, sentences in looks[:-1] for sentence in sentences)
            checked.append(Health(run.name, series_of(index), *looks[-1], earlier))
    return checked


def _of_pictures() -> list[Metric]:
    """The metrics of base and output: of pairs, of sets and of features, as training or `evaluate` measure them."""
    kinds = (PairMetric, SetMetric, FeatureMetric)
    of_all = [metric for kind in kinds for use in USES for metric in measured_by(use, kind)]
    alone = (metric for metric in of_all if isinstance(metric, SetMetric) and metric.output_only)
    return [metric for metric in dict.fromkeys(of_all) if metric not in set(alone)]


def _of_variation() -> list[Metric]:
    """The metrics of the residual, and of the output alone, that training measures."""
    sets = (metric for metric in measured_by("training", SetMetric) if metric.output_only)
    return [*measured_by("training", ResidualMetric), *sets]


def _kinds(run: RunView) -> tuple[str, ...]:
    names = [metric.name for metric in _of_pictures()]
    both = [(run.figures.get(f"{name}_base"), run.figures.get(f"{name}_output")) for name in names]
    return KINDS if any(base != output for base, output in both) else ("output",)


def _text(run: RunView, name: str, form: str) -> str:
    return form.format(run.figures[name]) if name in run.figures else "–"
