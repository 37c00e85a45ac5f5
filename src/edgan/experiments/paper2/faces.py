"""Rows 2.1, 2.5 to 2.8, 2.10, 2.11 and 2.13: CDNet, its ablations and its rivals on faces, from the same trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from edgan.experiments.paper2.editors import INTENSITIES, editor_unit
from edgan.experiments.spec import Curves, Found, Outcome, Row, Unit
from edgan.experiments.verdicts import Check, above_zero, figure

ASKED = ("Eyeglasses", "Smiling", "Blond_Hair", "Male")


@dataclass(frozen=True)
class Scale:
    """How large the rows are: trainings as `edgan.train` takes them, images edited, and how long a reader learns."""

    seeds: int
    training: Mapping[str, Any]
    attributes: tuple[str, ...] = (*ASKED, "Bangs", "Black_Hair", "Young", "Mustache")
    asked: tuple[str, ...] = ASKED
    images: int = 100
    reader_steps: int = 600
    set: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)


TOY = {"network.width": 4, "network.hidden": [8], "network.latent": 4}
SCALES: dict[str, Scale] = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 4, "batch": 8, "preset": "small"},
        ("Smiling", "Male", "Bangs"),
        ("Smiling", "Male"),
        8,
        5,
        TOY,
        {"classifier_steps": 2, "gan_steps": 2},
    ),
    "small": Scale(
        3,
        {"size": 64, "steps": 1500, "batch": 64, "preset": "small"},
        stages={"classifier_steps": 400, "gan_steps": 900},
    ),
    "paper": Scale(
        3,
        {"size": 64, "steps": 156_400, "batch": 128, "preset": "paper"},
        images=1000,
        reader_steps=5000,
        stages={"classifier_steps": 6_400, "gan_steps": 80_000},
    ),
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "CDNet-dCov": ("cdnet", {}),
    "CDNet-XCov": ("cdnet", {"decorrelation.kind": "xcov"}),
    "M3": ("cdnet", {"decorrelation.kind": "none"}),
    "M1": ("cdnet", {"decorrelation.kind": "none", "feature_weight": 0}),
    "M2": ("cdnet", {"decorrelation.kind": "none", "pixel_weight": 0}),
    "AE-XCov": ("ae-xcov", {}),
    "IcGAN": ("icgan", {}),
    "VAE/GAN": ("vae-gan", {}),
}
STAGES = {"cdnet": "classifier_steps", "icgan": "gan_steps"}


def units_of(*names: str) -> Callable[[Scale, Mapping[str, str]], list[Unit]]:
    """A unit for each seed that needs a training of each of these models."""

    def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
        finals = []
        for seed in range(scale.seeds):
            trained = [_unit(name, seed, scale, keys["celeba"]) for name in names]
            options = {"models": list(names)}
            finals.append(Unit(f"faces-{seed}-{len(names)}", together, options, needs=tuple(trained), seed=seed))
        return finals

    return units


def _unit(name: str, seed: int, scale: Scale, key: str) -> Unit:
    method, settings = MODELS[name]
    stage = STAGES.get(method)
    steps = {stage: scale.stages[stage]} if stage else {}
    plain = name.lower().replace("/", "-")
    return editor_unit(
        f"{plain}-seed-{seed}", method, seed=seed, data=("celeba", key), scale=scale, set={**settings, **steps}
    )


def together(unit: Unit, place: Any) -> dict[str, Any]:
    """Nothing is left to do where all that it needs is done."""
    place.tick()
    return {"models": unit.options["models"]}


def protocol(words: str) -> Callable[[Scale], str]:
    """How a row is measured."""

    def text(scale: Scale) -> str:
        one = scale.training
        return (
            f"CelebA (the part at hand), {one['size']} px, {one['steps']:,} steps of {one['batch']} images, preset "
            f"{one['preset']}, {len(scale.attributes)} attributes, {scale.seeds} seeds; {', '.join(scale.asked)} "
            f"turned on {scale.images} test images without them. {words}"
        )

    return text


def _value(result: Mapping[str, Any], path: Sequence[str]) -> float:
    """A figure of a training; "mean" in the path is the mean over the asked attributes."""
    if path[0] != "edits":
        found: Any = result
        for part in path:
            found = found[part]
        return float(found)
    return fmean(float(edit[path[1]]) for edit in result["edits"].values())


def values(name: str, path: Sequence[str], finals: Sequence[Unit], found: Found) -> list[float]:
    """A model's figure, one for each seed."""
    return [_value(found[unit.needs[unit.options["models"].index(name)].key], path) for unit in finals]


def judge_better(
    mine: Sequence[str], others: Sequence[str], measures: Mapping[str, tuple[tuple[str, ...], float]]
) -> Callable[[Scale, Sequence[Unit], Found], Outcome]:
    """Whether each of these models is better than each other by every measure.

    Args:
        mine, others: names of `MODELS`.
        measures: name -> (path in a training's result, 1 where more is better and -1 where less is).
    """

    def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
        checks: list[Check] = []
        figures = {}
        for measure, (path, sign) in measures.items():
            for name in (*mine, *others):
                figures[f"{measure}, {name}"] = figure(values(name, path, finals, found))
            for one in mine:
                for other in others:
                    pairs = zip(values(one, path, finals, found), values(other, path, finals, found), strict=True)
                    checks.append(
                        above_zero(f"{measure}: {one} better than {other}", [sign * (a - b) for a, b in pairs])
                    )
        first = next(iter(measures))
        line = ", ".join(f"{name} {figures[f'{first}, {name}'].mean:.3g}" for name in (*mine, *others))
        return Outcome(f"{first}: {line}", checks, figures)

    return judge


def judge_falls(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """The SVMs' error at the highest intensity is below that at the lowest, and it falls on the way."""
    checks, figures = [], {}
    for model in ("CDNet-dCov", "CDNet-XCov"):
        for name in scale.asked:
            where = finals[0].options["models"].index(model)
            curves = [found[unit.needs[where].key]["edits"][name]["error"] for unit in finals]
            for level, *errors in zip(INTENSITIES, *curves, strict=True):
                figures[f"error of {model} {name} at {level:.1f}"] = figure(errors)
            checks.append(above_zero(f"{model}, {name}: fall of the error", [curve[0] - curve[-1] for curve in curves]))
    ends = [figures[f"error of CDNet-dCov {name} at {level:.1f}"].mean for name in scale.asked for level in (-1.5, 3.0)]
    return Outcome(f"error {fmean(ends[::2]):.2f} at -1.5, {fmean(ends[1::2]):.2f} at 3", checks, figures)


def judge_range(scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """The reader's score follows the intensity: rank correlation above .9."""
    checks, figures = [], {}
    for name in scale.asked:
        found_here = [found[unit.needs[0].key]["edits"][name]["response"] for unit in finals]
        figures[f"rank correlation, {name}"] = figure(found_here)
        checks.append(above_zero(f"{name}: rank correlation above .9", [value - 0.9 for value in found_here]))
    return Outcome(
        ", ".join(f"{name} {figures[f'rank correlation, {name}'].mean:.2f}" for name in scale.asked), checks, figures
    )


RECONSTRUCTION = {
    "PSNR, dB": (("figures", "psnr_output"), 1.0),
    "RMSE": (("figures", "rmse_output"), -1.0),
    "MS-SSIM": (("figures", "ms_ssim_output"), 1.0),
}
OTHERS = {"others' movement, sd": (("edits", "others"), -1.0)}
RIVALS = ("AE-XCov", "IcGAN", "VAE/GAN")
CURVES = Curves(
    r"error of CDNet-dCov (?P<series>\w+) at (?P<x>-?[\d.]+)",
    "intensity",
    "share of edits in which the SVMs miss the attribute",
    "the SVMs' error falls as an attribute is turned up",
)

ROWS = (
    Row(
        "2.1",
        protocol("Reconstructions of the test part, clipped to [-1, 1]."),
        units_of("CDNet-dCov", "CDNet-XCov", *RIVALS),
        judge_better(("CDNet-dCov", "CDNet-XCov"), RIVALS, RECONSTRUCTION),
        SCALES,
        methods=("cdnet", "ae-xcov", "icgan", "vae-gan"),
    ),
    Row(
        "2.5",
        protocol("Mean change of the other attributes' scores from -1 to 3, by a classifier taught apart, in sd."),
        units_of("CDNet-dCov", *RIVALS),
        judge_better(("CDNet-dCov",), RIVALS, OTHERS),
        SCALES,
        methods=("cdnet", "ae-xcov", "icgan", "vae-gan"),
    ),
    Row(
        "2.6",
        protocol("Share of test images in which the first two are both read when both are set to 3."),
        units_of("CDNet-dCov", *RIVALS),
        judge_better(("CDNet-dCov",), RIVALS, {"joint rate": (("joint",), 1.0)}),
        SCALES,
        methods=("cdnet", "ae-xcov", "icgan", "vae-gan"),
    ),
    Row(
        "2.7",
        protocol("Ten intensities from -1.5 to 3, five linear SVMs on pixels, their mean error."),
        units_of("CDNet-dCov", "CDNet-XCov"),
        judge_falls,
        SCALES,
        curves=CURVES,
        methods=("cdnet",),
    ),
    Row(
        "2.10",
        protocol("M3 (pixels and features) against M1 (pixels) and M2 (features), none of them decorrelated."),
        units_of("M3", "M1", "M2"),
        judge_better(("M3",), ("M1", "M2"), RECONSTRUCTION),
        SCALES,
        methods=("cdnet",),
    ),
    Row(
        "2.11",
        protocol("Mean change of the other attributes' scores, as in 2.5, with and without a decorrelation."),
        units_of("CDNet-dCov", "CDNet-XCov", "M3"),
        judge_better(("CDNet-dCov", "CDNet-XCov"), ("M3",), OTHERS),
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
