"""The pages of ED+GAN and ED//GAN, with their real networks, against a plain PyTorch loop."""

from __future__ import annotations

from typing import Any

import pytest
from method_harness import (
    ADAM,
    MakeOptimiser,
    Networks,
    assert_every_cell_is_reached,
    build_networks,
    deviation,
    sgd,
    uniform,
)
from reconstruction_loops import Options, ReconstructionLoop
from torch import Tensor

from edgan.methods import Method, Shape, find
from edgan.routing import Inputs

LATENT, COUNT, STEPS = 5, 4, 3
SGD = sgd(0.05)


def bound(name: str, norm: str = "none", **changes: Any) -> Method:
    page = find(name)
    settings = {
        "network": {"width": 4, "norm": norm, "init": "he"},
        "discriminator": {"width": 4, "norm": "none", "activation": "leaky", "init": "he"},
        "latent": {"size": LATENT, "prior": changes.pop("prior", "none"), "weight": 0.1},
        **changes,
    }
    return page.bind(settings, Shape(32, 3))


def batch(step: int) -> tuple[Tensor, Tensor]:
    """(image, noise) of a step. The noise stands for the prior's, normal or uniform."""
    return uniform(step, COUNT, 3, 32, 32) * 2 - 1, uniform(step + 100, COUNT, LATENT)


def inputs_of(step: int) -> Inputs:
    image, noise = batch(step)
    return Inputs({"image": image}, lambda *_: noise)


def difference(method: Method, options: Options, optimiser: MakeOptimiser) -> float:
    """The deviation after some steps."""

    def train_plainly(networks: Networks) -> None:
        loop = ReconstructionLoop(networks, optimiser, options)
        for step in range(STEPS):
            loop.train(step, *batch(step))

    return deviation(method, train_plainly, inputs_of, optimiser, (0,) * STEPS)


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("prior", ["none", "vae", "aae"])
@pytest.mark.parametrize("norm", ["none", "batch"])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan", "ed-plus-gan//"])
def test_three_steps_are_those_of_the_plain_loop(
    name: str, norm: str, prior: str, optimiser: MakeOptimiser, record_property: pytest.RecordProperty
) -> None:
    coupled: dict[str, Any] = {"adversarial_weight": 0.3} if name == "ed-plus-gan" else {}
    method = bound(name, norm, prior=prior, penalty={"weight": 0.5, "every": 2}, **coupled)
    options = Options(prior, prior_weight=0.1, penalty=0.5, penalty_every=2, **coupled)
    relative = difference(method, options, optimiser)
    record_property("relative_deviation", relative)
    assert relative < 1e-6


def test_a_discriminator_with_batch_norm_normalises_real_and_fake_separately() -> None:
    """Each by its own statistics; none are kept."""
    method = bound("ed-slash-gan", discriminator={"width": 4, "norm": "batch", "init": "he"})
    assert difference(method, Options(), SGD) < 1e-6
    buffers = [name for name, _ in build_networks(method)["discriminator"].named_buffers()]
    assert not [name for name in buffers if "running" in name]


@pytest.mark.parametrize("change", ["penalty", "prior", "lambda", "lazy"])
def test_the_plain_loop_would_notice(change: str) -> None:
    """A loop that leaves one ingredient out, or takes it at the wrong steps, ends elsewhere."""
    method = bound("ed-plus-gan", prior="vae", penalty={"weight": 0.5, "every": 2}, adversarial_weight=0.3)
    options = Options("vae", 0.3, 0.1, 0.5, 2)
    wrong = {"penalty": ("penalty", 0.0), "prior": ("prior_weight", 0.2), "lambda": ("adversarial_weight", 0.0)}
    setattr(options, *wrong.get(change, ("penalty_every", 1)))
    assert difference(method, options, SGD) > 1e-3


@pytest.mark.parametrize("prior", ["none", "vae", "aae"])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan", "ed-plus-gan//"])
def test_every_cell_of_a_page_is_reached(name: str, penalty: float, prior: str) -> None:
    method = bound(name, prior=prior, penalty={"weight": penalty})
    assert_every_cell_is_reached(method, {"image": batch(0)[0]})


def test_ed_plus_gans_lambda_is_a_dial_that_ends_at_the_blocked_cell() -> None:
    """With lambda 0 the adversarial row is blank, and the decoder trains on reconstruction alone."""
    blank = bound("ed-plus-gan", adversarial_weight=0.0).plan.table
    assert [cell for row in blank.rows if row.term.name == "adversarial" for cell in row.cells] == []
    changed = bound("ed-plus-gan").with_routes({"adversarial.encoder": 0, "adversarial.decoder": 0}).plan.table
    assert changed == blank


def test_a_prior_makes_a_method_that_samples() -> None:
    assert "sample" not in bound("ed-slash-gan").capabilities
    assert "sample" in bound("ed-slash-gan", prior="vae").capabilities
    assert bound("ed-slash-gan", prior="aae").latent.prior == "symmetric-uniform"
