"""Row 1.1: the toy example of Section 3, over seeds and over numbers of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np

from edgan.metrics import nrds
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure, single

MEANS = {"close": 0.5, "far": 1.5}
PRINTED, PRINTED_AREAS = 0.6717, (145.4955, 71.1057)


@dataclass(frozen=True)
class ToyScale:
    """Number of seeds, numbers of samples per set, and epochs."""

    seeds: int
    counts: tuple[int, ...] = (50, 100, 500)
    epochs: int = 300


SCALES = {"toy": ToyScale(3, (20,), 5), "small": ToyScale(20), "paper": ToyScale(20)}


def protocol(scale: ToyScale) -> str:
    """How it is measured."""
    return (
        f"Real set N(0, I), fake sets with means (.5, 0) and (1.5, 0); {', '.join(map(str, scale.counts))} points per "
        f"set; new points and a new discriminator for each of {scale.seeds} seeds; NRDS protocol `paper`, "
        f"{scale.epochs} epochs, full batch, Adam 2e-3."
    )


def units(scale: ToyScale, _keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed: all numbers of samples."""
    options = {"counts": list(scale.counts), "epochs": scale.epochs}
    return [Unit(f"toy-example-seed-{seed}", draw_and_rank, options, seed=seed) for seed in range(scale.seeds)]


def draw_and_rank(unit: Unit, place: Place) -> dict[str, Any]:
    """By number of samples: "score" of the closer set, and both "areas"."""
    rankings: dict[str, Any] = {}
    for count in unit.options["counts"]:
        place.tick()
        rng = np.random.default_rng((unit.seed, count))
        real = rng.normal(size=(count, 2))
        fakes = {name: rng.normal((mean, 0), 1, size=(count, 2)) for name, mean in MEANS.items()}
        ranking = nrds(real, fakes, protocol="paper", seed=unit.seed, epochs=unit.options["epochs"])
        rankings[str(count)] = {"score": ranking.scores["close"], "areas": [ranking.areas[name] for name in MEANS]}
    return rankings


def judge(scale: ToyScale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """The closer set scores above a half. Also: how far the printed score is from ours."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for count in scale.counts:
        results = [outputs[unit.key][str(count)] for unit in finals]
        scores = [value["score"] for value in results]
        checks.append(above_zero(f"NRDS of the closer set minus 0.5, n = {count}", [score - 0.5 for score in scores]))
        figures[f"NRDS of the closer set, n = {count}"] = figure(scores)
        for index, name in enumerate(MEANS):
            figures[f"area of the {'closer' if name == 'close' else 'farther'} set, n = {count}"] = figure(
                [value["areas"][index] for value in results]
            )
        reached = fmean(score >= PRINTED for score in scores)
        figures[f"share of seeds that reach {PRINTED}, n = {count}"] = single(reached)
        away = (PRINTED - fmean(scores)) / stdev(scores)
        lines.append(f"n = {count}: {fmean(scores):.3f} ± {stdev(scores):.3f} ({PRINTED} is {away:.1f} sd above)")
    return Outcome("; ".join(lines), checks, figures)


BRIEF = "NRDS {NRDS of the closer set, n = 50|.3f} to {NRDS of the closer set, n = 100|.3f}"
ROW = Row("1.1", protocol, units, judge, SCALES, brief=BRIEF)
