"""Row 4.4+: the weight of the reconstruction, over a factor of a hundred, in GRIT and in Pix2Pix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev

from reproduction.framework.schema import Curves, Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Figure, above_zero, differences, figure
from reproduction.paper4.objectives import GRIT, scores_of
from reproduction.units.ranking import rank_unit
from reproduction.units.translators import PAPER4_SCALES, Scale, pix2pix_unit, ranked_models, translator_unit

USUAL = {GRIT: 10.0, "Pix2Pix": 100.0}
"""The default weight of each."""
FACTORS = (0.1, 1.0, 10.0)
MARGIN = 0.1 / (len(USUAL) * len(FACTORS))
"""Behind by at most this counts as equal: a tenth of the share that equal models would have."""


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}. GRIT with one trunk and a weight of {USUAL[GRIT]:g} on its L1, and Pix2Pix with "
        f"{USUAL['Pix2Pix']:g}, both times {', '.join(f'{factor:g}' for factor in FACTORS)}; for each seed, the six "
        f"models' pictures of the test split are ranked together against the photos, NRDS {scale.ranking['protocol']}. "
        "The spread is the sample standard deviation of a method's three scores, computed for each seed."
    )


def name_of(method: str, factor: float) -> str:
    """A model's name in the ranking."""
    return f"{method} x {factor:g}"


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed a ranking of both methods at every weight.

    GRIT has one trunk, which feels both losses: with two, no network does, and no weight could matter.
    """
    finals, key = [], keys["facades"]
    for seed in range(scale.seeds):
        models = {}
        for factor in FACTORS:
            weight = factor * USUAL[GRIT]
            models[name_of(GRIT, factor)] = translator_unit(
                scale, key, f"{GRIT} {weight:g}", "grit", seed, trunks="shared", reconstruction_weight=weight
            )
            models[name_of("Pix2Pix", factor)] = pix2pix_unit(scale, key, seed, factor * USUAL["Pix2Pix"])
        finals.append(rank_unit(f"rank-weights-seed-{seed}", models, seed=seed, settings=scale.ranking))
    return finals


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """GRIT's score depends less on its weight than Pix2Pix's, and no other weight beats the usual by a margin."""
    scores = scores_of(finals, outputs)
    own = {method: [scores[name_of(method, factor)] for factor in FACTORS] for method in USUAL}
    stds = {method: [stdev(seed) for seed in zip(*values, strict=True)] for method, values in own.items()}
    usual = scores[name_of(GRIT, 1.0)]
    best = max((name_of(GRIT, factor) for factor in FACTORS if factor != 1), key=lambda name: fmean(scores[name]))
    checks = [
        above_zero("std of NRDS over weights: Pix2Pix minus GRIT", differences(stds["Pix2Pix"], stds[GRIT])),
        above_zero(
            f"NRDS: GRIT at its usual weight minus {best}, plus a margin of {MARGIN:.3f}",
            [value + MARGIN for value in differences(usual, scores[best])],
        ),
    ]
    figures: dict[str, Figure] = {f"std over weights, {method}": figure(values) for method, values in stds.items()}
    figures |= {f"NRDS {name}": figure(values) for name, values in scores.items()}
    for name, results in ranked_models(finals, outputs).items():
        figures[f"PSNR {name}, dB"] = figure([result["figures"]["psnr_output"] for result in results])
    line = ", ".join(f"{fmean(values):.3f} at x {factor:g}" for factor, values in zip(FACTORS, own[GRIT], strict=True))
    headline = f"std {fmean(stds[GRIT]):.4f} against {fmean(stds['Pix2Pix']):.4f}; GRIT's NRDS {line}"
    return Outcome(headline, checks, figures)


CURVES = Curves(
    r"NRDS (?P<series>GRIT|Pix2Pix) x (?P<x>[\d.]+)",
    "weight on the reconstruction, times the usual one",
    "NRDS",
    "NRDS of GRIT and Pix2Pix against the weight on the reconstruction",
    log_x=True,
)
BRIEF = "std {std over weights, GRIT|.3f} (GRIT) against {std over weights, Pix2Pix|.3f} (Pix2Pix)"
ROW = Row("4.4+", protocol, units, judge, PAPER4_SCALES, brief=BRIEF, curves=CURVES, methods=("grit", "pix2pix"))
