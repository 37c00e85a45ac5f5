"""NRDS for a reader: a sentence, curves and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from edgan.metrics import NRDS
from edgan.report.figures import REAL, Line, line_figure, series_of
from edgan.report.view import RunView, listed

SURE = 0.975
SIZE = (400, 230)
RULE = (
    "One model is called ahead of another when its area is larger in at least 97.5 % of the bootstrap draws over "
    "discriminators and tested samples."
)


@dataclass(frozen=True)
class RankedModel:
    """A line of the score table; intervals are texts, "0.58 to 0.64"."""

    name: str
    series: int
    score: str
    interval: str
    area: str
    gap: str


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
    warnings: tuple[str, ...]
    protocol: str


def ranking_section(ranking: NRDS, runs: Sequence[RunView]) -> RankingSection:
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
        warnings=tuple(ranking.warnings),
        protocol=ranking.protocol,
    )


def verdict(ranking: NRDS) -> str:
    """Which model is ahead, in one plain sentence, or that they cannot be told apart."""
    best, *others = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    if not others:
        return f"{best} is the only model here, so there is no order."
    if all(low <= 0.0 <= high for low, high in ranking.gaps.values()):
        return "The discriminator could not tell any model from real images, so none is ahead of another."
    behind = [name for name in others if ranking.pair_probabilities[best][name] >= SURE]
    level = [name for name in others if name not in behind]
    if not behind:
        return f"{listed([best, *level])} cannot be told apart: the discriminator rejects them about equally fast."
    ahead = f"{best} is ahead of {listed(behind)}: the discriminator takes longer to reject its images"
    return f"{ahead}." if not level else f"{ahead}. It cannot be told apart from {listed(level)}."


def _series(ranking: NRDS, runs: Sequence[RunView]) -> dict[str, int]:
    names = dict.fromkeys([*(run.name for run in runs), *ranking.scores])
    return {name: series_of(index) for index, name in enumerate(names)}


def _interval(values: tuple[float, float], digits: int) -> str:
    low, high = (f"{value:.{digits}f}".replace("-", "−") for value in values)
    return f"{low} to {high}"


def _share(probability: float) -> str:
    """A share of some hundred draws; all of them are not the same as certainty, so they are not called 100 %."""
    return {1.0: "all", 0.0: "none"}.get(probability, f"{100 * probability:.1f} %")


def _figure(ranking: NRDS, series: dict[str, int]) -> Markup:
    epochs = range(1, len(ranking.real_curve) + 1)
    lines = [Line("real images", REAL, epochs, ranking.real_curve)]
    lines += [Line(name, series[name], epochs, curve) for name, curve in ranking.curves.items()]
    label = "Mean output of the discriminator by epoch"
    return line_figure(
        lines, key="nrds", label=label, x_label="epoch", span=(0, len(epochs)), bounds=(0.0, 1.0), size=SIZE
    )
