"""Row 3.13+: three optimisers that refine the guess of a connection network, compared by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

import edgan
from edgan.metrics import psnr
from reproduction.framework.schema import Curves, Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper3 import inverters
from reproduction.paper3.gans import held_out_images, set_of
from reproduction.paper3.inverter_training import refined
from reproduction.paper3.inverters import CN, NEEDED, SCALES
from reproduction.paper3.scales import Scale

Way = Literal["lbfgs", "adam", "gauss-newton"]
WAYS: Mapping[Way, str] = {"lbfgs": "L-BFGS", "adam": "Adam", "gauss-newton": "Gauss-Newton"}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed, on the connection network of row 3.1."""
    return [
        Unit(
            f"refined-{inverted.seed}",
            refine,
            {
                "steps": {way: list(scale.newton if way == "gauss-newton" else scale.limits) for way in WAYS},
                "images": scale.optimised,
            },
            needs=(inverted,),
            seed=inverted.seed,
        )
        for inverted in inverters.units(scale, keys)
    ]


def refine(unit: Unit, place: Place) -> dict[str, Any]:
    """Refine the latents of test images with each optimiser and number of steps.

    Returns:
        "start": PSNR of the network's guess; by optimiser and number of steps: "psnr", "ssim" and "ms" per image.
    """
    (inverted,) = unit.needs
    model = edgan.load(place.folder / "runs" / f"{inverted.key}-{CN}", place.device, "newest")
    images = held_out_images(place, model, unit.options["images"], set_of(unit))
    z = model.encode(images)
    result: dict[str, Any] = {"start": float(psnr(model.decode(z).clamp(-1, 1), images))}
    for way in WAYS:
        result[way] = {str(k): refined(model, images, z, k, place, way) for k in unit.options["steps"][way]}
    return result


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """In the time of each run of Adam and of Gauss-Newton, L-BFGS reaches a higher PSNR."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {"PSNR of the start": figure([outputs[unit.key]["start"] for unit in finals])}
    lines = []
    for way, name in WAYS.items():
        for steps in finals[0].options["steps"][way]:
            ends = [outputs[unit.key][way][str(steps)] for unit in finals]
            ms = sum(end["ms"] for end in ends) / len(ends)
            reached = figure([end["psnr"] for end in ends])
            figures[f"PSNR after {ms:.3g} ms of {name}"] = reached
            if steps == finals[0].options["steps"][way][-1]:
                lines.append(f"{name} {reached.mean:.2f} dB in {ms:.1f} ms")
            if way != "lbfgs":
                ahead = [
                    _lbfgs_by(end["ms"], outputs[unit.key]) - end["psnr"]
                    for end, unit in zip(ends, finals, strict=True)
                ]
                checks.append(above_zero(f"PSNR: L-BFGS minus {name}, in the time of {steps} {name} steps", ahead))
    return Outcome(", ".join(lines), checks, figures)


def _lbfgs_by(ms: float, result: Mapping[str, Any]) -> float:
    """PSNR of L-BFGS after a time, interpolated linearly, which underestimates its concave curve."""
    ends = sorted((end["ms"], end["psnr"]) for end in result["lbfgs"].values())
    times, values = zip(*ends, strict=True)
    return float(np.interp(ms, (0.0, *times), (result["start"], *values)))


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}; {scale.optimised} test images, 64 at a time, optimised from the connection network's guess "
        "with the pixel and feature loss of iGAN. A step of Gauss-Newton (Levenberg-Marquardt damping) solves its "
        "normal equations by 8 steps of conjugate gradients. L-BFGS at the time of another optimiser: interpolated "
        "linearly between its own points. Processor time on a CPU."
    )


BY_TIME = Curves(
    r"PSNR after (?P<x>[\d.e+-]+) ms of (?P<series>.+)",
    "ms per image",
    "PSNR, dB",
    "PSNR of reconstructions against milliseconds of optimisation, one curve for each optimiser",
    log_x=True,
)
ROW = Row("3.13+", protocol, units, judge, SCALES, curves=BY_TIME, methods=NEEDED)
