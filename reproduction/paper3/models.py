"""The units of Paper 3's rows: a trained GAN, the inverters that learn on it, and one model of Table 1."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from edgan import api
from edgan.data import open_dataset
from edgan.inversion import fit
from edgan.metrics import inversion, psnr, ssim
from edgan.models.inputs import split_inputs
from edgan.models.inverting import features_of, generator_of
from edgan.models.model import Model
from reproduction.machine import clock
from reproduction.spec import Place, Unit

SET = "fashion-mnist"
COUNTS = (100, 300, 1000, 3000, 10_000)
WARM, MEASURED = 3, 10


@dataclass(frozen=True)
class Scale:
    """How large a row is.

    Attributes:
        seeds: how many GANs.
        training: size, batch and preset, as `edgan.train` takes them.
        gan, inverter, rival: steps of a GAN, of a connection network, of a VAE and ALI.
        set: settings of the networks beside the preset's.
        images: held-out ones that are inverted.
        optimised: how many of them are optimised.
        limits: numbers of L-BFGS steps that are tried, and of Adam's; newton: of Gauss-Newton's.
        sets: those that it reads; sides: the pixels of those that are not read at the training's.
    """

    seeds: int
    training: Mapping[str, Any]
    gan: int
    inverter: int
    rival: int
    set: Mapping[str, Any] = field(default_factory=dict)
    images: int = 1000
    optimised: int = 256
    limits: tuple[int, ...] = (5, 20, 80)
    newton: tuple[int, ...] = (1, 2, 4)
    sets: tuple[str, ...] = (SET,)
    sides: Mapping[str, int] = field(default_factory=dict)

    def side(self, name: str) -> int:
        """Side in pixels at which a set is read."""
        return int(self.sides.get(name, self.training["size"]))

    def on(self, name: str) -> dict[str, Any]:
        """The training on a set."""
        return {**self.training, "size": self.side(name)}

    def words(self) -> str:
        """What a reader must know of it."""
        one = self.training
        read = ", ".join(f"{name}, {self.side(name)} px" for name in self.sets)
        return (
            f"{read}, preset {one['preset']}; GAN {self.gan:,} steps, connection network "
            f"{self.inverter:,} steps; {self.seeds} seeds of the GAN"
        )


SCALES = {
    "toy": Scale(2, {"size": 28, "preset": "small"}, 2, 2, 2, {"network.width": 4, "latent.size": 4}, 16, 4, (2, 4)),
    "small": Scale(3, {"size": 28, "preset": "small"}, 1200, 1000, 1200),
    "paper": Scale(5, {"size": 28, "preset": "paper"}, 14_000, 100_000, 14_000, {}, 10_000, 1000, (5, 20, 80, 200)),
}


def gan_unit(scale: Scale, key: str, seed: int, method: str = "dcgan", name: str = SET) -> Unit:
    """A unit that trains a GAN on a set and keeps its run for the inverters."""
    options = {
        "method": method,
        "data": [name, key],
        "training": scale.on(name),
        "steps": scale.gan,
        "set": dict(scale.set) | _short(method, scale),
    }
    return Unit(f"{method}-{seed}", train_gan, options, seed=seed)


def _short(method: str, scale: Scale) -> dict[str, Any]:
    return {"autoencoder.steps": max(1, scale.gan // 10)} if method == "rfgan" else {}


def train_gan(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says; its run stays in the folder of runs."""
    train_run(unit, place, unit.key, unit.options["method"], unit.options["steps"], unit.options["set"])
    return {"steps": unit.options["steps"]}


def set_of(unit: Unit) -> str:
    """The name of the set that a unit works on: its own, or that of what it needs."""
    return str(unit.options["data"][0]) if "data" in unit.options else set_of(unit.needs[0])


def train_run(
    unit: Unit, place: Place, name: str, method: str, steps: int, settings: Mapping[str, Any], resume: bool = True
) -> Model:
    """Train for a unit, into the run of a name.

    Args:
        unit: its options hold the training, and its set is learned from.
        place: where.
        name: of the run.
        method, steps, settings: as `edgan.train` takes them.
        resume: go on where it stopped; False: begin anew.
    """
    seldom = dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), max(1, steps))
    folder = place.folder / "runs" / name
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    api.train(
        method,
        place.data[set_of(unit)],
        folder,
        **unit.options["training"],
        steps=steps,
        device=place.device,
        seed=unit.seed,
        set={**seldom, **settings},
        resume=resume,
        watch=place.tick,
        report=False,
    )
    return api.load(folder, place.device)


def inverters_unit(scale: Scale, gan: Unit, variants: Mapping[str, Mapping[str, Any]]) -> Unit:
    """A unit that learns a connection network on a GAN, in one or several variants, and a plain encoder as long.

    Args:
        scale: how large.
        gan: the unit that trained the GAN.
        variants: name -> settings of `connection`; the first is what the others and the encoder are held against.
    """
    options = {
        "training": dict(scale.training),
        "steps": scale.inverter,
        "variants": {name: dict(settings) for name, settings in variants.items()},
        "encoder": {"width": scale.set["network.width"]} if "network.width" in scale.set else {},
        "images": scale.images,
        "optimised": scale.optimised,
        "limits": list(scale.limits),
    }
    return Unit(f"inverters-{'-'.join(variants)}-{gan.seed}", compare, options, needs=(gan,), seed=gan.seed)


def compare(unit: Unit, place: Place) -> dict[str, Any]:
    """Train the inverters for equal processor time each, then invert the test split with each.

    Returns:
        By inverter: "psnr", "ssim", "ms" an image, "parameters" that it learned, "cpu_seconds" of its training,
        "counts": PSNR by number of images, and of those that are optimised "limits": PSNR, SSIM and ms by steps.
    """
    origin = {"gan": str(place.folder / "runs" / unit.needs[0].key)}
    found: dict[str, Any] = {}
    seconds = 0.0
    for name, settings in unit.options["variants"].items():
        whole = {**origin, **settings}
        steps = unit.options["steps"]
        if seconds:
            steps = _steps_for(seconds, unit, place, "connection", whole)
        model, took = _timed(unit, place, f"{unit.key}-{name}", "connection", steps, whole)
        seconds = seconds or took
        found[name] = {**_inverted(unit, place, model, "connection"), "cpu_seconds": took, "steps": steps}
    whole = {**origin, **unit.options["encoder"]}
    steps = _steps_for(seconds, unit, place, "encoder", whole)
    model, took = _timed(unit, place, f"{unit.key}-encoder", "encoder", steps, whole)
    found["encoder"] = {**_inverted(unit, place, model, "encoder"), "cpu_seconds": took, "steps": steps}
    return found


def _timed(
    unit: Unit, place: Place, name: str, method: str, steps: int, settings: Mapping[str, Any]
) -> tuple[Model, float]:
    begun = time.process_time()
    model = train_run(unit, place, name, method, steps, settings, resume=False)
    return model, time.process_time() - begun


def _steps_for(seconds: float, unit: Unit, place: Place, method: str, settings: Mapping[str, Any]) -> int:
    """How many steps of a training take so much processor time."""
    marks: list[float] = []
    seldom = dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), 10**6)
    folder = place.folder / "runs" / f"{unit.key}-timing"
    shutil.rmtree(folder, ignore_errors=True)
    api.train(
        method,
        place.data[set_of(unit)],
        folder,
        **unit.options["training"],
        steps=WARM + MEASURED,
        device=place.device,
        seed=unit.seed,
        set={**seldom, **settings},
        watch=lambda _: marks.append(time.process_time()),
        report=False,
    )
    return max(1, round(seconds * MEASURED / (marks[-1] - marks[WARM - 1])))


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
        start: (N or more, Z).
        steps: of the optimiser, all of them taken.
        place: where.
        optimiser: as `edgan.inversion.fit` takes it.

    Returns:
        "psnr", "ssim" of the images drawn again, and "ms" an image.
    """
    here = model.prepare(images)
    begun = clock(model.device)
    better = fit(
        here,
        generator_of(model),
        start[: len(here)].to(here),
        features=features_of(model),
        steps=steps,
        tolerance=0.0,
        optimiser=optimiser,
        progress=place.tick,
    )
    ms = 1000 * (clock(model.device) - begun) / len(here)
    again = model.decode(better.z).clamp(-1, 1).cpu()
    return {"psnr": float(psnr(again, images)), "ssim": float(ssim(again, images)), "ms": ms}


def held_out_images(place: Place, model: Model, count: int, name: str) -> Tensor:
    """The first images of a set's test split, on the CPU."""
    dataset = open_dataset(place.data[name], size=model.size, channels=model.channels)
    return split_inputs(dataset, "test", count).fields["image"].cpu()


def table_unit(scale: Scale, key: str, method: str, seed: int, name: str = SET) -> Unit:
    """A unit that scores one model of Table 1: a GAN by a connection network that is learned on it, or a VAE or ALI."""
    options = {"data": [name, key], "training": scale.on(name), "images": scale.images, "method": method}
    if method in ("vae", "ali"):
        options |= {"steps": scale.rival, "set": dict(scale.set)}
        return Unit(f"{method}-scored-{seed}", score, options, seed=seed)
    options |= {"steps": scale.inverter}
    return Unit(f"{method}-scored-{seed}", score, options, needs=(gan_unit(scale, key, seed, method, name),), seed=seed)


def score(unit: Unit, place: Place) -> dict[str, float]:
    """Paper 3's metric of one model: PSNR and SSIM of test images drawn again."""
    if unit.needs:
        settings = {"gan": str(place.folder / "runs" / unit.needs[0].key)}
        model = train_run(unit, place, unit.key, "connection", unit.options["steps"], settings)
    else:
        model = train_run(unit, place, unit.key, unit.options["method"], unit.options["steps"], unit.options["set"])
    images = held_out_images(place, model, 10_000, set_of(unit))
    with torch.inference_mode():
        found = inversion(lambda x: model.reconstruct(x).output, images, count=unit.options["images"], seed=unit.seed)
    return {"psnr": found.psnr, "ssim": found.ssim}
