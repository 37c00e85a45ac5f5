"""Rows 3.4 and 3.5: Table 1 (five GANs with a connection network each, a VAE and ALI) and its printed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reproduction.claims import THREE
from reproduction.framework.schedule import perform
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, equivalent, figure
from reproduction.paper3 import scales
from reproduction.paper3.gans import table_unit
from reproduction.paper3.scales import Scale

GANS = ("dcgan", "lsgan", "dfm", "rfgan", "wgan-gp")
RIVALS = ("vae", "ali")
ALL = (*GANS, *RIVALS)
SCALES: Mapping[str, Scale] = {
    **scales.SCALES,
    # Seven models per seed: shorter trainings than in rows that invert one GAN.
    "small": replace(scales.SCALES["small"], seeds=2, gan=600, inverter=400, rival=600),
    "gpu": replace(scales.SCALES["cpu"], gan=6000, inverter=6000, rival=6000),
    "paper": replace(scales.SCALES["paper"], sets=THREE, sides={"cifar10": 32, "celeba": 64}),
}
PRINTED: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "fashion-mnist": {
        "vae": (11.83, 0.3921),
        "ali": (13.02, 0.3623),
        "dcgan": (15.10, 0.5332),
        "lsgan": (15.25, 0.5665),
        "dfm": (15.74, 0.5434),
        "rfgan": (15.94, 0.5848),
        "wgan-gp": (15.80, 0.5233),
    },
    "cifar10": {
        "vae": (13.38, 0.2221),
        "ali": (11.04, 0.1809),
        "dcgan": (15.60, 0.4250),
        "lsgan": (15.85, 0.4398),
        "dfm": (16.84, 0.4487),
        "rfgan": (16.93, 0.4921),
        "wgan-gp": (17.08, 0.5061),
    },
    "celeba": {
        "vae": (14.41, 0.4001),
        "ali": (11.94, 0.2732),
        "dcgan": (16.84, 0.5123),
        "lsgan": (16.60, 0.5611),
        "dfm": (17.00, 0.5434),
        "rfgan": (18.60, 0.6301),
        "wgan-gp": (18.26, 0.6189),
    },
}
"""PSNR in dB and SSIM: Table 1 of the paper."""
MEASURES = ("psnr", "ssim")
EQUAL = {"psnr": 0.5, "ssim": 0.02}
"""Differences from the printed values that count as none."""


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}; VAE and ALI {scale.rival:,} steps on the same networks, each with its preset. Five draws of "
        f"{scale.images:,} test images; reconstructions are clipped to [-1, 1]."
    )


def protocol_of_printed(scale: Scale) -> str:
    """The protocol of row 3.5."""
    return (
        f"{protocol(scale)} Those within {EQUAL['psnr']:g} dB and {EQUAL['ssim']:g} of the printed ones are equal. The "
        "paper states neither the window of SSIM nor how its five repeats differ. The released code trains "
        "for 30 epochs."
    )


def scored(scale: Scale, keys: Mapping[str, str], seed: int) -> dict[str, Unit]:
    """The units that score each model on each data set, as "SET MODEL" -> unit."""
    return {
        f"{name} {method}": table_unit(scale, keys[name], method, seed, name) for name in scale.sets for method in ALL
    }


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed, which collects the scores of all models."""
    finals = []
    for seed in range(scale.seeds):
        needed = scored(scale, keys, seed)
        finals.append(
            Unit(f"table-1-{seed}", collect, {"models": list(needed)}, needs=tuple(needed.values()), seed=seed)
        )
    return finals


def collect(unit: Unit, place: Place) -> dict[str, Any]:
    """The scores of all models of a seed, by name."""
    named = zip(unit.options["models"], unit.needs, strict=True)
    return {name: perform(unit, place)["result"] for name, unit in named}


def _scores(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> dict[tuple[str, str, str], list[float]]:
    """(data set, model, measure) -> one value per seed."""
    return {
        (name, model, what): [outputs[unit.key][f"{name} {model}"][what] for unit in finals]
        for name in scale.sets
        for model in ALL
        for what in MEASURES
    }


def _figures(scores: Mapping[tuple[str, str, str], Sequence[float]]) -> dict[str, Figure]:
    return {f"{what.upper()} of {model}, {name}": figure(each) for (name, model, what), each in scores.items()}


def _line(scale: Scale, say: Callable[[str, str], str]) -> str:
    """The words about each model, data set by data set."""
    return "; ".join(f"{name}: {', '.join(say(name, model) for model in ALL)}" for name in scale.sets)


def judge(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.4: each GAN beats the better of VAE and ALI, in PSNR and in SSIM."""
    scores = _scores(scale, finals, outputs)
    checks: list[Check] = []
    for name in scale.sets:
        for model in GANS:
            for what in MEASURES:
                best = [max(pair) for pair in zip(*(scores[name, rival, what] for rival in RIVALS), strict=True)]
                label = f"{name} {what.upper()}: {model} minus the better of VAE and ALI"
                checks.append(above_zero(label, differences(scores[name, model, what], best)))
    figures = _figures(scores)

    def say(name: str, model: str) -> str:
        psnr, ssim = (figures[f"{what} of {model}, {name}"].mean for what in ("PSNR", "SSIM"))
        return f"{model} {psnr:.2f} dB and {ssim:.3f}"

    return Outcome(_line(scale, say), checks, figures)


def judge_printed(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.5: each of our values equals the printed one to within the margins of `EQUAL`."""
    scores = _scores(scale, finals, outputs)
    figures, checks = _figures(scores), []
    for (name, model, what), each in scores.items():
        printed = PRINTED[name][model][MEASURES.index(what)]
        figures[f"{what.upper()} of {model}, {name}, printed"] = figure([printed])
        checks.append(
            equivalent(
                f"{name} {what.upper()}: {model} minus the printed {printed:g}",
                [x - printed for x in each],
                EQUAL[what],
            )
        )

    def say(name: str, model: str) -> str:
        psnr, ssim = PRINTED[name][model]
        ours = [figures[f"{what} of {model}, {name}"].mean for what in ("PSNR", "SSIM")]
        return f"{model} {ours[0]:.2f} dB ({psnr:.2f}) and {ours[1]:.3f} ({ssim:.3f})"

    return Outcome(f"ours (printed): {_line(scale, say)}", checks, figures)


NEEDED = (*ALL, "connection")
GANS_BRIEF = (
    "DCGAN {PSNR of dcgan, fashion-mnist|.1f}, WGAN-GP {PSNR of wgan-gp, fashion-mnist|.1f}, "
    "VAE {PSNR of vae, fashion-mnist|.1f}, ALI {PSNR of ali, fashion-mnist|.1f} dB"
)
PRINTED_BRIEF = (
    "DCGAN {PSNR of dcgan, fashion-mnist|.2f} dB ({PSNR of dcgan, fashion-mnist, printed|.2f}), "
    "VAE {PSNR of vae, fashion-mnist|.2f} ({PSNR of vae, fashion-mnist, printed|.2f})"
)
ROWS = (
    Row("3.4", protocol, units, judge, SCALES, brief=GANS_BRIEF, methods=NEEDED),
    Row("3.5", protocol_of_printed, units, judge_printed, SCALES, brief=PRINTED_BRIEF, methods=NEEDED),
)
