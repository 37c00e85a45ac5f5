"""Editable GAN and the modified cGAN with a projected discriminator, against plain loops."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from editable_loops import balanced, others
from method_harness import Networks, PlainLoop, assert_every_cell_is_reached, deviation, normal, sgd, uniform
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.nets import pretrained
from edgan.nets.diff_augment import DRAWS, cut_out, shift
from edgan.routing import Inputs

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
COUNT, SIZE, LATENT, NAMES = 4, 32, 3, ("glasses", "smile", "hat")
SGD = sgd(0.02)
FACES = Shape(SIZE, 3, attributes=NAMES)


def bound(name: str, augment: str = "never", shape: Shape = FACES) -> Method:
    settings: dict[str, Any] = {
        "network": {"width": 4, "discriminator": 4, "connection": 16, "upsample": "nearest"},
        "discriminator": {"kind": "projected", "heads": 8, "augment": augment, "augment_colour": False},
        "latent": {"size": LATENT, "spread": 1.0},
        "penalty": {"weight": 0.0},
    }
    return find(name).bind(settings, shape)


def fields(seed: int) -> dict[str, Tensor]:
    attributes = (normal(seed, COUNT, len(NAMES)) > 0).double()
    return {"image": normal(seed + 100, COUNT, 3, SIZE, SIZE).tanh(), "attributes": attributes}


def draw(step: int, name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    return (normal if kind == "normal" else uniform)(1000 * step + len(name), COUNT, *shape)


class ProjectedLoop(PlainLoop):
    """Every call of `judge` turns the spectral norms' vectors, so their order counts."""

    augment = False

    def joined(self, picture: Tensor) -> Tensor:
        """What CN reads of a picture: D's maps, each at an eighth of the picture's side."""
        maps = self.n["discriminator"].pretrained(self.enlarged(picture))
        return torch.cat([F.adaptive_avg_pool2d(each, SIZE // 8) for each in maps], 1)

    def enlarged(self, picture: Tensor) -> Tensor:
        return F.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)

    def judge(self, step: int, picture: Tensor, kind: str, *condition: Tensor) -> Tensor:
        d = self.n["discriminator"]
        if self.augment:
            draws = draw(step, f"augment_{kind}", "uniform", (DRAWS,))
            picture = cut_out(shift(picture, draws[:, 3], draws[:, 4]), draws[:, 5], draws[:, 6])
        return d.judge(d.pretrained(self.enlarged(picture)), *condition)


class EditableLoop(ProjectedLoop):
    """Everything from one forward, then all four step."""

    def train(self, step: int) -> None:
        image, y = fields(step)["image"], fields(step)["attributes"]
        g, c, cn = (self.n[name] for name in ("generator", "classifier", "connection"))
        z, count = draw(step, "z_drawn", "normal", (LATENT,)), len(NAMES)
        drawn = g(z, y)
        recovered = cn(self.joined(image), c.features(image), y)
        asked = others(y)
        edited = g(recovered[:, :LATENT], asked)
        of_fake = cn(self.joined(drawn), c.features(drawn), y)
        of_image, of_drawn, of_edited = c(image), c(drawn), c(edited)
        d_drawn, d_edited = self.judge(step, drawn, "fake"), self.judge(step, edited, "edited")
        d_real = self.judge(step, image, "real")
        shown = balanced(of_drawn[:, :count], y) + balanced(of_edited[:, :count], asked)
        self.set_gradient(-0.75 * d_drawn.mean() - 0.25 * d_edited.mean() + 0.3333 * shown, "generator")
        fakes = 0.75 * F.relu(1 + d_drawn).mean() + 0.25 * F.relu(1 + d_edited).mean()
        self.set_gradient(F.relu(1 - d_real).mean() + fakes, "discriminator")
        real = F.softplus(-of_image[:, -1]).mean() + F.softplus(of_drawn[:, -1]).mean()
        self.set_gradient(balanced(of_image[:, :count], y) + real, "classifier")
        z_fake, y_fake = of_fake[:, :LATENT], of_fake[:, LATENT:]
        latent = 2 * (z_fake - z).abs().mean() + F.binary_cross_entropy_with_logits(y_fake, y)
        self.set_gradient(latent, "connection")
        self.step(*self.n)


class ModifiedLoop(ProjectedLoop):
    """D reads the attributes by projection."""

    def train(self, step: int) -> None:
        image, y = fields(step)["image"], fields(step)["attributes"]
        z, cn = draw(step, "z_drawn", "normal", (LATENT,)), self.n["connection"]
        drawn = self.n["generator"](z, y)
        d_fake = self.judge(step, drawn, "fake", y)
        d_real = self.judge(step, image, "real", y)
        self.set_gradient(-d_fake.mean(), "generator")
        self.set_gradient(F.relu(1 - d_real).mean() + F.relu(1 + d_fake).mean(), "discriminator")
        classification = F.binary_cross_entropy_with_logits(cn(self.joined(image))[:, LATENT:], y)
        z_fake = cn(self.joined(drawn))[:, :LATENT]
        self.set_gradient(2 * (z_fake - z).abs().mean() + classification, "connection")
        self.step(*self.n)


LOOPS: dict[str, Any] = {"editable-gan": EditableLoop, "modified-cgan": ModifiedLoop}


@pytest.mark.parametrize("augment", [False, True])
@pytest.mark.parametrize("name", LOOPS)
def test_two_steps_are_those_of_the_plain_loop(name: str, augment: bool) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = LOOPS[name](networks, SGD)
        loop.augment = augment
        for step in range(2):
            loop.train(step)

    def inputs(step: int) -> Inputs:
        return Inputs(fields(step), lambda tap, kind, shape: draw(step, tap, kind, shape))

    method = bound(name, "always" if augment else "never")
    assert deviation(method, train_plainly, inputs, SGD, (0, 0), buffers=False) < 1e-6


@pytest.mark.parametrize("size", [28, 32, 48, 64])
@pytest.mark.parametrize("name", LOOPS)
def test_every_cell_is_reached_at_every_size(name: str, size: int) -> None:
    image = torch.zeros(COUNT, 3, size, size, dtype=torch.float64)
    assert_every_cell_is_reached(bound(name, shape=Shape(size, 3, attributes=NAMES)), {**fields(0), "image": image})


@pytest.mark.parametrize("name", LOOPS)
def test_images_below_16_pixels_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"needs images of 16 pixels or more.*discriminator\.kind=paper"):
        bound(name, shape=Shape(8, 3, attributes=NAMES))
