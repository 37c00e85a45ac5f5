"""Trainings on CelebA for rows 3.9, 3.11, 3.16 and 3.17, and the judges of their pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

import edgan
from edgan.metrics import recognition
from edgan.models.model import Model
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.schema import FALL, Place, Unit
from reproduction.paper2.editors import trained
from reproduction.units.face_judges import Judges, faces_of, load_judges, pictures
from reproduction.units.training import FALLING, run_of

SET = "celeba"
ASKED = ("Eyeglasses", "Smiling", "Blond_Hair", "Male")


@dataclass(frozen=True)
class Scale:
    """How large the rows are.

    Attributes:
        seeds: of every training.
        training: size and preset, as in `edgan.train`.
        steps: by method.
        set: settings that differ from the preset's, by method.
        attributes: those that the models learn.
        images: number of test images edited, for each attribute.
        reader_steps: steps of the judges' training.
        optimised: L-BFGS steps of an optimised inversion.
        ranking: settings of `edgan.metrics.nrds`.
    """

    seeds: int
    training: Mapping[str, Any]
    steps: Mapping[str, int]
    set: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ASKED
    images: int = 200
    reader_steps: int = 300
    optimised: int = 80
    ranking: Mapping[str, Any] = field(default_factory=lambda: {"protocol": "robust", "seeds": 3})

    def words(self, *methods: str) -> str:
        """A summary for protocols."""
        steps = ", ".join(f"{name} {self.steps[name]:,}" for name in methods)
        return (
            f"CelebA, {self.training['size']} px, preset {self.training['preset']}, steps: {steps}; {self.seeds} "
            "seeds. The judges are a classifier of attributes and a recogniser of faces, trained separately for "
            f"{self.reader_steps:,} steps"
        )


CONDITIONAL = {"network.width": 4, "network.discriminator": 4, "network.connection": 16, "latent.size": 4}
LAYERS = {"network.width": 4, "network.hidden": [8], "network.latent": 4}
GAN = {"network.width": 4, "latent.size": 4}
EDITORS = ("editable-gan", "modified-cgan", "icgan", "vae-gan")
TEN = (*ASKED, "Bangs", "Black_Hair", "Brown_Hair", "Gray_Hair", "Mustache", "Young")
SCALES = {
    "toy": Scale(
        2,
        {"size": 32, "preset": "small", "batch": 8},
        dict.fromkeys(("dcgan", "connection", "encoder", "vae", "ali", *EDITORS), 3),
        {
            "dcgan": GAN,
            "connection": {"hidden": 8},
            "editable-gan": CONDITIONAL,
            "modified-cgan": CONDITIONAL,
            "icgan": {**LAYERS, "gan_steps": 2},
            "vae-gan": LAYERS,
            "vae": GAN,
            "ali": GAN,
            "encoder": {"width": 4},
        },
        images=8,
        reader_steps=5,
        optimised=2,
        ranking={"protocol": "robust", "seeds": 2, "epochs": 2},
    ),
    "small": Scale(
        3,
        {"size": 32, "preset": "small"},
        {"dcgan": 500, "vae": 500, "ali": 500, "connection": 300, "encoder": 300, **dict.fromkeys(EDITORS, 800)},
        {**{name: {"network.width": 24} for name in ("dcgan", "vae", "ali")}, "icgan": {"gan_steps": 500}},
    ),
    "gpu": Scale(
        3,
        {"size": 64, "preset": "small"},
        {
            **dict.fromkeys(("dcgan", "vae", "ali", "connection", "encoder"), 5000),
            **dict.fromkeys(EDITORS, 20_000),
        },
        {
            **dict.fromkeys(("dcgan", "vae", "ali", "connection", "encoder", *EDITORS), FALLING),
            "icgan": {**FALLING, "gan_steps": 10_000},
        },
    ),
    # Epochs of CelebA's training images: 60 for Editable GAN and the modified cGAN, 30 for DCGAN and its rivals, 25 and
    # 25 for IcGAN, whose fully connected layers are made for 64 px, and as many steps for VAE/GAN.
    "paper": Scale(
        3,
        {"size": 128, "preset": "paper"},
        {
            **dict.fromkeys(("dcgan", "vae", "ali"), 42_000),
            **dict.fromkeys(("connection", "encoder"), 100_000),
            "editable-gan": 168_660,
            "modified-cgan": 168_660,
            "icgan": 127_150,
            "vae-gan": 127_150,
        },
        {"icgan": {"network.hidden": [512]}, "vae-gan": {"network.hidden": [512]}},
        attributes=TEN,
        images=1000,
        reader_steps=5000,
    ),
}


def kept_unit(
    method: str, scale: Scale, key: str, seed: int, gan: Unit | None = None, set: Mapping[str, Any] | None = None
) -> Unit:
    """A unit that trains a method on faces and keeps its run.

    Args:
        method: of `edgan methods`.
        scale: how large.
        key: the set's.
        seed: of the training.
        gan: the unit that trained the GAN to invert, if there is one.
        set: settings that differ from the scale's.
    """
    options = {
        "method": method,
        "data": [SET, key],
        "training": {**scale.training, "steps": scale.steps[method]},
        "set": {**scale.set.get(method, {}), **(set or {})},
        "attributes": list(scale.attributes),
    }
    return Unit(f"{method}-faces-{seed}", train, options, needs=(gan,) if gan else (), seed=seed)


def train(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says; the run is kept.

    Returns:
        "steps" and `FALL`.
    """
    origin = {"gan": str(run_of(unit.needs[0], place).path)} if unit.needs else {}
    trained(unit, place, **origin)
    return {"steps": unit.options["training"]["steps"], FALL: fall_of_loss(run_of(unit, place).read_log())}


def kept_model(unit: Unit, place: Place) -> Model:
    """The model that a unit trained."""
    return edgan.load(run_of(unit, place).path, place.device, "newest")


@dataclass(frozen=True)
class Faces:
    """Test images, their attributes, and the judges of pictures made from them.

    Attributes:
        images: (N, C, H, W) in [-1, 1].
        truth: (N, A) of 0 and 1; names: of the attributes.
        judges: trained on the training split.
        spread: standard deviation of the reader's scores over the images, (A,).
    """

    images: Tensor
    truth: Tensor
    names: tuple[str, ...]
    judges: Judges
    spread: Tensor

    @classmethod
    def of(cls, training: Unit, place: Place) -> Faces:
        """The test split of the data set on which a unit trained its judges."""
        dataset, judges = faces_of(training, place), load_judges(training, place)
        test = dataset.indices("test")
        assert dataset.attributes is not None
        images = pictures(dataset, test)
        truth = torch.from_numpy(dataset.attributes[test])
        return cls(images, truth, dataset.attribute_names, judges, judges.read(images).std(0).clamp_min(1e-6))

    def without(self, name: str, count: int, **also: bool) -> Tensor:
        """The first images without an attribute, and with or without others, (n, C, H, W)."""
        has = self.truth >= 0.5
        keep = ~has[:, self.names.index(name)]
        for other, value in also.items():
            keep &= has[:, self.names.index(other)] == value
        return self.images[keep][:count]

    def having(self, name: str, count: int) -> Tensor:
        """The first images with an attribute, (n, C, H, W)."""
        return self.images[self.truth[:, self.names.index(name)] >= 0.5][:count]

    def shown(self, made: Tensor, name: str) -> float:
        """The share of pictures in which an attribute is detected."""
        return float((self.judges.read(made.clamp(-1, 1))[:, self.names.index(name)] > 0).float().mean())

    def score(self, made: Tensor, name: str) -> float:
        """The mean score of an attribute, in standard deviations of that score over real images."""
        column = self.names.index(name)
        return float(self.judges.read(made.clamp(-1, 1))[:, column].mean() / self.spread[column])

    def known(self, images: Tensor, made: Tensor) -> float:
        """Identity kept: the mean share of other images that are farther from a picture than its own original."""
        return recognition(self.judges.embed(made.clamp(-1, 1)), self.judges.embed(images)).ahead
