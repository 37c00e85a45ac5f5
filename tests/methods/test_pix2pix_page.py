"""Pix2Pix's page and its twin's, with their real networks, against a plain PyTorch loop."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from method_harness import ADAM, MakeOptimiser, Networks, assert_every_cell_is_reached, deviation, sgd, uniform
from pix2pix_loop import Pix2PixLoop
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.models.model import Model
from edgan.nets.unet import dropout_draws
from edgan.routing import Inputs

COUNT, STEPS = 4, 3
SGD = sgd(0.05)
PAIRS = Shape(32, 3, source_channels=1)


def pix2pix(name: str = "pix2pix", **changes: Any) -> Method:
    settings = {
        "network": {"width": 4, "max_width": 8, "init": "he"},
        "discriminator": {"width": 4, "max_width": 8, "init": "he"},
        "reconstruction_weight": 3.0,
        **changes,
    }
    return find(name).bind(settings, PAIRS)


def fields(step: int) -> dict[str, Tensor]:
    image, source = uniform(step, COUNT, 3, 32, 32), uniform(step + 100, COUNT, 1, 32, 32)
    return {"image": image * 2 - 1, "source": source * 2 - 1}


def noise(step: int) -> Tensor:
    return uniform(step + 200, COUNT, dropout_draws(32, 4, 8))


def difference(method: Method, optimiser: MakeOptimiser, weight: float = 3.0) -> float:
    """The deviation after some steps."""

    def train_plainly(networks: Networks) -> None:
        loop = Pix2PixLoop(networks, optimiser, weight, twin=method.name.endswith("//"))
        for step in range(STEPS):
            loop.train(**fields(step), noise=noise(step))

    def inputs(step: int) -> Inputs:
        return Inputs(fields(step), lambda *_: noise(step))

    return deviation(method, train_plainly, inputs, optimiser, (0,) * STEPS)


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("kind", ["patch", "global"])
@pytest.mark.parametrize("name", ["pix2pix", "pix2pix//"])
def test_three_steps_are_those_of_the_plain_loop(name: str, kind: str, optimiser: MakeOptimiser) -> None:
    discriminator = {"kind": kind, "width": 4, "max_width": 8, "init": "he"}
    # A bias before a norm has no gradient but rounding errors, which Adam would amplify: hence no norms with Adam.
    network = {"width": 4, "max_width": 8, "init": "he", "norm": "none"}
    method = pix2pix(name, discriminator={**discriminator, "norm": "none"}, network=network)
    assert difference(method, optimiser) < 1e-6
    assert difference(pix2pix(name, discriminator=discriminator), SGD) < 1e-6


def test_the_plain_loop_would_notice_a_wrong_weight() -> None:
    assert difference(pix2pix(), SGD, weight=1.0) > 1e-3


@pytest.mark.parametrize("name", ["pix2pix", "pix2pix//"])
def test_every_cell_of_a_page_is_reached(name: str) -> None:
    assert_every_cell_is_reached(pix2pix(name), fields(0))


def test_the_twin_of_pix2pix_clones_the_whole_u_net_and_reads_the_source() -> None:
    twin = pix2pix("pix2pix//")
    assert twin.plan.table.networks == ("unet", "generator", "discriminator")
    assert twin.plan.tap["residual"].inputs == twin.plan.tap["base"].inputs == ("source", "dropout")
    networks = twin.build()
    shapes = [[tuple(p.shape) for p in networks[name].parameters()] for name in ("unet", "generator")]
    assert shapes[0] == shapes[1]
    assert {(row.term.name, row.cells) for row in twin.plan.table.rows} >= {("adversarial", (("generator", 1.0),))}


def test_pix2pix_without_dropout_reads_no_noise() -> None:
    assert "dropout" not in pix2pix(network={"width": 4, "max_width": 8, "dropout": 0.0}).plan.tap


def test_noise_beside_the_source_varies_the_picture_and_is_repeatable() -> None:
    """Without dropout, so that nothing else varies."""
    method = pix2pix(network={"width": 4, "max_width": 8, "dropout": 0.0, "noise": 0.5})
    assert method.plan.tap["noise"].noise == ("normal", (1, 32, 32))
    torch.manual_seed(0)
    model = Model(method, method.build(), PAIRS, torch.device("cpu"))
    source = fields(0)["source"].float()
    first, again, other = (model.translate(source, seed=seed).output for seed in (1, 1, 2))
    assert model.draws_noise
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_pix2pix_needs_pairs() -> None:
    with pytest.raises(UsageError, match=r"pix2pix learns from pairs of images.*docs/data\.md"):
        find("pix2pix").bind({}, Shape(32, 3))


@pytest.mark.parametrize("size", [48, 16])
def test_a_size_that_a_u_net_cannot_halve_is_a_usage_error(size: int) -> None:
    with pytest.raises(UsageError, match=rf"32, 64, 128, 256, 512 \(got {size}\)"):
        find("pix2pix").bind({}, Shape(size, 3, source_channels=3))
