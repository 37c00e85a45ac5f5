"""Rows 4.1 to 4.3: GRIT against the objectives of its Fig. 3 on the same networks, and how its variants differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from edgan.metrics.spectra.periodic_peak import PEAK_THRESHOLD
from reproduction.framework.schema import Curves, Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, counted, differences, figure
from reproduction.paper4.rendered_variation import compared, rendered_unit
from reproduction.units.ranking import rank_unit
from reproduction.units.translators import PAPER4_SCALES, Scale, ranked_models, translator_unit

GRIT, L1, PERCEPTUAL, WITH_GAN = "GRIT", "L1", "perceptual", "perceptual-GAN"
OBJECTIVES = {L1: "l1", PERCEPTUAL: "perceptual", WITH_GAN: "perceptual-gan", GRIT: "grit"}
LITERAL, FEATURES = "GRIT, one trunk", "perceptual, pretrained"
READINGS: Mapping[str, Mapping[str, Any]] = {
    GRIT: {"objective": "grit"},
    LITERAL: {"objective": "grit", "trunks": "shared", "fine": None, "network.norm": "instance"},
    FEATURES: {"objective": "perceptual", "discriminator.kind": "projected"},
}
"""Ours as the preset has it; the most literal one, with one trunk, AdaIN and no filter; and a comparator."""
BLURRED = 0.5
"""Images with less than this share of the real energy in the finest octave are blurred."""
TENFOLD = 1.0
"""In decades."""
VISIBLE = 1.0
"""Variants that differ by less than this from their mean look the same; in grey levels."""
FINEST, LOWEST = 0, -1
CPU = PAPER4_SCALES["cpu"]
OBJECTIVE_SCALES: Mapping[str, Scale] = {
    **PAPER4_SCALES,
    "cpu": replace(CPU, training={**CPU.training, "preset": "quick"}, set={}),
}
"""At `cpu` a perceptual loss compares pretrained features, as the claim asks."""


def protocol(words: str) -> Callable[[Scale], str]:
    """The protocol of a row: that of the shared trainings, then the row's own words."""

    def of(scale: Scale) -> str:
        compared = "a pretrained network" if on_pretrained(scale) else "the discriminator, trained at the same time"
        return (
            f"{scale.words()}. GRIT and the objectives of its Fig. 3 on the same networks. The perceptual loss "
            f"compares features of {compared}, not of VGG. For each seed, the four models' pictures of the test split "
            f"are ranked together against the photos, NRDS {scale.ranking['protocol']}. {words}"
        )

    return of


def reading_protocol(scale: Scale) -> str:
    """The protocol of row 4.5+."""
    return (
        f"{scale.words()}. GRIT as the preset has it; GRIT with one trunk, AdaIN and no filter, the most literal "
        "reading of the text that we have; and the networks of the base with a distance of pretrained features alone. "
        "For each seed, the three models' pictures of the test split are ranked together against the photos, "
        f"NRDS {scale.ranking['protocol']}."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed a ranking of the four objectives."""
    finals = []
    for seed in range(scale.seeds):
        models = {name: model_unit(scale, keys["facades"], name, seed) for name in OBJECTIVES}
        finals.append(rank_unit(f"rank-objectives-seed-{seed}", models, seed=seed, settings=scale.ranking))
    return finals


def units_and_rendered(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed a ranking of the four objectives, and GRIT on rendered facades."""
    rankings = units(scale, keys)
    return [unit for ranking in rankings for unit in (ranking, rendered_unit(scale, ranking.seed))]


def model_unit(scale: Scale, key: str, name: str, seed: int) -> Unit:
    """The unit that trains with one objective."""
    if not on_pretrained(scale):
        return translator_unit(scale, key, name, "grit", seed, objective=OBJECTIVES[name])
    preset = OBJECTIVES[name] if name != GRIT else scale.training["preset"]
    return translator_unit(replace(scale, training={**scale.training, "preset": preset}), key, name, "grit", seed)


def on_pretrained(scale: Scale) -> bool:
    """Whether the objectives compare pretrained features, as the presets `quick` and those of its comparators do."""
    return bool(scale.training["preset"] == "quick")


def reading_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed a ranking of GRIT in two readings and of a loss on pretrained features."""
    finals = []
    for seed in range(scale.seeds):
        models = {
            name: translator_unit(scale, keys["facades"], name, "grit", seed, **changes)
            for name, changes in READINGS.items()
        }
        finals.append(rank_unit(f"rank-readings-seed-{seed}", models, seed=seed, settings=scale.ranking))
    return finals


def judge_readings(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """4.5: both readings of GRIT rank above the loss on pretrained features."""
    results, scores = ranked_models(finals, outputs), scores_of(finals, outputs)
    checks = [
        above_zero(f"NRDS: {name} minus {FEATURES}", differences(scores[name], scores[FEATURES]))
        for name in (LITERAL, GRIT)
    ]
    figures = _figures(results, scores)
    figures[f"NRDS of {LITERAL} minus that of {GRIT}"] = figure(differences(scores[LITERAL], scores[GRIT]))
    lines = ", ".join(f"{name} {fmean(scores[name]):.3f}" for name in READINGS)
    return Outcome(f"NRDS {lines}", checks, figures)


def judge_artefacts(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """4.1: L1 blurs; the perceptual loss blurs less but leaves a grid; a GAN helps, yet is still told from photos."""
    results = ranked_models(finals, outputs)
    finest = {name: [result["bands"]["output"][FINEST] for result in own] for name, own in results.items()}
    peaks = {name: [result["peak"] for result in own] for name, own in results.items()}
    scores = scores_of(finals, outputs)
    gaps = [outputs[u.key]["real_area"] - outputs[u.key]["areas"][WITH_GAN] for u in finals]
    checks = [
        above_zero(f"{BLURRED} minus L1's share of the real energy, finest octave", [BLURRED - x for x in finest[L1]]),
        above_zero("that share: perceptual minus L1", differences(finest[PERCEPTUAL], finest[L1])),
        above_zero(
            f"periodic peak of perceptual minus {PEAK_THRESHOLD:g}", [x - PEAK_THRESHOLD for x in peaks[PERCEPTUAL]]
        ),
        above_zero("NRDS: perceptual + GAN minus perceptual", differences(scores[WITH_GAN], scores[PERCEPTUAL])),
        above_zero("area: photos minus perceptual + GAN", gaps),
    ]
    figures = _figures(results, scores)
    figures |= {f"energy of the finest octave, relative to real images, {n}": figure(v) for n, v in finest.items()}
    figures |= {f"periodic peak of {n}": figure(v) for n, v in peaks.items()}
    headline = "; ".join(
        f"{name}: {fmean(finest[name]):.3f} of the real energy in the finest octave, peak {fmean(peaks[name]):.1f}, "
        f"NRDS {fmean(scores[name]):.3f}"
        for name in (L1, PERCEPTUAL, WITH_GAN)
    )
    return Outcome(headline, checks, figures)


def judge_real(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """4.2: GRIT's output ranks above the other three."""
    results, scores = ranked_models(finals, outputs), scores_of(finals, outputs)
    others = [name for name in OBJECTIVES if name != GRIT]
    checks = [above_zero(f"NRDS: GRIT minus {name}", differences(scores[GRIT], scores[name])) for name in others]
    figures = _figures(results, scores)
    for name in others:
        wins = [outputs[unit.key]["pair_probabilities"][GRIT][name] for unit in finals]
        figures[f"probability that GRIT is above {name}"] = figure(wins)
    lines = ", ".join(f"{name} {fmean(scores[name]):.3f}" for name in others)
    return Outcome(f"NRDS {fmean(scores[GRIT]):.3f} against {lines}", checks, figures)


def judge_variation(_scale: Scale, everything: Sequence[Unit], outputs: Outputs) -> Outcome:
    """4.3: variants differ ten times as much in the finest octave as in the lowest, visibly, and look real.

    On rendered facades they differ about as much in the finest octave as renderings of one label map.
    """
    finals = [unit for unit in everything if "models" in unit.options]
    as_rendered, true = compared([unit for unit in everything if unit not in finals], outputs)
    scores = scores_of(finals, outputs)
    variants = [result["variants"] for result in ranked_models(finals, outputs)[GRIT]]
    decades = [_decades(variant["octaves"]) for variant in variants]
    moved = sum(variant["base"] > 0 for variant in variants)
    untrained = [_decades(result["untrained"]["octaves"]) for result in ranked_models(finals, outputs)[GRIT]]
    checks: list[Check] = [
        above_zero(
            "log10 of the variance between variants, finest over lowest octave, minus 1", [x - TENFOLD for x in decades]
        ),
        above_zero("the same: minus that of the untrained model", differences(decades, untrained)),
        above_zero(
            f"rms deviation of variants from their mean, minus {VISIBLE:g} grey level",
            [variant["grey_levels"] - VISIBLE for variant in variants],
        ),
        counted("0.5 minus the number of trainings whose base differs between variants", 0.5 - moved),
        above_zero("NRDS: GRIT minus L1", differences(scores[GRIT], scores[L1])),
        as_rendered,
    ]
    figures: dict[str, Figure] = {
        f"variance between variants, octave {band}": figure([variant["octaves"][band] for variant in variants])
        for band in range(len(variants[0]["octaves"]))
    }
    figures["log10 of that variance, finest over lowest octave"] = figure(decades)
    figures["the same of the untrained model"] = figure(untrained)
    grey = figures["rms deviation of variants from their mean, grey levels"] = figure(
        [variant["grey_levels"] for variant in variants]
    )
    figures |= {**true, **_figures(ranked_models(finals, outputs), scores)}
    headline = (
        f"variance {10 ** fmean(decades):,.0f} times as large in the finest octave as in the lowest; variants differ "
        f"by {grey.mean:.2f} grey levels from their mean; the base differs in {moved} of {len(variants)} trainings"
    )
    return Outcome(headline, checks, figures)


def _decades(octaves: Sequence[float]) -> float:
    """log10 of the finest over the lowest octave; 0 if nothing varies."""
    return math.log10(max(octaves[FINEST], 1e-12) / max(octaves[LOWEST], 1e-12))


def scores_of(finals: Sequence[Unit], outputs: Outputs) -> dict[str, list[float]]:
    """The ranked models' scores, one for each seed."""
    return {name: [outputs[unit.key]["scores"][name] for unit in finals] for name in finals[0].options["models"]}


def _figures(
    results: Mapping[str, Sequence[Mapping[str, Any]]], scores: Mapping[str, list[float]]
) -> dict[str, Figure]:
    figures = {f"NRDS of {name}": figure(values) for name, values in scores.items()}
    for name, own in results.items():
        figures[f"PSNR of {name}, dB"] = figure([result["figures"]["psnr_output"] for result in own])
    return figures


VARIATION = Curves(
    r"variance between variants, octave (?P<x>\d)",
    "octave of radial frequency, 0 is the finest",
    "variance between variants",
    "Variance between variants of one input by octave",
    log_y=True,
)
NOTES = "notes-translation.md"
ARTEFACTS_BRIEF = (
    "NRDS {NRDS of L1|.2f} (L1), {NRDS of perceptual|.2f} (perceptual), {NRDS of perceptual-GAN|.2f} (with GAN)"
)
VARIATION_BRIEF = (
    "variants differ by {rms deviation of variants from their mean, grey levels|.1f} grey levels; "
    "log10 of finest over lowest octave {log10 of that variance, finest over lowest octave|.1f}"
)
ROWS = (
    Row(
        "4.1",
        protocol(
            "Energy by octave and periodic peak (a grid of 2, 4 or 8 px) are of the outputs; areas come from NRDS."
        ),
        units,
        judge_artefacts,
        OBJECTIVE_SCALES,
        brief=ARTEFACTS_BRIEF,
        notes=NOTES,
        methods=("grit",),
    ),
    Row("4.2", protocol("The claim compares the four scores."), units, judge_real, OBJECTIVE_SCALES, methods=("grit",)),
    Row(
        "4.3",
        protocol(
            "Variants of 16 test sources with different noise and the same style. GRIT also trains on 400 rendered "
            "facades, where the variance between photographs of one label map is known."
        ),
        units_and_rendered,
        judge_variation,
        OBJECTIVE_SCALES,
        brief=VARIATION_BRIEF,
        notes=NOTES,
        curves=VARIATION,
        methods=("grit",),
    ),
    Row(
        "4.5+",
        reading_protocol,
        reading_units,
        judge_readings,
        OBJECTIVE_SCALES,
        notes=NOTES,
        methods=("grit",),
    ),
)
