"""Rows 5.1 to 5.4: the ranking of Table 1, and figures on training against test pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from scipy.stats import kendalltau

from reproduction.framework.schema import Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper5.variants import BEST, CROSS, PLAIN, TABLE1, protocol_of, units_of
from reproduction.units.translators import PIX2PIX, SCALES, Scale, by_model

Results = Mapping[str, Sequence[Mapping[str, Any]]]
MEASURES = {"MSE": ("mse_output", -1.0), "PSNR": ("psnr_output", 1.0), "SSIM": ("ssim_output", 1.0)}
"""Measure -> (key of the figure, 1 if more is better and -1 if less is)."""
JUDGE_KL = {0.0: "uuvae-gan", 0.4: "uuvae-gan-kl0.4", 0.65: BEST}


def values_of(results: Results, model: str, measure: str, split: str = "figures") -> list[float]:
    """A measure of a model, one value for each seed."""
    return [result[split][MEASURES[measure][0]] for result in results[model]]


def advantage(results: Results, measure: str, model: str, other: str) -> list[float]:
    """By how much a model is better than another, in the measure's units, seed by seed."""
    sign = MEASURES[measure][1]
    return [sign * x for x in differences(values_of(results, model, measure), values_of(results, other, measure))]


def judge_best(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.1: a weight of .65 on D's KL beats Pix2Pix and the best other model in MSE and PSNR."""
    return _first(by_model(finals, outputs), BEST, ("MSE", "PSNR"))


def judge_cross(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.2: L_CKL beats Pix2Pix and the best other model in SSIM."""
    return _first(by_model(finals, outputs), CROSS, ("SSIM",))


def _first(results: Results, model: str, measures: Sequence[str]) -> Outcome:
    checks: list[Check] = []
    lines = []
    for measure in measures:
        sign = MEASURES[measure][1]
        others = [name for name in results if name != model]
        rival = max(others, key=lambda name: sign * fmean(values_of(results, name, measure)))
        for other in dict.fromkeys((PIX2PIX, rival)):
            label = f"{measure}: advantage of {model} over {other}"
            checks.append(above_zero(label, advantage(results, measure, model, other)))
        own, theirs, base = (fmean(values_of(results, name, measure)) for name in (model, rival, PIX2PIX))
        lines.append(f"{measure} {own:.4g} against Pix2Pix {base:.4g} and {rival} {theirs:.4g}")
    figures = table_of(results)
    taus = {measure: _agreement(results, measure) for measure in MEASURES}
    figures |= {
        f"Kendall's tau of our order and that of Table 1, {measure}": figure(tau) for measure, tau in taus.items()
    }
    return Outcome("; ".join(lines), checks, figures)


def table_of(results: Results) -> dict[str, Figure]:
    """All measures of all models."""
    return {
        f"{measure} of {model}": figure(values_of(results, model, measure)) for measure in MEASURES for model in results
    }


def _agreement(results: Results, measure: str) -> list[float]:
    """Kendall's tau with the printed table, for each seed; 0 if all models are equal."""
    column = list(MEASURES).index(measure)
    printed = [TABLE1[model][column] for model in results]
    seeds = zip(*(values_of(results, model, measure) for model in results), strict=True)
    return [float(kendalltau(printed, own)[0]) if len(set(own)) > 1 else 0.0 for own in seeds]


def judge_weight(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.3: each increase of D's KL improves MSE and PSNR."""
    results = by_model(finals, outputs)
    checks: list[Check] = []
    for measure in ("MSE", "PSNR"):
        for (low, weaker), (high, stronger) in pairwise(JUDGE_KL.items()):
            name = f"{measure}: advantage of a weight of {high:g} over {low:g}"
            checks.append(above_zero(name, advantage(results, measure, stronger, weaker)))
    line = ", ".join(
        f"{fmean(values_of(results, model, 'MSE')):.4g} at {weight:g}" for weight, model in JUDGE_KL.items()
    )
    return Outcome(f"MSE {line}", checks, table_of(results))


def judge_overfitting(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.4: from training to test pairs, the plain UU-Nets lose more than Pix2Pix and more than UUVAE-GAN."""
    results = by_model(finals, outputs)
    gaps = {
        model: differences(values_of(results, model, "MSE"), values_of(results, model, "MSE", "train"))
        for model in results
    }
    plain = [fmean(seed) for seed in zip(*(gaps[model] for model in PLAIN), strict=True)]
    checks = [
        above_zero(
            f"MSE gap between test and training pairs: mean of v1 to v4 minus {other}", differences(plain, gaps[other])
        )
        for other in (PIX2PIX, BEST)
    ]
    figures = {f"MSE gap between test and training pairs, {model}": figure(gap) for model, gap in gaps.items()}
    figures |= {f"MSE on training pairs, {m}": figure(values_of(results, m, "MSE", "train")) for m in results}
    figures |= table_of(results)
    headline = (
        f"test minus training MSE: {fmean(plain):.4f} (v1 to v4), {fmean(gaps[PIX2PIX]):.4f} (Pix2Pix), "
        f"{fmean(gaps[BEST]):.4f} ({BEST})"
    )
    return Outcome(headline, checks, figures)


MEASURED = "MSE (of the [-1, 1] scale), PSNR and SSIM of the outputs on the test split"
METHODS = ("pix2pix", "uu-net")
NOTES = "notes-translation.md"
BEST_BRIEF = "MSE {MSE of uuvae-gan-kl0.65|.4f} (Pix2Pix {MSE of pix2pix|.4f}), PSNR {PSNR of uuvae-gan-kl0.65|.2f} dB"
CROSS_BRIEF = "SSIM {SSIM of uuvae-gan-ckl|.3f} (Pix2Pix {SSIM of pix2pix|.3f})"
OVERFITTING_BRIEF = (
    "MSE gap {MSE gap between test and training pairs, v4|.4f} (v4), "
    "{MSE gap between test and training pairs, pix2pix|.4f} (Pix2Pix)"
)
ROWS = (
    Row(
        "5.1",
        protocol_of(f"{MEASURED}; the rival is the best of the other twelve models of Table 1 by the mean over seeds."),
        units_of(tuple(TABLE1)),
        judge_best,
        SCALES,
        brief=BEST_BRIEF,
        notes=NOTES,
        methods=METHODS,
    ),
    Row(
        "5.2",
        protocol_of(f"{MEASURED}; otherwise as row 5.1."),
        units_of(tuple(TABLE1)),
        judge_cross,
        SCALES,
        brief=CROSS_BRIEF,
        methods=METHODS,
    ),
    Row(
        "5.3",
        protocol_of(f"{MEASURED}, at weights 0, .4 and .65 on D's KL."),
        units_of(tuple(JUDGE_KL.values())),
        judge_weight,
        SCALES,
        methods=("uu-net",),
    ),
    Row(
        "5.4",
        protocol_of(f"{MEASURED}, and on as many training pairs, uncropped and unflipped."),
        units_of((PIX2PIX, *PLAIN, BEST)),
        judge_overfitting,
        SCALES,
        brief=OVERFITTING_BRIEF,
        methods=METHODS,
    ),
)
