"""Rows 2.5 to 2.8, 2.11 and 2.13: what an edit moves, how far, and what sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from reproduction.paper2.editors import INTENSITIES
from reproduction.paper2.faces import (
    ALL,
    CDNETS,
    RIVALS,
    SCALES,
    Path,
    Scale,
    differences,
    judge_better,
    protocol,
    results_of,
    units_of,
    values,
)
from reproduction.spec import Curves, Found, Outcome, Row, Unit
from reproduction.verdicts import Figure, above_zero, figure

MARGIN = 0.02
"""Errors that differ by less count as equal."""
STRONG = tuple(f"{name} at 1" for name in CDNETS)
BROUGHT = 1.0
"""An attribute that moves less, in standard deviations of real images' scores, was not brought."""


def elsewhere(result: Mapping[str, Any]) -> float:
    """The share of the movement that goes elsewhere than asked: others' mean over it and the asked attribute's."""
    edits = result["edits"].values()
    return fmean(edit["others"] / (edit["others"] + max(edit["moved"], 0.0)) for edit in edits)


ELSEWHERE: Mapping[str, tuple[Path, float]] = {"share of the movement that goes elsewhere": (elsewhere, -1.0)}
MOVED: Mapping[str, Path] = {
    "asked attribute's movement, sd": ("edits", "moved"),
    "others' movement, sd": ("edits", "others"),
}


def judge_leaving(mine: Sequence[str], others: Sequence[str]) -> Callable[[Scale, Sequence[Unit], Found], Outcome]:
    """Whether edits of these models bring the attribute asked for, and let less go elsewhere than the others'.

    What others move says little by itself: an editor that does nothing moves nothing.
    """

    def judge(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
        better = judge_better(mine, others, ELSEWHERE)(scale, finals, found)
        figures = {
            f"{words}, {name}": figure(values(name, path, finals, found))
            for words, path in MOVED.items()
            for name in (*mine, *others)
        }
        brought = [
            above_zero(
                f"{name}: asked attribute's movement less {BROUGHT:g} sd",
                [value - BROUGHT for value in values(name, ("edits", "moved"), finals, found)],
            )
            for name in mine
        ]
        return Outcome(better.headline, [*brought, *better.checks], {**better.figures, **figures})

    return judge


def _error_figures(scale: Scale, names: Sequence[str], finals: Sequence[Unit], found: Found) -> dict[str, Figure]:
    """The SVMs' error of each model and asked attribute at each intensity."""
    figures = {}
    for model in names:
        for name in scale.asked:
            curves = [one["edits"][name]["error"] for one in results_of(model, finals, found)]
            for level, *errors in zip(INTENSITIES, *curves, strict=True):
                figures[f"error of {model} {name} at {level:.1f}"] = figure(errors)
    return figures


def judge_falls(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """The SVMs' error at the highest intensity is below that at the lowest."""
    checks, figures = [], _error_figures(scale, CDNETS, finals, found)
    for model in CDNETS:
        for name in scale.asked:
            curves = [one["edits"][name]["error"] for one in results_of(model, finals, found)]
            checks.append(above_zero(f"{model}, {name}: fall of the error", [curve[0] - curve[-1] for curve in curves]))
    ends = [figures[f"error of CDNet-dCov {name} at {level:.1f}"].mean for name in scale.asked for level in (-1.5, 3.0)]
    return Outcome(f"error {fmean(ends[::2]):.2f} at -1.5, {fmean(ends[1::2]):.2f} at 3", checks, figures)


def judge_kinds(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """dCov's error is no larger than XCov's, at weight 1 smaller, and there by more."""
    error = ("edits", "error")
    each = {name: values(name, error, finals, found) for name in (*CDNETS, *STRONG)}
    usual, strong = (differences(each[xcov], each[dcov]) for dcov, xcov in (CDNETS, STRONG))
    checks = [
        above_zero(f"preset's weight: XCov's error less dCov's, and {MARGIN} more", [one + MARGIN for one in usual]),
        above_zero("weight 1: XCov's error less dCov's", strong),
        above_zero("how much larger that difference is at weight 1", differences(strong, usual)),
    ]
    figures = {f"mean error of {name}": figure(found_here) for name, found_here in each.items()}
    figures |= _error_figures(scale, (*CDNETS, *STRONG), finals, found)
    line = ", ".join(f"{name} {fmean(found_here):.3f}" for name, found_here in each.items())
    return Outcome(f"mean error: {line}", checks, figures)


def judge_range(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """The reader's score follows the intensity: rank correlation above .9."""
    checks, figures = [], {}
    for name in scale.asked:
        responses = [one["edits"][name]["response"] for one in results_of("CDNet-dCov", finals, found)]
        figures[f"rank correlation, {name}"] = figure(responses)
        checks.append(above_zero(f"{name}: rank correlation above .9", [value - 0.9 for value in responses]))
    return Outcome(
        ", ".join(f"{name} {figures[f'rank correlation, {name}'].mean:.2f}" for name in scale.asked), checks, figures
    )


CURVES = Curves(
    r"error of CDNet-dCov (?P<series>\w+) at (?P<x>-?[\d.]+)",
    "intensity",
    "share of edits in which the SVMs miss the attribute",
    "the SVMs' error falls as an attribute is turned up",
)
ROWS = (
    Row(
        "2.5",
        protocol(
            "Change of the attributes' scores from -1 to 3 by a classifier taught apart, in standard deviations over "
            "real images. Elsewhere: the others' mean size over it and the asked one's, mean over the asked."
        ),
        units_of("CDNet-dCov", *RIVALS),
        judge_leaving(("CDNet-dCov",), RIVALS),
        SCALES,
        methods=ALL,
    ),
    Row(
        "2.6",
        protocol("Share of test images in which the first two are both read when both are set to 3."),
        units_of("CDNet-dCov", *RIVALS),
        judge_better(("CDNet-dCov",), RIVALS, {"joint rate": (("joint",), 1.0)}),
        SCALES,
        methods=ALL,
    ),
    Row(
        "2.7",
        protocol("Ten intensities from -1.5 to 3, five linear SVMs on pixels, their mean error."),
        units_of(*CDNETS),
        judge_falls,
        SCALES,
        curves=CURVES,
        methods=("cdnet",),
    ),
    Row(
        "2.8",
        protocol(
            "Ten intensities from -1.5 to 3, five linear SVMs on pixels; their error, mean over intensities and "
            "attributes, with the decorrelation at the preset's weight (.5 in small, .05 in paper) and at 1."
        ),
        units_of(*CDNETS, *STRONG),
        judge_kinds,
        SCALES,
        methods=("cdnet",),
    ),
    Row(
        "2.11",
        protocol("The share of the movement that goes elsewhere, as in 2.5, with and without a decorrelation."),
        units_of(*CDNETS, "M3"),
        judge_leaving(CDNETS, ("M3",)),
        SCALES,
        methods=("cdnet",),
    ),
    Row(
        "2.13",
        protocol("Spearman's correlation of the intensity, from -1.5 to 3, and a classifier's score."),
        units_of("CDNet-dCov"),
        judge_range,
        SCALES,
        methods=("cdnet",),
    ),
)
