"""Rows 3.1, 3.2, 3.7, 3.8 and two beyond the paper: ways to invert one GAN, held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reproduction.framework.schema import Outcome, Outputs, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper3.gans import gan_unit
from reproduction.paper3.inverter_training import COUNTS, MEASURED, inverters_unit
from reproduction.paper3.scales import SCALES, SET, Scale

CN, ENCODER = "connection", "encoder"
TOLERANCE = 0.2
SPENT = {"steps": "steps", "cpu_seconds": "processor seconds"}
"""What an inverter's training took."""
VARIANTS: Mapping[str, Mapping[str, Any]] = {CN: {}, "two-layers": {"layers": 2}, "cycle": {"cycle": 1.0}}


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}. The plain encoder (D's trunk, latent objective) learns for as much processor time as the "
        f"connection network. {scale.images:,} test images; {scale.optimised} of them optimised by L-BFGS."
    )


def variant_protocol(scale: Scale) -> str:
    """How variants of the connection network are measured."""
    return (
        f"{scale.words()}. A variant learns for as many steps as, by a timing of {MEASURED}, take the processor "
        f"time that the connection network of D's last layer took. {scale.images:,} test images."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed."""
    return [inverters_unit(scale, gan_unit(scale, keys[SET], seed), {CN: {}}) for seed in range(scale.seeds)]


def variant_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed, with the variants beyond the paper."""
    return [inverters_unit(scale, gan_unit(scale, keys[SET], seed), VARIANTS) for seed in range(scale.seeds)]


def judge_encoder(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.1: nearer than the encoder in PSNR and in SSIM."""
    return _against(finals, outputs, ENCODER, CN)


def judge_hybrid(scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.2: the connection network's start ends nearer than the encoder's, and that nearer than both networks alone."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for limit in scale.limits:
        ends = {name: [_of(outputs, u, name)["limits"][str(limit)] for u in finals] for name in (CN, ENCODER)}
        for what in ("psnr", "ssim"):
            pairs = zip(ends[CN], ends[ENCODER], strict=True)
            checks.append(
                above_zero(f"{what.upper()} of hybrid less iGAN, {limit} steps", [a[what] - b[what] for a, b in pairs])
            )
        for name, way in ((CN, "hybrid"), (ENCODER, "iGAN")):
            figures[f"PSNR of {way}, {limit} steps"] = figure([end["psnr"] for end in ends[name]])
        lines.append(
            f"{limit} steps: hybrid {figures[f'PSNR of hybrid, {limit} steps'].mean:.2f} dB, "
            f"iGAN {figures[f'PSNR of iGAN, {limit} steps'].mean:.2f} dB"
        )
    last = str(scale.limits[-1])
    alone = [max(_of(outputs, u, name)["psnr"] for name in (CN, ENCODER)) for u in finals]
    igan = [_of(outputs, u, ENCODER)["limits"][last]["psnr"] for u in finals]
    checks.append(
        above_zero("PSNR of iGAN less both networks alone", [a - b for a, b in zip(igan, alone, strict=True)])
    )
    return Outcome("; ".join(lines), checks, figures)


def judge_counts(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.7: the mean of 1,000 images lies within .2 dB of that of 10,000."""
    counts = [str(n) for n in COUNTS if str(n) in _of(outputs, finals[0], CN)["counts"]]
    figures = {f"PSNR over {n} images": figure([_of(outputs, u, CN)["counts"][n] for u in finals]) for n in counts}
    away = [abs(_of(outputs, u, CN)["counts"][counts[-1]] - _of(outputs, u, CN)["counts"]["1000"]) for u in finals]
    line = "; ".join(f"{n} images {figures[f'PSNR over {n} images'].mean:.2f} dB" for n in counts)
    check = above_zero(
        f"{TOLERANCE} dB less the distance of 1,000 images from all", [TOLERANCE - value for value in away]
    )
    return Outcome(line, [check], figures)


def judge_size(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.8: fewer parameters learned and less time an image than the encoder."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines: list[str] = []
    for what, unit in (("parameters", " parameters"), ("ms", " ms an image")):
        values = {name: [float(_of(outputs, u, name)[what]) for u in finals] for name in (CN, ENCODER)}
        pairs = zip(values[ENCODER], values[CN], strict=True)
        checks.append(above_zero(f"{what} of the encoder less those of the network", [a - b for a, b in pairs]))
        for name in values:
            figures[f"{what} of {name}"] = figure(values[name])
        lines.append(", ".join(f"{name} {values[name][0]:.4g}{unit}" for name in values))
    return Outcome("; ".join(lines), checks, figures)


def judge_layers(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.12: two layers of D nearer than the last alone, at equal processor time."""
    return _against(finals, outputs, CN, "two-layers")


def judge_cycle(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.14: with a cycle row nearer than without, at equal processor time."""
    return _against(finals, outputs, CN, "cycle")


def _of(outputs: Outputs, unit: Unit, name: str) -> Mapping[str, Any]:
    return outputs[unit.key][name]


def _against(finals: Sequence[Unit], outputs: Outputs, lesser: str, better: str) -> Outcome:
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines: list[str] = []
    names = (better, lesser)
    for what, form in (("psnr", "{:.2f} dB"), ("ssim", "{:.4f}")):
        values = {name: [_of(outputs, u, name)[what] for u in finals] for name in names}
        pairs = zip(values[better], values[lesser], strict=True)
        checks.append(above_zero(f"{what.upper()} of {better} less {lesser}", [a - b for a, b in pairs]))
        figures |= {f"{what.upper()} of {name}": figure(values[name]) for name in values}
        lines.append(", ".join(f"{name} {form.format(figures[f'{what.upper()} of {name}'].mean)}" for name in values))
    for what, words in SPENT.items():
        figures |= {
            f"{words} of {name}": figure([float(_of(outputs, u, name)[what]) for u in finals]) for name in names
        }
    return Outcome("; ".join(lines), checks, figures)


LAYERS_EXPLANATION = (
    "Two layers are a longer vector, and the network that reads them has 2.5 times as many parameters: its steps take "
    "longer, so that it has about half as many. By the short timing that sets their number it had 74 to 89 % of the "
    "other's processor time, a little less than its due. At equal steps they were not compared."
)
NEEDED = ("dcgan", "connection", "encoder")
ROWS = (
    Row("3.1", protocol, units, judge_encoder, SCALES, methods=NEEDED),
    Row("3.2", protocol, units, judge_hybrid, SCALES, methods=NEEDED),
    Row("3.7", protocol, units, judge_counts, SCALES, methods=NEEDED),
    Row("3.8", protocol, units, judge_size, SCALES, methods=NEEDED),
    Row(
        "3.12+",
        variant_protocol,
        variant_units,
        judge_layers,
        SCALES,
        explanation={"small": LAYERS_EXPLANATION},
        methods=NEEDED,
    ),
    Row("3.14+", variant_protocol, variant_units, judge_cycle, SCALES, methods=NEEDED),
)
