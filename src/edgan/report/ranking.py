"""A ranking as the report shows it: a verdict, curves and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from edgan.metrics import NRDS, Ranking
from edgan.metrics.metric import Metric
from edgan.metrics.ranking import level_pairs, reason, verdict
from edgan.metrics.registry import measured_by
from edgan.report.convincing import Convincing
from edgan.report.figures import REAL, Line, line_figure, series_of
from edgan.report.view import RunView

SIZE = (400, 230)
PAIRS = ("Pairs", "{:.0f}")
RULE = (
    "One model is called ahead of another when its area is larger in at least 97.5 % of the bootstrap draws over "
    "discriminators and tested samples."
)


@dataclass(frozen=True)
class RankedModel:
    """A row of the score table; all values are texts, intervals such as "0.58 to 0.64"."""

    name: str
    series: int
    score: str
    interval: str
    area: str
    gap: str


@dataclass(frozen=True)
class Explanation:
    """Why a model has its rank, and its most and least convincing pictures."""

    name: str
    series: int
    reason: str
    pictures: Convincing | None


@dataclass(frozen=True)
class OtherMetrics:
    """Metrics other than NRDS: headings, (name, series, cells) for each model, protocols."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[str, ...]], ...]
    protocols: tuple[str, ...]


@dataclass(frozen=True)
class RankingSection:
    """Everything that the report says about a ranking. `pairs` is (ahead, behind, share of draws)."""

    verdict: str
    rule: str
    svg: Markup
    legend: tuple[tuple[str, int], ...]
    models: tuple[RankedModel, ...]
    real_area: str
    pairs: tuple[tuple[str, str, str], ...]
    level: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    other_metrics: OtherMetrics | None
    warnings: tuple[str, ...]
    protocol: str


def ranking_section(
    ranking: NRDS, runs: Sequence[RunView], convincing: Mapping[str, Convincing] | None = None
) -> RankingSection:
    """Prepare a ranking for the page. A model with a run's name has that run's colour."""
    series = _series(ranking, runs)
    order = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    models = tuple(
        RankedModel(
            name,
            series[name],
            f"{ranking.scores[name]:.3f}",
            _interval(ranking.intervals[name], 3),
            f"{ranking.areas[name]:.2f}",
            _interval(ranking.gaps[name], 2),
        )
        for name in order
    )
    pairs = tuple((a, b, _share(ranking.pair_probabilities[a][b])) for i, a in enumerate(order) for b in order[i + 1 :])
    return RankingSection(
        verdict=verdict(ranking),
        rule=RULE if pairs else "",
        svg=_figure(ranking, series),
        legend=(("real images", REAL), *((name, series[name]) for name in ranking.curves)),
        models=models,
        real_area=f"{ranking.real_area:.2f}",
        pairs=pairs,
        level=level_pairs(ranking),
        explanations=_explanations(ranking, order, series, convincing or {}),
        other_metrics=_other_metrics(ranking, order, series),
        warnings=tuple(ranking.warnings),
        protocol=ranking.protocol,
    )


def _explanations(
    ranking: NRDS, order: Sequence[str], series: Mapping[str, int], convincing: Mapping[str, Convincing]
) -> tuple[Explanation, ...]:
    """An explanation for every model; empty for an `NRDS` without pictures."""
    if not isinstance(ranking, Ranking):
        return ()
    return tuple(Explanation(name, series[name], reason(ranking, name), convincing.get(name)) for name in order)


def _other_metrics(ranking: NRDS, order: Sequence[str], series: Mapping[str, int]) -> OtherMetrics | None:
    """The other metrics, None where none was measured."""
    if not isinstance(ranking, Ranking) or not any(ranking.figures.values()):
        return None
    columns = {"pairs": PAIRS, **{metric.name: (metric.title, metric.form) for metric in measured_by("rank", Metric)}}
    present = {
        name: column for name, column in columns.items() if any(name in figures for figures in ranking.figures.values())
    }
    rows = tuple(
        (
            name,
            series[name],
            tuple(_figure_text(ranking.figures[name], figure, form) for figure, (_, form) in present.items()),
        )
        for name in order
    )
    return OtherMetrics(tuple(title for title, _ in present.values()), rows, tuple(ranking.protocols.values()))


def _figure_text(figures: Mapping[str, float], name: str, form: str) -> str:
    if name not in figures:
        return "–"
    text = form.format(figures[name])
    spread = figures.get(f"{name}_std")
    return (text if spread is None else f"{text} ± {spread:.4f}").replace("-", "−")


def _series(ranking: NRDS, runs: Sequence[RunView]) -> dict[str, int]:
    names = dict.fromkeys([*(run.name for run in runs), *ranking.scores])
    return {name: series_of(index) for index, name in enumerate(names)}


def _interval(values: tuple[float, float], digits: int) -> str:
    low, high = (f"{value:.{digits}f}".replace("-", "−") for value in values)
    return f"{low} to {high}"


def _share(probability: float) -> str:
    """A share of a few hundred draws. "all" instead of 100 %, because all draws are not certainty."""
    return {1.0: "all", 0.0: "none"}.get(probability, f"{100 * probability:.1f} %")


def _figure(ranking: NRDS, series: dict[str, int]) -> Markup:
    epochs = range(1, len(ranking.real_curve) + 1)
    bands = ranking.curve_intervals
    lines = [Line("real images", REAL, epochs, ranking.real_curve, ranking.real_curve_interval)]
    lines += [Line(name, series[name], epochs, curve, bands.get(name, ())) for name, curve in ranking.curves.items()]
    label = "Mean output of the discriminator by epoch"
    return line_figure(lines, label=label, x_label="epoch", span=(0, len(epochs)), bounds=(0.0, 1.0), size=SIZE)
