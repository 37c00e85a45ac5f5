"""CDNet, its ablations and its rivals on faces: the trainings that Paper 2's rows share, and how they compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from reproduction.framework.schema import Outcome, Outputs, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper2 import digits
from reproduction.paper2.editors import editor_unit
from reproduction.units.training import FALLING

SET = "celeba"
ASKED = ("Eyeglasses", "Smiling", "Blond_Hair", "Male")
CDNETS = ("CDNet-dCov", "CDNet-XCov")
RIVALS = ("AE-XCov", "IcGAN", "VAE/GAN")
ALL = ("cdnet", "ae-xcov", "icgan", "vae-gan")


@dataclass(frozen=True)
class Scale:
    """How large the rows are.

    Attributes:
        seeds: trainings of each model.
        training: size, steps, batch and preset, as in `edgan.train`.
        digits: the scale of rows that also use digits.
        attributes: those that a model learns; asked: those that are edited.
        images: number of images that are edited.
        reader_steps: steps of the training of reader and recogniser.
        set: settings that differ from the preset's; settings: further ones, by method.
        timed: steps of each kind that row 2.12 times.
        compared: whether the training's steps count the compared stage alone, and a method's earlier one is trained on
            top of it.
    """

    seeds: int
    training: Mapping[str, Any]
    digits: digits.Scale
    attributes: tuple[str, ...] = (*ASKED, "Bangs", "Black_Hair", "Young", "Mustache")
    asked: tuple[str, ...] = ASKED
    images: int = 100
    reader_steps: int = 300
    set: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    timed: int = 30
    compared: bool = False

    def side(self, name: str) -> int:
        """Side in pixels at which a data set is read."""
        return int((self.digits if name == digits.SET else self).training["size"])


TOY = {"network.width": 4, "network.hidden": [8], "network.latent": 4}


def _of_equal_stages(steps: int) -> Scale:
    """A scale at which every model's compared stage takes these steps of 64 images of 64 px."""
    return Scale(
        3,
        {"size": 64, "steps": steps, "batch": 64, "preset": "small"},
        digits.SCALES["cpu"],
        set=FALLING,
        settings=digits.earlier_stages(steps, classifier=400),
        compared=True,
    )


SCALES: dict[str, Scale] = {
    "toy": Scale(
        2,
        {"size": 32, "steps": 4, "batch": 8, "preset": "small"},
        digits.SCALES["toy"],
        ("Smiling", "Male", "Bangs"),
        ("Smiling", "Male"),
        8,
        5,
        TOY,
        {"cdnet": {"classifier_steps": 2}, "icgan": {"gan_steps": 2}},
        3,
    ),
    # Thirty trainings take three quarters of an hour on one core.
    "small": Scale(
        3,
        {"size": 32, "steps": 700, "batch": 32, "preset": "small"},
        digits.SCALES["small"],
        settings={"cdnet": {"classifier_steps": 200, "decorrelation.over": 150}, "icgan": {"gan_steps": 400}},
    ),
    "cpu": _of_equal_stages(1100),
    "gpu": _of_equal_stages(3000),
    "paper": Scale(
        3,
        {"size": 64, "steps": 156_400, "batch": 128, "preset": "paper"},
        digits.SCALES["paper"],
        images=1000,
        reader_steps=5000,
        settings={"cdnet": {"classifier_steps": 6_400}, "icgan": {"gan_steps": 80_000}},
        timed=200,
    ),
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    **digits.MODELS,
    **{
        f"CDNet-{words} at {weight:g}": (
            "cdnet",
            # Eqs. 1 and 2 as they are printed, with their bias.
            {"decorrelation.kind": kind, "decorrelation.weight": weight, "decorrelation.unbiased": False},
        )
        for words, kind in (("dCov", "dcov"), ("XCov", "xcov"))
        for weight in (0.05, 1.0)
    },
    "M3": ("cdnet", {"decorrelation.kind": "none"}),
    "M1": ("cdnet", {"decorrelation.kind": "none", "feature_weight": 0}),
    "M2": ("cdnet", {"decorrelation.kind": "none", "pixel_weight": 0}),
}


def units_of(*names: str) -> Callable[[Scale, Mapping[str, str]], list[Unit]]:
    """For each seed, a unit that needs a training of each of these models."""

    def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
        return [
            gathered("faces", seed, {name: face_unit(name, seed, scale, keys[SET]) for name in names})
            for seed in range(scale.seeds)
        ]

    return units


def face_unit(name: str, seed: int, scale: Scale, key: str) -> Unit:
    """The unit that trains one of `MODELS` on faces."""
    method, settings = MODELS[name]
    return editor_unit(
        f"{digits.plain(name)}-seed-{seed}",
        method,
        seed=seed,
        data=(SET, key),
        scale=scale,
        set={**scale.settings.get(method, {}), **settings},
    )


def gathered(name: str, seed: int, models: Mapping[str, Unit]) -> Unit:
    """A final unit that only gathers others; a judge gets their results by name (`results_of`)."""
    return Unit(
        f"{name}-{seed}-{len(models)}", together, {"models": list(models)}, needs=tuple(models.values()), seed=seed
    )


def together(unit: Unit, place: Any) -> dict[str, Any]:
    """Nothing to do: the unit only gathers others."""
    place.tick()
    return {"models": unit.options["models"]}


def results_of(name: str, finals: Sequence[Unit], outputs: Outputs) -> list[Mapping[str, Any]]:
    """The results of the unit gathered under a name, one for each seed."""
    return [outputs[unit.needs[unit.options["models"].index(name)].key] for unit in finals]


def protocol(words: str) -> Callable[[Scale], str]:
    """The protocol of a row: that of the trainings, then the row's own words."""

    def text(scale: Scale) -> str:
        training = scale.training
        return (
            f"CelebA, {training['size']} px, {training['steps']:,} steps of {training['batch']} images"
            f"{_on_top(scale)}, preset {training['preset']}{_differing(scale)}, {len(scale.attributes)} attributes, "
            f"{scale.seeds} seeds; "
            f"{', '.join(scale.asked)} edited on {scale.images} test images without them. {words}"
        )

    return text


def _on_top(scale: Scale) -> str:
    return " of the autoencoder, a method's earlier stage on top" if scale.compared else ""


def _differing(scale: Scale) -> str:
    groups = (scale.set, *scale.settings.values())
    changes = [f"{name}={value}" for settings in groups for name, value in settings.items()]
    return f" with {', '.join(changes)}" if changes else ""


Path = Sequence[str] | Callable[[Mapping[str, Any]], float]
"""The keys of a figure in a training's result, or a function that computes it from the result."""


def _value(result: Mapping[str, Any], path: Path) -> float:
    """A figure of a training; for edits, its mean over the attributes, and over intensities if it has several."""
    if callable(path):
        return path(result)
    if path[0] != "edits":
        value: Any = result
        for key in path:
            value = value[key]
        return float(value)
    figures = [edit[path[1]] for edit in result["edits"].values()]
    return fmean(fmean(value) if isinstance(value, list) else float(value) for value in figures)


def psnr_figures(names: Sequence[str], finals: Sequence[Unit], outputs: Outputs) -> dict[str, Figure]:
    """PSNR of the models' reconstructions, which the gate of the mean picture reads."""
    each = {
        name: [result.get("figures", {}).get("psnr_output") for result in results_of(name, finals, outputs)]
        for name in names
    }
    return {f"PSNR, dB, {name}": figure(found) for name, found in each.items() if None not in found}


def values(name: str, path: Path, finals: Sequence[Unit], outputs: Outputs) -> list[float]:
    """A model's figure, one for each seed."""
    return [_value(result, path) for result in results_of(name, finals, outputs)]


def judge_better(
    mine: Sequence[str], others: Sequence[str], measures: Mapping[str, tuple[Path, float]]
) -> Callable[[Scale, Sequence[Unit], Outputs], Outcome]:
    """Whether each of these models is better than each other model by every measure.

    Args:
        mine, others: names under which units were gathered.
        measures: name -> (`Path`, 1 if more is better, -1 if less is).
    """

    def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
        checks: list[Check] = []
        figures: dict[str, Figure] = {}
        for measure, (path, sign) in measures.items():
            each = {name: values(name, path, finals, outputs) for name in (*mine, *others)}
            figures |= {f"{measure}, {name}": figure(seeds) for name, seeds in each.items()}
            for model in mine:
                for other in others:
                    better = [sign * value for value in differences(each[model], each[other])]
                    checks.append(above_zero(f"{measure}: {model} better than {other}", better))
        figures |= psnr_figures((*mine, *others), finals, outputs)
        first = next(iter(measures))
        line = ", ".join(f"{name} {figures[f'{first}, {name}'].mean:.3g}" for name in (*mine, *others))
        return Outcome(f"{first}: {line}", checks, figures)

    return judge
