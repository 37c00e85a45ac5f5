"""Rows 2.5 to 2.8, 2.11 and 2.13: which attributes an edit changes, how far, and whether an SVM sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from reproduction.framework.schema import Curves, Outcome, Outputs, Row, Unit, with_five_seeds
from reproduction.framework.verdict import Figure, above_zero, differences, figure, rank_correlation
from reproduction.paper2.editors import INTENSITIES
from reproduction.paper2.faces import (
    ALL,
    CDNETS,
    RIVALS,
    SCALES,
    Path,
    Scale,
    judge_better,
    protocol,
    psnr_figures,
    results_of,
    units_of,
    values,
)

MARGIN = 0.02
"""Errors that differ by less count as equal."""
WEAK, STRONG = (tuple(f"{name} at {weight}" for name in CDNETS) for weight in ("0.05", "1"))
"""The weights of Fig. 7."""
RECOGNISED = 0.75
"""Halfway between chance, where a broken face lies, and a certain recognition."""
WORKED = 1.0
"""An edit works if its attribute moves by at least this, in standard deviations of real images' scores."""


def error_of_edits(result: Mapping[str, Any]) -> float:
    """The SVMs' mean error over attributes and intensities above 0: below that, a missing attribute is right."""
    shown = [level > 0 for level in INTENSITIES]
    return fmean(
        fmean(error for error, counts in zip(edit["error"], shown, strict=True) if counts)
        for edit in result["edits"].values()
    )


def elsewhere(result: Mapping[str, Any]) -> float:
    """The share of the movement in other attributes: their mean movement over it plus the edited attribute's."""
    edits = result["edits"].values()
    return fmean(edit["others"] / (edit["others"] + max(edit["moved"], 0.0)) for edit in edits)


ELSEWHERE: Mapping[str, tuple[Path, float]] = {"share of movement in other attributes": (elsewhere, -1.0)}
MOVED: Mapping[str, Path] = {
    "movement of the edited attribute, sd": ("edits", "moved"),
    "movement of other attributes, sd": ("edits", "others"),
}


def judge_leaving(mine: Sequence[str], others: Sequence[str]) -> Callable[[Scale, Sequence[Unit], Outputs], Outcome]:
    """Whether edits of these models work, and move other attributes less than the edits of other models do.

    The movement of other attributes alone says little: an editor that does nothing moves nothing.
    """

    def judge(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
        better = judge_better(mine, others, ELSEWHERE)(scale, finals, outputs)
        figures = {
            f"{words}, {name}": figure(values(name, path, finals, outputs))
            for words, path in MOVED.items()
            for name in (*mine, *others)
        }
        worked = [
            above_zero(
                f"{name}: movement of the edited attribute minus {WORKED:g} sd",
                [value - WORKED for value in values(name, ("edits", "moved"), finals, outputs)],
            )
            for name in mine
        ]
        figures |= psnr_figures((*mine, *others), finals, outputs)
        return Outcome(better.headline, [*worked, *better.checks], {**better.figures, **figures})

    return judge


def _error_figures(scale: Scale, names: Sequence[str], finals: Sequence[Unit], outputs: Outputs) -> dict[str, Figure]:
    """The SVMs' error of each model, edited attribute and intensity."""
    figures = {}
    for model in names:
        for name in scale.asked:
            curves = [result["edits"][name]["error"] for result in results_of(model, finals, outputs)]
            for level, *errors in zip(INTENSITIES, *curves, strict=True):
                figures[f"error of {model} {name} at {level:.1f}"] = figure(errors)
    return figures


def judge_falls(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.7: the SVMs' error never rises from an intensity to the next, and ends at that of real images with it."""
    checks, figures = [], _error_figures(scale, CDNETS, finals, outputs)
    figures |= psnr_figures(CDNETS, finals, outputs)
    for model in CDNETS:
        edits_of_seeds = [result["edits"].values() for result in results_of(model, finals, outputs)]
        for place, level in enumerate(INTENSITIES):
            means = [fmean(edit["error"][place] for edit in edits) for edits in edits_of_seeds]
            figures[f"mean error of {model} at {level:.1f}"] = figure(means)
        for name in scale.asked:
            edits = [result["edits"][name] for result in results_of(model, finals, outputs)]
            rises = [max(b - a for a, b in pairwise(edit["error"])) for edit in edits]
            above = [edit["error"][-1] - edit["real_error"] for edit in edits]
            figures[f"error of real images, {name}, judged with {model}"] = figure([e["real_error"] for e in edits])
            checks.append(
                above_zero(
                    f"{model}, {name}: {MARGIN} minus the largest rise between adjacent intensities",
                    [MARGIN - rise for rise in rises],
                )
            )
            checks.append(
                above_zero(
                    f"{model}, {name}: {MARGIN} minus the error at the highest intensity above that of real images",
                    [MARGIN - more for more in above],
                )
            )
    ends = [figures[f"error of CDNet-dCov {name} at {level:.1f}"].mean for name in scale.asked for level in (-1.5, 3.0)]
    return Outcome(f"error {fmean(ends[::2]):.2f} at -1.5, {fmean(ends[1::2]):.2f} at 3", checks, figures)


def judge_kinds(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.8: dCov's error is at most a margin above XCov's, below it at weight 1, and there by more."""
    each = {name: values(name, error_of_edits, finals, outputs) for name in (*WEAK, *STRONG)}
    weak, strong = (differences(each[xcov], each[dcov]) for dcov, xcov in (WEAK, STRONG))
    checks = [
        above_zero(f"weight .05: error of XCov minus dCov, plus {MARGIN}", [value + MARGIN for value in weak]),
        above_zero("weight 1: error of XCov minus dCov", strong),
        above_zero("that difference: at weight 1 minus at weight .05", differences(strong, weak)),
    ]
    figures = {f"mean error of {name}": figure(seeds) for name, seeds in each.items()}
    figures |= _error_figures(scale, (*WEAK, *STRONG), finals, outputs)
    figures |= psnr_figures((*WEAK, *STRONG), finals, outputs)
    line = ", ".join(f"{name} {fmean(seeds):.3f}" for name, seeds in each.items())
    return Outcome(f"mean error: {line}", checks, figures)


def judge_range(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """2.13: the reader's score follows the intensity, and at both ends the faces are still nearest to their own."""
    checks, figures = [], psnr_figures(("CDNet-dCov",), finals, outputs)
    for name in scale.asked:
        edits = [result["edits"][name] for result in results_of("CDNet-dCov", finals, outputs)]
        responses = [edit["range_response"] for edit in edits]
        ahead = [edit["range_ahead"] for edit in edits]
        figures[f"share of other faces farther than the original at the ends, {name}"] = figure(ahead)
        label = f"{name}: share of other faces farther than the original at the ends, minus {RECOGNISED}"
        checks.append(above_zero(label, [value - RECOGNISED for value in ahead]))
        figures[f"rank correlation, {name}"] = figure(responses)
        checks.append(rank_correlation(f"{name}: rank correlation minus 0.9", [value - 0.9 for value in responses]))
    return Outcome(
        ", ".join(f"{name} {figures[f'rank correlation, {name}'].mean:.2f}" for name in scale.asked), checks, figures
    )


CURVES = Curves(
    r"mean error of CDNet-(?P<series>\w+) at (?P<x>-?[\d.]+)",
    "intensity",
    "share of edits in which the SVMs miss the attribute",
    "Error of the SVMs on edited faces, mean over attributes, against the intensity of the edit",
)
NOTES = "notes-editing.md"
LEAVING_BRIEF = (
    "in other attributes: {share of movement in other attributes, CDNet-dCov|.2f}, "
    "AE-XCov {share of movement in other attributes, AE-XCov|.2f}, "
    "IcGAN {share of movement in other attributes, IcGAN|.2f}"
)
DECORRELATION_BRIEF = (
    "in other attributes: dCov {share of movement in other attributes, CDNet-dCov|.3f}, "
    "XCov {share of movement in other attributes, CDNet-XCov|.3f}, none {share of movement in other attributes, M3|.3f}"
)
KINDS_BRIEF = (
    "error {mean error of CDNet-dCov at 0.05|.3f} (dCov), {mean error of CDNet-XCov at 0.05|.3f} (XCov); at weight 1 "
    "{mean error of CDNet-dCov at 1|.3f}, {mean error of CDNet-XCov at 1|.3f}"
)
ROWS = (
    Row(
        "2.5",
        protocol(
            "Movement: change of an attribute's score between intensities -1 and 3, by a separately trained "
            "classifier, in standard deviations over real images. Share in other attributes: their mean movement over "
            "it plus the edited attribute's, mean over the edits."
        ),
        units_of("CDNet-dCov", *RIVALS),
        judge_leaving(("CDNet-dCov",), RIVALS),
        SCALES,
        brief=LEAVING_BRIEF,
        notes=NOTES,
        methods=ALL,
    ),
    Row(
        "2.6",
        protocol(
            "Joint rate: share of test images in which the first two attributes are both detected when both are set "
            "to 3."
        ),
        units_of("CDNet-dCov", *RIVALS),
        judge_better(("CDNet-dCov",), RIVALS, {"joint rate": (("joint",), 1.0)}),
        SCALES,
        brief="rate {joint rate, CDNet-dCov|.2f}, AE-XCov {joint rate, AE-XCov|.2f}, IcGAN {joint rate, IcGAN|.2f}",
        methods=ALL,
    ),
    Row(
        "2.7",
        protocol(
            "Ten intensities from -1.5 to 3; mean error of five linear SVMs on pixels, and their error on held-out "
            "images that have the attribute."
        ),
        units_of(*CDNETS),
        judge_falls,
        SCALES,
        curves=CURVES,
        methods=("cdnet",),
    ),
    Row(
        "2.8",
        protocol(
            "Ten intensities from -1.5 to 3, five linear SVMs on pixels. Error: mean over attributes and the "
            "intensities above 0. Eqs. 1 and 2 as printed, with their bias, at weights .05 and 1."
        ),
        units_of(*WEAK, *STRONG),
        judge_kinds,
        SCALES,
        brief=KINDS_BRIEF,
        methods=("cdnet",),
    ),
    Row(
        "2.11",
        protocol("The share of movement in other attributes as in row 2.5, with decorrelation and without (M3)."),
        units_of(*CDNETS, "M3"),
        judge_leaving(CDNETS, ("M3",)),
        SCALES,
        brief=DECORRELATION_BRIEF,
        methods=("cdnet",),
    ),
    Row(
        "2.13",
        protocol(
            "Spearman's correlation of intensity, ten from -2 to 5, and the score of a classifier. At -2 and 5: the "
            "share of other faces that a recogniser finds farther from the edit than the original."
        ),
        units_of("CDNet-dCov"),
        judge_range,
        with_five_seeds(SCALES),
        methods=("cdnet",),
    ),
)
