"""Rows 5.5 and 5.6: the loss curves of linked and unlinked networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from reproduction.framework.schema import Curves, Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Figure, above_zero, differences, figure
from reproduction.paper5.variants import FULL, PLAIN, UNLINKED, protocol_of, units_of
from reproduction.units.translators import PIX2PIX, SCALES, Scale, by_model

EARLY = (0.1, 0.5)
LATE = (0.5, 1.0)
TENTHS = 10
FAMILY = ("unet-vae-gan", UNLINKED, *PLAIN)


def stretch(losses: Sequence[float], share: tuple[float, float]) -> float:
    """The mean of a loss over part of its training, given as shares of all steps."""
    first, last = (round(end * len(losses)) for end in share)
    return fmean(losses[first : max(last, first + 1)])


def judge_early(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.5: early on, the reconstruction loss of v4 is the lowest."""
    results = by_model(finals, outputs)
    early = {model: means_of(own, "reconstruction", EARLY) for model, own in results.items()}
    rival = min((model for model in early if model != FULL), key=lambda model: fmean(early[model]))
    others = dict.fromkeys((UNLINKED, "unet-vae-gan", rival))
    checks = [
        above_zero(f"early reconstruction loss: {m} minus v4", differences(early[m], early[FULL])) for m in others
    ]
    figures = {f"early reconstruction loss of {model}": figure(values) for model, values in early.items()}
    figures |= _tenths(results, "reconstruction")
    line = ", ".join(f"{model} {fmean(values):.4f}" for model, values in early.items() if model != FULL)
    return Outcome(f"v4 {fmean(early[FULL]):.4f}; {line}", checks, figures)


def judge_weaker(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.6: D's loss of v1 to v4 is above Pix2Pix's, and above that of the same networks without links."""
    results = by_model(finals, outputs)
    late = {model: means_of(own, "discrimination", LATE) for model, own in results.items()}
    linked = [fmean(seed) for seed in zip(*(late[model] for model in PLAIN), strict=True)]
    checks = [
        above_zero(f"D's loss: mean of v1 to v4 minus {other}", differences(linked, late[other]))
        for other in (PIX2PIX, UNLINKED)
    ]
    figures = {f"late loss of D, {model}": figure(values) for model, values in late.items()}
    figures |= _tenths(results, "discrimination")
    headline = (
        f"D's loss {fmean(linked):.3f} (v1 to v4), {fmean(late[PIX2PIX]):.3f} (Pix2Pix), {fmean(late[UNLINKED]):.3f} "
        "(unlinked)"
    )
    return Outcome(headline, checks, figures)


def means_of(results: Sequence[Mapping[str, Any]], term: str, share: tuple[float, float]) -> list[float]:
    """The mean of a loss over a stretch of each training."""
    return [stretch(result["losses"][term], share) for result in results]


def _tenths(results: Mapping[str, Sequence[Mapping[str, Any]]], term: str) -> dict[str, Figure]:
    """Each curve as ten means."""
    return {
        f"{term} of {model} up to {tenth + 1} tenths": figure(
            means_of(own, term, (tenth / TENTHS, (tenth + 1) / TENTHS))
        )
        for model, own in results.items()
        for tenth in range(TENTHS)
    }


def curves(term: str, what: str) -> Curves:
    """The plot of a term: a curve for each of four models."""
    series = rf"(?P<series>{PIX2PIX}|{UNLINKED}|v1|{FULL})"
    return Curves(rf"{term} of {series} up to (?P<x>\d+) tenths", "tenths of the training", what, f"{what} over time")


ROWS = (
    Row(
        "5.5",
        protocol_of(
            "Squared error of the training batches, mean over the steps from 10 % to 50 % of the training. Pix2Pix's "
            "loss is L1 and cannot be compared. `unlinked` has the networks of v4 without its links."
        ),
        units_of(FAMILY),
        judge_early,
        SCALES,
        curves=curves("reconstruction", "Reconstruction loss"),
        methods=("uu-net",),
    ),
    Row(
        "5.6",
        protocol_of(
            "D's cross-entropy on real and fake together (1.386 at chance), mean over the second half of "
            "the training. `unlinked` is the same U-shaped D without the generator's maps."
        ),
        units_of((PIX2PIX, UNLINKED, *PLAIN)),
        judge_weaker,
        SCALES,
        curves=curves("discrimination", "D's loss"),
        methods=("pix2pix", "uu-net"),
    ),
)
