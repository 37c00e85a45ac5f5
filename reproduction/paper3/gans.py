"""Units of Paper 3: a trained GAN that inverters learn on, and the score of one model of Table 1."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

import edgan
from edgan.data import open_dataset
from edgan.metrics import inversion
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.storage.run_folder import RunFolder
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.schema import FALL, Place, Unit
from reproduction.paper3.scales import SET, Scale

ALL_IMAGES = 10_000
"""The test split of the largest set."""


def gan_unit(scale: Scale, key: str, seed: int, method: str = "dcgan", name: str = SET) -> Unit:
    """A unit that trains a GAN on a data set and keeps its run for the inverters."""
    options = {
        "method": method,
        "data": [name, key],
        "training": scale.on(name),
        "steps": scale.gan + sum(earlier_stage(method, scale).values()),
        "set": dict(scale.set) | earlier_stage(method, scale),
    }
    return Unit(f"{method}-{seed}", train_gan, options, seed=seed)


def earlier_stage(method: str, scale: Scale) -> dict[str, int]:
    """RFGAN's autoencoder trains before the game, ten epochs before thirty in the author's code."""
    return {"autoencoder.steps": max(1, scale.gan // 3)} if method == "rfgan" else {}


def train_gan(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says; the run is kept."""
    train_run(unit, place, unit.key, unit.options["method"], unit.options["steps"], unit.options["set"])
    return {"steps": unit.options["steps"]}


def set_of(unit: Unit) -> str:
    """The name of the data set that a unit works on: its own, or that of the unit it needs."""
    return str(unit.options["data"][0]) if "data" in unit.options else set_of(unit.needs[0])


def train_run(
    unit: Unit, place: Place, name: str, method: str, steps: int, settings: Mapping[str, Any], resume: bool = True
) -> Model:
    """Train a method on a unit's data set.

    Args:
        unit: its options hold the training.
        place: where.
        name: of the run.
        method, steps, settings: as in `edgan.train`.
        resume: resume an interrupted run; False: start a new one.
    """
    seldom = dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), max(1, steps))
    folder = place.folder / "runs" / name
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    edgan.train(
        method,
        place.data[set_of(unit)],
        folder,
        **unit.options["training"],
        steps=steps,
        device=place.device,
        precision="float32",
        seed=unit.seed,
        set={**seldom, **settings},
        resume=resume,
        watch=place.tick,
        report=False,
    )
    return edgan.load(folder, place.device, "newest")


def held_out_images(place: Place, model: Model, count: int, name: str) -> Tensor:
    """The first images of a data set's test split, on the CPU."""
    dataset = open_dataset(place.data[name], size=model.size, channels=model.channels, crop=model.crop.text)
    return split_inputs(dataset, "test", count).fields["image"].cpu()


def table_unit(scale: Scale, key: str, method: str, seed: int, name: str = SET) -> Unit:
    """A unit that scores a model of Table 1: a GAN, through a connection network trained on it, or a VAE or ALI."""
    options = {"data": [name, key], "training": scale.on(name), "images": scale.images, "method": method}
    if method in ("vae", "ali"):
        # The paper's VAE is the standard one, whose decoder's Gaussian has deviation 1.
        own = {"deviation": 1.0} if method == "vae" else {}
        options |= {"steps": scale.rival, "set": {**scale.set, **own}}
        return Unit(f"{method}-scored-{seed}", score, options, seed=seed)
    options |= {"steps": scale.inverter} | ({"set": dict(scale.inverters)} if scale.inverters else {})
    return Unit(f"{method}-scored-{seed}", score, options, needs=(gan_unit(scale, key, seed, method, name),), seed=seed)


def score(unit: Unit, place: Place) -> dict[str, float | None]:
    """Paper 3's metric of a model: PSNR and SSIM of reconstructed test images; and `FALL`."""
    if unit.needs:
        settings = {"gan": str(place.folder / "runs" / unit.needs[0].key), **unit.options.get("set", {})}
        model = train_run(unit, place, unit.key, "connection", unit.options["steps"], settings)
    else:
        model = train_run(unit, place, unit.key, unit.options["method"], unit.options["steps"], unit.options["set"])
    images = held_out_images(place, model, ALL_IMAGES, set_of(unit))
    with torch.inference_mode():
        fidelity = inversion(
            lambda x: model.reconstruct(x).output, images, count=unit.options["images"], seed=unit.seed
        )
    fall = fall_of_loss(RunFolder(place.folder / "runs" / unit.key).read_log())
    return {"psnr": fidelity.psnr, "ssim": fidelity.ssim, FALL: fall}
