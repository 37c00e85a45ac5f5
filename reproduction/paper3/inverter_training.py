"""The unit behind Paper 3's inverters: connection networks and a plain encoder, trained for equal processor time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor

import edgan
from edgan.inversion import fit
from edgan.metrics import psnr, ssim
from edgan.models.inverting import features_of, generator_of
from edgan.models.model import Model
from edgan.storage.run_folder import RunFolder
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.machine import clock
from reproduction.framework.schema import FALL, Place, Unit
from reproduction.paper3.gans import held_out_images, set_of, train_run
from reproduction.paper3.scales import Scale

COUNTS = (100, 300, 1000, 3000, 10_000)
"""Numbers of test images over which PSNR is averaged."""
WARM_UP, MEASURED = 3, 10
"""Steps of the timing run that are skipped, and that are timed."""


def inverters_unit(
    scale: Scale, gan: Unit, variants: Mapping[str, Mapping[str, Any]], objective: Literal["latent", "pixel"] = "latent"
) -> Unit:
    """A unit that trains variants of a connection network and a plain encoder on a GAN, for equal processor time.

    Args:
        scale: how large.
        gan: the unit that trained the GAN.
        variants: name -> settings of `connection`; the first sets the processor time of the others and of the encoder.
        objective: of the encoder.
    """
    encoder = {"width": scale.set["network.width"]} if "network.width" in scale.set else {}
    of_pixels = {"objective": objective} if objective == "pixel" else {}
    options = {
        "training": scale.on(set_of(gan)),
        "steps": scale.inverter,
        "variants": {name: {**scale.inverters, **settings} for name, settings in variants.items()},
        "encoder": {**scale.inverters, **encoder, **of_pixels},
        "images": scale.images,
        "optimised": scale.optimised,
        "limits": list(scale.limits),
    }
    name = "-".join((*variants, *of_pixels.values()))
    return Unit(f"inverters-{name}-{gan.seed}", compare, options, needs=(gan,), seed=gan.seed)


def compare(unit: Unit, place: Place) -> dict[str, Any]:
    """Train the inverters for equal processor time, then invert the test split with each.

    Returns:
        By inverter: "psnr"; "ssim"; "ms" per image; number of trained "parameters"; "cpu_seconds" and "steps" of the
        training; "counts": PSNR by number of images; "limits": PSNR, SSIM and ms of the optimised images by steps.
        And the largest `FALL`.
    """
    origin = {"gan": str(place.folder / "runs" / unit.needs[0].key)}
    inverted: dict[str, Any] = {}
    seconds = 0.0
    for name, settings in unit.options["variants"].items():
        all_settings = {**origin, **settings}
        steps = unit.options["steps"]
        if seconds:
            steps = _steps_for(seconds, unit, place, "connection", all_settings)
        model, took = _timed(unit, place, f"{unit.key}-{name}", "connection", steps, all_settings)
        seconds = seconds or took
        inverted[name] = {**_inverted(unit, place, model, "connection"), "cpu_seconds": took, "steps": steps}
    all_settings = {**origin, **unit.options["encoder"]}
    steps = _steps_for(seconds, unit, place, "encoder", all_settings)
    model, took = _timed(unit, place, f"{unit.key}-encoder", "encoder", steps, all_settings)
    inverted["encoder"] = {**_inverted(unit, place, model, "encoder"), "cpu_seconds": took, "steps": steps}
    runs = (RunFolder(place.folder / "runs" / f"{unit.key}-{name}") for name in inverted)
    falls = [fall for fall in (fall_of_loss(run.read_log()) for run in runs) if fall is not None]
    return inverted | {FALL: max(falls, default=None)}


def _timed(
    unit: Unit, place: Place, name: str, method: str, steps: int, settings: Mapping[str, Any]
) -> tuple[Model, float]:
    begun = time.process_time()
    model = train_run(unit, place, name, method, steps, settings, resume=False)
    return model, time.process_time() - begun


def _steps_for(seconds: float, unit: Unit, place: Place, method: str, settings: Mapping[str, Any]) -> int:
    """How many steps of a training take this much processor time."""
    marks: list[float] = []
    never = dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), 10**6)
    folder = place.folder / "runs" / f"{unit.key}-timing"
    shutil.rmtree(folder, ignore_errors=True)
    edgan.train(
        method,
        place.data[set_of(unit)],
        folder,
        **unit.options["training"],
        steps=WARM_UP + MEASURED,
        device=place.device,
        precision="float32",
        seed=unit.seed,
        set={**never, **settings},
        watch=lambda _: marks.append(time.process_time()),
        report=False,
    )
    return max(1, round(seconds * MEASURED / (marks[-1] - marks[WARM_UP - 1])))


def _inverted(unit: Unit, place: Place, model: Model, learner: str) -> dict[str, Any]:
    images = held_out_images(place, model, max(unit.options["images"], *COUNTS), set_of(unit))
    begun = time.perf_counter()
    z = model.encode(images)
    ms = 1000 * (time.perf_counter() - begun) / len(images)
    again = model.decode(z).clamp(-1, 1)
    each = psnr(again, images, reduction="none")
    count = unit.options["images"]
    return {
        "psnr": float(each[:count].mean()),
        "ssim": float(ssim(again[:count], images[:count])),
        "ms": ms,
        "parameters": sum(p.numel() for p in model.networks[learner].parameters()),
        "counts": {str(n): float(each[:n].mean()) for n in COUNTS if n <= len(each)},
        "limits": {
            str(k): refined(model, images[: unit.options["optimised"]], z, k, place) for k in unit.options["limits"]
        },
    }


def refined(
    model: Model,
    images: Tensor,
    start: Tensor,
    steps: int,
    place: Place,
    optimiser: Literal["lbfgs", "adam", "gauss-newton"] = "lbfgs",
) -> dict[str, float]:
    """Optimise the latents of images from a start.

    Args:
        model: of a GAN.
        images: (N, C, size, size) in [-1, 1].
        start: initial latents, (N or more, Z).
        steps: of the optimiser; all are taken.
        place: where.
        optimiser: as in `edgan.inversion.fit`.

    Returns:
        "psnr" and "ssim" of the reconstructions, and "ms" per image.
    """
    targets = model.prepare(images)
    begun = clock(model.device)
    fitted = fit(
        targets,
        generator_of(model),
        start[: len(targets)].to(targets),
        features=features_of(model),
        steps=steps,
        tolerance=0.0,
        optimiser=optimiser,
        progress=place.tick,
    )
    ms = 1000 * (clock(model.device) - begun) / len(targets)
    again = model.decode(fitted.z).clamp(-1, 1).cpu()
    return {"psnr": float(psnr(again, images)), "ssim": float(ssim(again, images)), "ms": ms}
