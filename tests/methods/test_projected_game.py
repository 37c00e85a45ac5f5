"""ED//GAN and ED+GAN with a projected discriminator and DiffAugment, against a plain PyTorch loop."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from method_harness import Networks, PlainLoop, assert_every_cell_is_reached, deviation, sgd, uniform
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.methods.common.image_discriminator import FEW_IMAGES
from edgan.nets import pretrained
from edgan.nets.diff_augment import DRAWS, cut_out, diff_augment, shift
from edgan.routing import Inputs

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
COUNT, STEPS, WEIGHT = 2, 3, 0.3
SGD = sgd(0.05)


def bound(
    name: str,
    augment: str = "always",
    colour: bool = True,
    shape: Shape | None = None,
    perceptual: float = 0.0,
    **more: Any,
) -> Method:
    settings: dict[str, Any] = {
        "network": {"width": 4, "norm": "none", "init": "he"},
        "discriminator": {"kind": "projected", "heads": 8, "augment": augment, "augment_colour": colour},
        "latent": {"size": 5},
        "perceptual_weight": perceptual,
        **more,
    }
    if name == "ed-plus-gan":
        settings["adversarial_weight"] = WEIGHT
    return find(name).bind(settings, shape or Shape(32, 3))


def image_of(step: int) -> Tensor:
    return uniform(step, COUNT, 3, 32, 32) * 2 - 1


def draws_of(step: int, side: str) -> Tensor:
    return uniform(step + (100 if side == "augment_real" else 200), COUNT, DRAWS)


def inputs_of(step: int) -> Inputs:
    return Inputs({"image": image_of(step)}, lambda name, _kind, _shape: draws_of(step, name))


class HingeLoop(PlainLoop):
    """D first, then the rest; D sees changed pictures of both kinds."""

    def train(
        self, step: int, coupled: bool, augment: bool, colour: bool, perceptual: float = 0.0, features: float = 0.0
    ) -> None:
        image = image_of(step)

        def see(pictures: Tensor, side: str) -> Tensor:
            draws = draws_of(step, f"augment_{side}")
            if not augment:
                return pictures
            if colour:
                return diff_augment(pictures, draws)
            return cut_out(shift(pictures, draws[:, 3], draws[:, 4]), draws[:, 5], draws[:, 6])

        z = self.n["encoder"](image)
        base = self.n["decoder"](z)
        output = base if coupled else base.detach() + self.n["generator"](z.detach())
        judge = self.n["discriminator"]
        real, fake = judge(see(image, "real")), judge(see(output.detach(), "fake"))
        self.learn(F.relu(1 - real).mean() + F.relu(1 + fake).mean(), "discriminator")
        adversarial = -judge(see(output, "fake")).mean()
        loss = (base - image).abs().mean() + adversarial * (WEIGHT if coupled else 1)
        if perceptual:
            loss = loss + perceptual * self.feature_distance(base, image)
        if features:
            loss = loss + features * self.feature_distance(see(output, "fake"), see(image, "fake"))
        self.learn(loss, "encoder", "decoder", *(() if coupled else ("generator",)))

    def feature_distance(self, pictures: Tensor, targets: Tensor) -> Tensor:
        maps = [self.n["discriminator"].pretrained_maps(images) for images in (pictures, targets)]
        distances = [(a - b).abs().sum((1, 2, 3)) / b.abs().sum((1, 2, 3)) for a, b in zip(*maps, strict=True)]
        return torch.stack(distances).mean(1).mean()


@pytest.mark.parametrize(("augment", "colour"), [("always", True), ("always", False), ("never", True)])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan"])
def test_three_steps_are_those_of_the_plain_loop(name: str, augment: str, colour: bool) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = HingeLoop(networks, SGD)
        for step in range(STEPS):
            loop.train(step, name == "ed-plus-gan", augment == "always", colour)

    method = bound(name, augment, colour)
    assert deviation(method, train_plainly, inputs_of, SGD, (0,) * STEPS) < 1e-6


@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan"])
def test_three_steps_with_a_perceptual_loss_are_those_of_the_plain_loop(name: str) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = HingeLoop(networks, SGD)
        for step in range(STEPS):
            loop.train(step, name == "ed-plus-gan", augment=False, colour=False, perceptual=0.5)

    method = bound(name, "never", perceptual=0.5)
    assert deviation(method, train_plainly, inputs_of, SGD, (0,) * STEPS) < 1e-6


@pytest.mark.parametrize("augment", ["always", "never"])
def test_three_steps_with_a_feature_loss_of_the_output_are_those_of_the_plain_loop(augment: str) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = HingeLoop(networks, SGD)
        for step in range(STEPS):
            loop.train(step, coupled=False, augment=augment == "always", colour=True, features=0.5)

    method = bound("ed-slash-gan", augment, feature_weight=0.5)
    assert deviation(method, train_plainly, inputs_of, SGD, (0,) * STEPS) < 1e-6
    (features,) = (r for r in method.plan.table.rows if r.term.name == "features")
    assert features.cells == (("generator", 0.5),)
    assert_every_cell_is_reached(method, {"image": image_of(0)})


def test_the_papers_discriminator_has_no_features_to_compare() -> None:
    plan = find("ed-slash-gan").bind({"feature_weight": 0.5}, Shape(32, 3)).plan
    assert plan == find("ed-slash-gan").bind({}, Shape(32, 3)).plan


def test_a_perceptual_loss_needs_pretrained_features() -> None:
    with pytest.raises(UsageError, match=r"needs discriminator\.kind=projected"):
        find("ed-slash-gan").bind({"perceptual_weight": 0.5}, Shape(32, 3))


@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan", "ed-plus-gan//"])
def test_every_cell_of_a_page_is_reached(name: str) -> None:
    assert_every_cell_is_reached(bound(name), {"image": image_of(0)})


def test_few_training_images_are_augmented_and_many_are_not() -> None:
    few, many = (Shape(32, 3, training_images=count) for count in (FEW_IMAGES - 1, FEW_IMAGES))
    assert "seen_real" in bound("ed-slash-gan", "few", shape=few).plan.tap
    assert "seen_real" not in bound("ed-slash-gan", "few", shape=many).plan.tap


def test_images_below_16_pixels_are_refused() -> None:
    with pytest.raises(UsageError, match=r"needs images of 16 pixels or more.*discriminator\.kind=paper"):
        bound("ed-slash-gan", shape=Shape(8, 3))


def test_the_table_names_the_hinge() -> None:
    rows = {row.term.name: row.term.label for row in bound("ed-slash-gan").plan.table.rows}
    assert (rows["adversarial"], rows["discrimination"]) == ("-D(output)", "hinge")
