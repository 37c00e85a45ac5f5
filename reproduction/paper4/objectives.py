"""Rows 4.1 to 4.3: GRIT beside the objectives of its Fig. 3, on the same networks; and how its variants differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from edgan.metrics.spectra.periodic_peak import PEAK_THRESHOLD
from reproduction.models import rank_unit
from reproduction.spec import Curves, Found, Outcome, Row, Unit
from reproduction.translators import SCALES, Scale, less, ranked_models, translator_unit
from reproduction.verdicts import Check, Figure, above_zero, counted, figure

GRIT, L1, PERCEPTUAL, WITH_GAN = "GRIT", "L1", "perceptual", "perceptual-GAN"
OBJECTIVES = {L1: "l1", PERCEPTUAL: "perceptual", WITH_GAN: "perceptual-gan", GRIT: "grit"}
BLURRED = 0.5
"""Less of the real images' energy than this share, in the finest octave, counts as blurred."""
TENFOLD = 1.0
VISIBLE = 1.0
"""Variants that differ by less than this from their mean, in grey levels, look the same."""
FINEST, LOWEST = 0, -1


def protocol(words: str) -> Callable[[Scale], str]:
    """How a row is measured: the trainings that the rows share, and what is special to the row."""

    def of(scale: Scale) -> str:
        return (
            f"{scale.words()}. GRIT and the objectives of its Fig. 3 on the same networks; the perceptual loss "
            "compares features of the discriminator, which learns meanwhile, and not VGG's. The four models' pictures "
            f"of the test split are ranked together against the photos for each seed, "
            f"NRDS {scale.ranking['protocol']}. "
            f"{words}"
        )

    return of


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the four objectives, ranked together."""
    finals = []
    for seed in range(scale.seeds):
        models = {name: model_unit(scale, keys["facades"], name, seed) for name in OBJECTIVES}
        finals.append(rank_unit(f"rank-objectives-seed-{seed}", models, seed=seed, settings=scale.ranking))
    return finals


def model_unit(scale: Scale, key: str, name: str, seed: int) -> Unit:
    """The training of one objective."""
    return translator_unit(scale, key, name, "grit", seed, objective=OBJECTIVES[name])


def judge_artefacts(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """4.1: L1 is blurred and the perceptual loss less so; that leaves a grid; the GAN helps and is still told apart."""
    results = ranked_models(finals, found)
    finest = {name: [one["bands"]["output"][FINEST] for one in own] for name, own in results.items()}
    peaks = {name: [one["peak"] for one in own] for name, own in results.items()}
    scores = scores_of(finals, found)
    gaps = [found[u.key]["real_area"] - found[u.key]["areas"][WITH_GAN] for u in finals]
    checks = [
        above_zero(f"{BLURRED} less L1's share of the real energy, finest octave", [BLURRED - x for x in finest[L1]]),
        above_zero("that share, perceptual less L1", less(finest[PERCEPTUAL], finest[L1])),
        above_zero(
            f"periodic peak of perceptual less {PEAK_THRESHOLD:g}", [x - PEAK_THRESHOLD for x in peaks[PERCEPTUAL]]
        ),
        above_zero("NRDS of perceptual + GAN less perceptual", less(scores[WITH_GAN], scores[PERCEPTUAL])),
        above_zero("area of the photos less that of perceptual + GAN", gaps),
    ]
    figures = _figures(results, scores)
    figures |= {f"finest octave of {n}, times the real one's": figure(v) for n, v in finest.items()}
    figures |= {f"periodic peak of {n}": figure(v) for n, v in peaks.items()}
    headline = "; ".join(
        f"{name}: {fmean(finest[name]):.3f} of the real energy in the finest octave, peak {fmean(peaks[name]):.1f}, "
        f"NRDS {fmean(scores[name]):.3f}"
        for name in (L1, PERCEPTUAL, WITH_GAN)
    )
    return Outcome(headline, checks, figures)


def judge_real(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """4.2: GRIT's output ranks above each of the three."""
    results, scores = ranked_models(finals, found), scores_of(finals, found)
    others = [name for name in OBJECTIVES if name != GRIT]
    checks = [above_zero(f"NRDS of GRIT less {name}", less(scores[GRIT], scores[name])) for name in others]
    figures = _figures(results, scores)
    for name in others:
        wins = [found[unit.key]["pair_probabilities"][GRIT][name] for unit in finals]
        figures[f"probability that GRIT is above {name}"] = figure(wins)
    lines = ", ".join(f"{name} {fmean(scores[name]):.3f}" for name in others)
    return Outcome(f"NRDS {fmean(scores[GRIT]):.3f} against {lines}", checks, figures)


def judge_variation(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """4.3: variants differ ten times as much in the finest octave as in the lowest, to the eye, and look real."""
    scores = scores_of(finals, found)
    variants = [one["variants"] for one in ranked_models(finals, found)[GRIT]]
    decades = [_decades(one["octaves"]) for one in variants]
    moved = sum(one["base"] > 0 for one in variants)
    checks: list[Check] = [
        above_zero(
            "log10 of the variance between variants, finest octave over lowest, less 1", [x - TENFOLD for x in decades]
        ),
        above_zero(
            f"root mean square of the variants about their mean, less {VISIBLE:g} grey level",
            [one["grey_levels"] - VISIBLE for one in variants],
        ),
        counted("a half less the trainings whose base differs between variants", 0.5 - moved),
        above_zero("NRDS of GRIT less L1", less(scores[GRIT], scores[L1])),
    ]
    figures: dict[str, Figure] = {
        f"variance between variants, octave {band}": figure([one["octaves"][band] for one in variants])
        for band in range(len(variants[0]["octaves"]))
    }
    figures["log10 of that variance, finest octave over lowest"] = figure(decades)
    grey = figures["grey levels between variants"] = figure([one["grey_levels"] for one in variants])
    figures |= _figures(ranked_models(finals, found), scores)
    headline = (
        f"{10 ** fmean(decades):.3g} times as much in the finest octave as in the lowest; {grey.mean:.2f} grey levels "
        f"about their mean; the base moved in {moved} of {len(variants)}"
    )
    return Outcome(headline, checks, figures)


def _decades(octaves: Sequence[float]) -> float:
    """How many powers of ten lie between the finest and the lowest octave; 0 where nothing varies."""
    return math.log10(max(octaves[FINEST], 1e-12) / max(octaves[LOWEST], 1e-12))


def scores_of(finals: Sequence[Unit], found: Found) -> dict[str, list[float]]:
    """The ranked models' scores, each seed's after the other."""
    return {name: [found[unit.key]["scores"][name] for unit in finals] for name in finals[0].options["models"]}


def _figures(
    results: Mapping[str, Sequence[Mapping[str, Any]]], scores: Mapping[str, list[float]]
) -> dict[str, Figure]:
    figures = {f"NRDS of {name}": figure(values) for name, values in scores.items()}
    for name, own in results.items():
        figures[f"PSNR of {name}, dB"] = figure([one["figures"]["psnr_output"] for one in own])
    return figures


VARIATION = Curves(
    r"variance between variants, octave (?P<x>\d)",
    "octave of radial frequency, 0 is the finest",
    "variance between variants",
    "Variance between variants of one input by octave",
    log_y=True,
)
ROWS = (
    Row(
        "4.1",
        protocol(
            "Energy by octave and periodic peak (a grid of 2, 4 or 8 px) are those of the outputs; areas are NRDS's."
        ),
        units,
        judge_artefacts,
        SCALES,
        methods=("grit",),
    ),
    Row("4.2", protocol("The claim is judged by the four scores."), units, judge_real, SCALES, methods=("grit",)),
    Row(
        "4.3",
        protocol("Variants of 16 test sources with other noise and the same style."),
        units,
        judge_variation,
        SCALES,
        curves=VARIATION,
        methods=("grit",),
    ),
)
