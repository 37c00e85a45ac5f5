"""Row 3.3: VGG16's features instead of the discriminator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgan.errors import EdganError
from edgan.metrics import inversion
from edgan.nets.vgg import Vgg16Features
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, counted, figure
from reproduction.paper3 import scales
from reproduction.paper3.gans import gan_unit, held_out_images, set_of, train_run
from reproduction.paper3.scales import Scale

SET = "celeba"
WAYS = ("connection", "vgg-connection")
LEVEL = {"psnr": 0.5, "ssim": 0.02}
"""Differences below these count as equal; the paper's are .04 dB and .0015."""
SCALES: Mapping[str, Scale] = {
    "toy": replace(scales.SCALES["toy"], sets=(SET,), sides={SET: 32}),
    # VGG16 reads 64 px: a step takes seconds on one core.
    "small": replace(scales.SCALES["small"], sets=(SET,), sides={SET: 32}, seeds=2, gan=600, inverter=150),
    "paper": replace(scales.SCALES["paper"], sets=(SET,), sides={SET: 64}),
}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed: both networks on one GAN."""
    finals = []
    for seed in range(scale.seeds):
        gan = gan_unit(scale, keys[SET], seed, name=SET)
        options = {"training": scale.on(SET), "steps": scale.inverter, "images": scale.images}
        finals.append(Unit(f"vgg-{seed}", compare, options, needs=(gan,), seed=seed))
    return finals


def compare(unit: Unit, place: Place) -> dict[str, dict[str, Any]]:
    """Train both networks for equal steps and invert the test split.

    Returns:
        By network: "psnr", "ssim", and "parameters" of all networks between an image and its latent.
    """
    origin = {"gan": str(place.folder / "runs" / unit.needs[0].key)}
    scores = {}
    for way in WAYS:
        model = train_run(unit, place, f"{unit.key}-{way}", way, unit.options["steps"], origin)
        images = held_out_images(place, model, 10_000, set_of(unit))
        score = inversion(
            lambda x, model=model: model.reconstruct(x).output,  # type: ignore[misc]
            images,
            count=unit.options["images"],
            seed=unit.seed,
        )
        behind = model.method.plan.networks_behind("z")
        parameters = sum(p.numel() for name in behind for p in model.networks[name].parameters())
        scores[way] = {"psnr": score.psnr, "ssim": score.ssim, "parameters": parameters}
    return scores


def obstacle() -> str:
    """Why VGG16's weights cannot be loaded; "" if they can."""
    try:
        Vgg16Features()
    except EdganError as error:
        return str(error)
    return ""


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """PSNR and SSIM are equal, and VGG16 has more parameters."""
    each = {way: [outputs[unit.key][way] for unit in finals] for way in WAYS}
    figures: dict[str, Figure] = {
        f"{what} of {way}": figure([float(result[what]) for result in each[way]])
        for way in WAYS
        for what in ("psnr", "ssim", "parameters")
    }
    pairs = list(zip(*each.values(), strict=True))
    checks: list[Check] = [
        above_zero(
            f"{margin} minus the difference in {what.upper()}", [margin - abs(a[what] - b[what]) for a, b in pairs]
        )
        for what, margin in LEVEL.items()
    ]
    more = [float(b["parameters"] - a["parameters"]) for a, b in pairs]
    checks.append(counted("parameters: VGG16 minus D", min(more)))
    line = "; ".join(
        f"{way} {figures[f'psnr of {way}'].mean:.2f} dB, {figures[f'ssim of {way}'].mean:.4f}, "
        f"{figures[f'parameters of {way}'].mean / 1e6:.1f} million parameters"
        for way in WAYS
    )
    return Outcome(line, checks, figures)


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{scale.words()}. A DCGAN, and two connection networks on it with equal steps: one on D's last features, one "
        "on the last map of VGG16 (torchvision's ImageNet weights, images enlarged to 64 px). Five draws of "
        f"{scale.images:,} test images. Parameters: of all networks between an image and its latent."
    )


ROW = Row("3.3", protocol, units, judge, SCALES, methods=("dcgan", *WAYS), obstacle=obstacle)
