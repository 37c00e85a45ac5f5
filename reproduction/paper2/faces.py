"""CDNet, its ablations and its rivals on faces: the trainings that Paper 2's rows share, and how they are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from reproduction.paper2 import digits
from reproduction.paper2.editors import editor_unit
from reproduction.spec import Found, Outcome, Unit
from reproduction.verdicts import Check, Figure, above_zero, figure

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
        training: size, steps, batch and preset, as `edgan.train` takes them.
        digits: of the rows that try digits too.
        attributes: those that a model learns; asked: those that are turned.
        images: that are edited.
        reader_steps: how long reader and recogniser learn.
        set: settings beside the preset's; settings: by method, those that only it has.
        timed: steps of each kind that row 2.12 measures.
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

    def side(self, name: str) -> int:
        """Side in pixels at which a set is read."""
        return int((self.digits if name == digits.SET else self).training["size"])


TOY = {"network.width": 4, "network.hidden": [8], "network.latent": 4}
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
    # Thirty trainings in three quarters of an hour of one core.
    "small": Scale(
        3,
        {"size": 32, "steps": 700, "batch": 32, "preset": "small"},
        digits.SCALES["small"],
        settings={"cdnet": {"classifier_steps": 200, "decorrelation.over": 150}, "icgan": {"gan_steps": 400}},
    ),
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
    "CDNet-dCov at 1": ("cdnet", {"decorrelation.weight": 1.0}),
    "CDNet-XCov at 1": ("cdnet", {"decorrelation.kind": "xcov", "decorrelation.weight": 1.0}),
    "M3": ("cdnet", {"decorrelation.kind": "none"}),
    "M1": ("cdnet", {"decorrelation.kind": "none", "feature_weight": 0}),
    "M2": ("cdnet", {"decorrelation.kind": "none", "pixel_weight": 0}),
}


def units_of(*names: str) -> Callable[[Scale, Mapping[str, str]], list[Unit]]:
    """A unit for each seed that needs a training of each of these models."""

    def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
        return [
            gathered("faces", seed, {name: face_unit(name, seed, scale, keys[SET]) for name in names})
            for seed in range(scale.seeds)
        ]

    return units


def face_unit(name: str, seed: int, scale: Scale, key: str) -> Unit:
    """The training of one of `MODELS` on faces."""
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
    """A last unit that only needs others; a judge finds them by name (`results_of`)."""
    return Unit(
        f"{name}-{seed}-{len(models)}", together, {"models": list(models)}, needs=tuple(models.values()), seed=seed
    )


def together(unit: Unit, place: Any) -> dict[str, Any]:
    """Nothing is left to do where all that it needs is done."""
    place.tick()
    return {"models": unit.options["models"]}


def results_of(name: str, finals: Sequence[Unit], found: Found) -> list[Mapping[str, Any]]:
    """What a unit that was gathered under this name found, one for each seed."""
    return [found[unit.needs[unit.options["models"].index(name)].key] for unit in finals]


def protocol(words: str) -> Callable[[Scale], str]:
    """How a row is measured."""

    def text(scale: Scale) -> str:
        one = scale.training
        return (
            f"CelebA (the part at hand), {one['size']} px, {one['steps']:,} steps of {one['batch']} images, preset "
            f"{one['preset']}{_differing(scale)}, {len(scale.attributes)} attributes, {scale.seeds} seeds; "
            f"{', '.join(scale.asked)} turned on {scale.images} test images without them. {words}"
        )

    return text


def _differing(scale: Scale) -> str:
    parts = [f"{name}={value}" for one in scale.settings.values() for name, value in one.items()]
    return f" with {', '.join(parts)}" if parts else ""


Path = Sequence[str] | Callable[[Mapping[str, Any]], float]
"""Where in a training's result a figure is, or what makes it of the result."""


def _value(result: Mapping[str, Any], path: Path) -> float:
    """A figure of a training; of edits its mean over the asked attributes, and over intensities where it has them."""
    if callable(path):
        return path(result)
    if path[0] != "edits":
        found: Any = result
        for part in path:
            found = found[part]
        return float(found)
    figures = [edit[path[1]] for edit in result["edits"].values()]
    return fmean(fmean(one) if isinstance(one, list) else float(one) for one in figures)


def values(name: str, path: Path, finals: Sequence[Unit], found: Found) -> list[float]:
    """A model's figure, one for each seed."""
    return [_value(one, path) for one in results_of(name, finals, found)]


def differences(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """one - other, seed by seed."""
    return [a - b for a, b in zip(one, other, strict=True)]


def judge_better(
    mine: Sequence[str], others: Sequence[str], measures: Mapping[str, tuple[Path, float]]
) -> Callable[[Scale, Sequence[Unit], Found], Outcome]:
    """Whether each of these models is better than each other by every measure.

    Args:
        mine, others: names under which units were gathered.
        measures: name -> (`Path`, 1 where more is better and -1 where less is).
    """

    def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
        checks: list[Check] = []
        figures: dict[str, Figure] = {}
        for measure, (path, sign) in measures.items():
            each = {name: values(name, path, finals, found) for name in (*mine, *others)}
            figures |= {f"{measure}, {name}": figure(found_here) for name, found_here in each.items()}
            for one in mine:
                for other in others:
                    better = [sign * value for value in differences(each[one], each[other])]
                    checks.append(above_zero(f"{measure}: {one} better than {other}", better))
        first = next(iter(measures))
        line = ", ".join(f"{name} {figures[f'{first}, {name}'].mean:.3g}" for name in (*mine, *others))
        return Outcome(f"{first}: {line}", checks, figures)

    return judge
