"""The translators with a discriminator on pretrained features that reads the source too, against plain loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from grit_loops import Choices as GritChoices
from grit_loops import GritLoop
from method_harness import (
    Networks,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    normal,
    sgd,
    uniform,
)
from pix2pix_loop import HingedPix2PixLoop
from torch import Tensor
from uu_net_loops import Choices as UUChoices
from uu_net_loops import UUNetLoop

from edgan.config import configure
from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.methods.translation.grit import FEATURES_ALONE
from edgan.nets import pretrained
from edgan.nets.diff_augment import DRAWS
from edgan.nets.unet import UNet, dropout_draws
from edgan.routing import Forward, Inputs

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
COUNT, STEPS, WEIGHT = 2, 2, 3.0
SGD = sgd(0.02)
PAIRS = Shape(32, 3, source_channels=2)
PROJECTED = {"kind": "projected", "heads": 8, "augment": "always"}
NETWORK = {
    "pix2pix": {"width": 4, "max_width": 8, "init": "he", "upsample": "nearest", "full_size": True},
    "grit": {"width": 4, "max_width": 8, "residual_blocks": 1},
    "uu-net": {"width": 4, "max_width": 8, "levels": 3, "norm": "none", "pool": False},
}


def bound(name: str, shape: Shape = PAIRS, augment: str = "always", **changes: Any) -> Method:
    settings: dict[str, Any] = {"network": NETWORK[name.removesuffix("//")], "reconstruction_weight": WEIGHT}
    if name == "uu-net":
        settings["critic"] = {"weight": 0.5, "heads": 8, "augment": augment}
    else:
        settings["discriminator"] = {**PROJECTED, "augment": augment}
    return find(name).bind({**settings, **changes}, shape)


def fields(step: int) -> dict[str, Tensor]:
    image, source = uniform(step, COUNT, 3, 32, 32), uniform(step + 100, COUNT, 2, 32, 32)
    return {"image": image * 2 - 1, "source": source * 2 - 1}


def draw(step: int, name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
    seed = 1000 * step + sum(map(ord, name))
    return (uniform if kind == "uniform" else normal)(seed, COUNT, *shape)


def inputs_of(step: int) -> Inputs:
    return Inputs(fields(step), lambda name, kind, shape: draw(step, name, kind, tuple(shape)))


@pytest.mark.parametrize("augment", ["always", "never"])
@pytest.mark.parametrize("name", ["pix2pix", "pix2pix//"])
def test_pix2pix_trains_as_the_plain_loop_with_the_hinge(name: str, augment: str) -> None:
    def train_plainly(networks: Networks) -> None:
        loop = HingedPix2PixLoop(networks, SGD, WEIGHT, twin=name.endswith("//"))
        for step in range(STEPS):
            noise = draw(step, "dropout", "uniform", (dropout_draws(32, 4, 8),))
            changes = [draw(step, f"augment_{side}", "uniform", (DRAWS,)) for side in ("real", "fake")]
            loop.train_augmented(**fields(step), noise=noise, draws=(*changes,) if augment == "always" else None)

    assert deviation(bound(name, augment=augment), train_plainly, inputs_of, SGD, (0,) * STEPS) < 1e-6


GRIT_CASES = {
    "whole picture": ({}, GritChoices()),
    "trunks apart": (
        {"trunks": "apart", "style": {"size": 5, "weight": 0.1, "regression": 0.7}},
        GritChoices(apart=True, regression=0.7),
    ),
    "features": ({"perceptual_weight": 2.0}, GritChoices(perceptual=2.0)),
    "features and GAN": (
        {"objective": "perceptual-gan"},
        GritChoices(objective="perceptual-gan", perceptual=FEATURES_ALONE),
    ),
}


@pytest.mark.parametrize("case", GRIT_CASES)
def test_grit_trains_as_the_plain_loop_with_the_hinge(case: str) -> None:
    changes, choices = GRIT_CASES[case]
    method = bound("grit", **{"reconstruction_weight": 10.0, "style": {"size": 5, "weight": 0.1}, **changes})
    names = ["epsilon", "style", "noise_8", "noise_16", "noise_32", "augment_real", "augment_fake"]

    def train_plainly(networks: Networks) -> None:
        loop = GritLoop(networks, SGD, replace(choices, hinged=True))
        for step in range(STEPS):
            taps = {n: method.plan.tap[n].noise for n in names if n in method.plan.tap}
            noise = {n: draw(step, n, *shape) for n, shape in taps.items()}  # type: ignore[misc]
            loop.train(**fields(step), noise=noise)

    networks = build_networks(method)
    with torch.no_grad():
        if "residual_head" in networks:
            networks["residual_head"].output.weight.normal_(0.0, 0.3)  # type: ignore[union-attr, operator]
    assert deviation(method, train_plainly, inputs_of, SGD, (0,) * STEPS, before=networks) < 1e-6


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_uu_net_trains_as_the_plain_loop_with_a_critic(weight: float) -> None:
    critic = {"weight": weight, "heads": 8, "augment": "never"}
    method = bound("uu-net", critic=critic, code={"size": 3, "weight": 0.1}, reconstruction_weight=100.0)

    def train_plainly(networks: Networks) -> None:
        choices = UUChoices(("encoder", "decoder"), True, discriminator_kl=0.65, critic=weight)
        loop = UUNetLoop(networks, sgd(0.003), choices)
        for step in range(STEPS):
            names = ("epsilon", "judge_noise", "judge_noise_fake")
            loop.train(**fields(step), noise={n: draw(step, n, "normal", (3, 4, 4)) for n in names})

    assert deviation(method, train_plainly, inputs_of, sgd(0.003), (0,) * STEPS) < 1e-6


@pytest.mark.parametrize("name", ["pix2pix", "pix2pix//", "grit", "uu-net"])
def test_every_cell_is_reached(name: str) -> None:
    assert_every_cell_is_reached(bound(name), fields(0))


@pytest.mark.parametrize("name", ["pix2pix", "grit", "uu-net"])
def test_the_source_moves_with_the_picture_that_d_sees(name: str) -> None:
    """A window that moves and its label that stays would be no pair."""
    method = bound(name)
    networks = {name: network.double() for name, network in method.build().items()}
    sample = fields(0)
    sample["image"] = sample["source"].mean(1, keepdim=True).repeat(1, 3, 1, 1)
    inputs = Inputs(sample, lambda tap, kind, shape: draw(0, tap, kind, tuple(shape)))
    forward = Forward(method.plan, networks, inputs)
    image, source = (forward[tap] for tap in ("seen_real", "source_of_real"))
    outside = image.abs().sum(1) == 0
    assert outside.any()
    assert torch.equal(outside, source.abs().sum(1) == 0)


@pytest.mark.parametrize("name", ["pix2pix", "grit"])
def test_the_table_names_the_hinge(name: str) -> None:
    rows = {row.term.name: row.term.label for row in bound(name).plan.table.rows}
    assert (rows["adversarial"], rows["discrimination"]) == ("-D(output)", "hinge")


def test_the_layer_at_full_size_sees_the_edges_of_the_source() -> None:
    torch.manual_seed(0)
    with_it = UNet(size=32, width=4, max_width=8, dropout=0.0, upsample="nearest", full_size=True)
    source = torch.zeros(1, 3, 32, 32, requires_grad=True)
    with_it.ups.requires_grad_(False)
    torch.nn.init.zeros_(with_it.full_size[0].weight)  # type: ignore[index]
    (slope,) = torch.autograd.grad(with_it(source)[0, :, 16, 16].sum(), source)
    reached = slope.abs().sum((0, 1)) > 0
    assert reached.sum() == 9
    assert reached[15:18, 15:18].all()


def test_an_even_kernel_cannot_be_resized_but_the_settings_do_not_ask_for_one() -> None:
    network = UNet(size=32, width=4, max_width=8, kernel=4, upsample="bilinear")
    noise = torch.rand(2, dropout_draws(32, 4, 8))
    assert network(torch.zeros(2, 3, 32, 32), noise).shape == (2, 3, 32, 32)


def test_without_a_critic_uu_net_is_the_papers() -> None:
    assert bound("uu-net", critic={"weight": 0.0}).plan.table.networks == ("encoder", "decoder", "discriminator")


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(UsageError, match="projected"):
        configure("pix2pix", changes={"discriminator.kind": "projectd"})
