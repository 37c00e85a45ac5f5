"""Row 3.4: Table 1 on Fashion-MNIST, five GANs with a connection network each, a VAE and ALI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgan.experiments.paper3 import models
from edgan.experiments.paper3.models import SET, Scale, table_unit
from edgan.experiments.running import perform
from edgan.experiments.spec import Found, Outcome, Place, Row, Unit
from edgan.experiments.verdicts import Check, Figure, above_zero, figure

GANS = ("dcgan", "lsgan", "dfm", "rfgan", "wgan-gp")
RIVALS = ("vae", "ali")
SCALES: Mapping[str, Scale] = {
    **models.SCALES,
    # Seven models a seed: shorter than where one GAN is inverted in several ways.
    "small": replace(models.SCALES["small"], seeds=2, gan=600, inverter=400, rival=600),
}
PRINTED = {
    "vae": (11.83, 0.3921),
    "ali": (13.02, 0.3623),
    "dcgan": (15.10, 0.5332),
    "lsgan": (15.25, 0.5665),
    "dfm": (15.74, 0.5434),
    "rfgan": (15.94, 0.5848),
    "wgan-gp": (15.80, 0.5233),
}


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}; VAE and ALI {scale.rival:,} steps on the same networks, each with its preset. Five draws of "
        f"{scale.images:,} test images, images drawn again are clipped; printed for Fashion-MNIST: "
        + ", ".join(f"{name} {one:.2f} dB / {two:.3f}" for name, (one, two) in PRINTED.items())
        + "."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed: it reads what each model scored."""
    return [
        Unit(
            f"table-1-{seed}",
            collect,
            {"models": [*GANS, *RIVALS]},
            needs=tuple(table_unit(scale, keys[SET], method, seed) for method in (*GANS, *RIVALS)),
            seed=seed,
        )
        for seed in range(scale.seeds)
    ]


def collect(unit: Unit, place: Place) -> dict[str, Any]:
    """The scores of all models of a seed, by name."""
    models = zip(unit.options["models"], unit.needs, strict=True)
    return {name: perform(one, place)["result"] for name, one in models}


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """Each GAN beats the better of VAE and ALI, in PSNR and in SSIM."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines: list[str] = []
    for name in (*GANS, *RIVALS):
        for what in ("psnr", "ssim"):
            figures[f"{what.upper()} of {name}"] = figure([found[u.key][name][what] for u in finals])
        lines.append(f"{name} {figures[f'PSNR of {name}'].mean:.2f} dB, {figures[f'SSIM of {name}'].mean:.3f}")
    for name in GANS:
        for what in ("psnr", "ssim"):
            less = [found[u.key][name][what] - max(found[u.key][rival][what] for rival in RIVALS) for u in finals]
            checks.append(above_zero(f"{what.upper()} of {name} less the better of VAE and ALI", less))
    return Outcome("; ".join(lines), checks, figures)


ROW = Row("3.4", protocol, units, judge, SCALES, methods=(*GANS, *RIVALS, "connection"))
