"""Pix2Pix, CAAE and their twins, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from method_harness import ADAM, MakeOptimiser, Networks, assert_every_cell_is_reached, deviation, sgd
from paired_loops import CaaeLoop, Pix2PixLoop, one_hot
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.methods.reconstruction.face_labels import append_labels, code_length, discriminator_labels, one_hot_labels
from edgan.nets.unet import dropout_draws
from edgan.routing import Inputs

COUNT, STEPS, LATENT = 4, 3, 20
SGD = sgd(0.05)
PAIRS = Shape(32, 3, source_channels=1)
FACES = Shape(32, 3, attributes=("Race", "Male", "Age"))
YEARS, MALE = [5, 6, 26, 100], [True, False, False, True]


def pix2pix(name: str = "pix2pix", **changes: Any) -> Method:
    settings = {
        "network": {"width": 4, "max_width": 8, "init": "he"},
        "discriminator": {"width": 4, "max_width": 8, "init": "he"},
        "reconstruction_weight": 3.0,
        **changes,
    }
    return find(name).bind(settings, PAIRS)


def caae(name: str = "caae", shape: Shape = FACES, **changes: Any) -> Method:
    settings = {
        "network": {"width": 4, "norm": "none", "init": "he"},
        "discriminator": {"width": 4, "fully_connected": 8, "init": "he"},
        "latent": {"size": LATENT, "prior": "aae", "weight": 0.1},
        "adversarial_weight": 0.3,
        **changes,
    }
    return find(name).bind(settings, shape)


def batch(step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(step)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    return {
        "image": uniform(COUNT, 3, 32, 32) * 2 - 1,
        "source": uniform(COUNT, 1, 32, 32) * 2 - 1,
        "attributes": torch.tensor([[0.5, m, y / 116] for y, m in zip(YEARS, MALE, strict=True)], dtype=torch.float64),
        "dropout": uniform(COUNT, dropout_draws(32, 4, 8)),
        "unit": uniform(COUNT, LATENT),
    }


def inputs_of(step: int) -> Inputs:
    drawn = batch(step)
    fields = {name: drawn[name] for name in ("image", "source", "attributes")}
    return Inputs(fields, lambda name, *_: drawn[name])


def difference(method: Method, optimiser: MakeOptimiser, weight: float) -> float:
    """The deviation after some steps."""
    twin = method.name.endswith("//")

    def train_plainly(networks: Networks) -> None:
        if "unet" in networks:
            translator = Pix2PixLoop(networks, optimiser, weight, twin)
            for drawn in map(batch, range(STEPS)):
                translator.train(drawn["image"], drawn["source"], drawn["dropout"])
        else:
            autoencoder = CaaeLoop(networks, optimiser, weight, twin)
            for drawn in map(batch, range(STEPS)):
                autoencoder.train(drawn["image"], YEARS, MALE, drawn["unit"])

    return deviation(method, train_plainly, inputs_of, optimiser, (0,) * STEPS)


OPTIMISERS = pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])


@OPTIMISERS
@pytest.mark.parametrize("kind", ["patch", "global"])
@pytest.mark.parametrize("name", ["pix2pix", "pix2pix//"])
def test_three_steps_of_pix2pix_are_those_of_the_plain_loop(name: str, kind: str, optimiser: MakeOptimiser) -> None:
    discriminator = {"kind": kind, "width": 4, "max_width": 8, "init": "he"}
    # Adam divides noise by itself where a bias before a norm has no gradient; without norms there is none such.
    network = {"width": 4, "max_width": 8, "init": "he", "norm": "none"}
    method = pix2pix(name, discriminator={**discriminator, "norm": "none"}, network=network)
    assert difference(method, optimiser, 3.0) < 1e-6
    assert difference(pix2pix(name, discriminator=discriminator), SGD, 3.0) < 1e-6


@OPTIMISERS
@pytest.mark.parametrize("name", ["caae", "caae//"])
def test_three_steps_of_caae_are_those_of_the_plain_loop(name: str, optimiser: MakeOptimiser) -> None:
    discriminator = {"width": 4, "fully_connected": 8, "init": "he"}
    method = caae(name, discriminator={**discriminator, "norm": "none", "activation": "leaky"})
    assert difference(method, optimiser, 0.3) < 1e-6
    assert difference(caae(name), SGD, 0.3) < 1e-6


def test_the_plain_loops_would_notice_a_wrong_weight() -> None:
    assert difference(pix2pix(), SGD, 1.0) > 1e-3
    assert difference(caae(), SGD, 0.1) > 1e-3


@pytest.mark.parametrize("method", [pix2pix(), pix2pix("pix2pix//"), caae(), caae("caae//")], ids=lambda m: m.name)
def test_every_cell_of_a_page_is_reached(method: Method) -> None:
    fields = {name: batch(0)[name] for name in ("image", "source", "attributes")}
    assert_every_cell_is_reached(method, fields)


def test_the_twin_of_pix2pix_clones_the_whole_u_net_and_reads_the_source() -> None:
    twin = pix2pix("pix2pix//")
    assert twin.plan.table.networks == ("unet", "generator", "discriminator")
    assert twin.plan.tap["residual"].inputs == twin.plan.tap["base"].inputs == ("source", "dropout")
    networks = twin.build()
    shapes = [[tuple(p.shape) for p in networks[name].parameters()] for name in ("unet", "generator")]
    assert shapes[0] == shapes[1]
    assert {(row.term.name, row.cells) for row in twin.plan.table.rows} >= {("adversarial", (("generator", 1.0),))}


def test_the_twin_of_caae_clones_the_decoder_with_its_labels() -> None:
    twin = caae("caae//")
    assert twin.plan.tap["residual"].inputs == ("code",)
    assert twin.plan.tap["code"].inputs == ("z", "labels")
    assert set(twin.inference) == {"encoder", "decoder", "generator"}


def test_pix2pix_without_dropout_reads_no_noise() -> None:
    assert "dropout" not in pix2pix(network={"width": 4, "max_width": 8, "dropout": 0.0}).plan.tap


@pytest.mark.parametrize("years", [0, 5, 6, 10, 11, 15, 16, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71, 116])
@pytest.mark.parametrize("male", [True, False])
def test_an_age_is_one_of_ten_bins_and_a_gender_one_of_two(years: int, male: bool) -> None:
    traits = torch.tensor([[years / 116, float(male)]])
    assert one_hot_labels(traits)[0].tolist() == one_hot(years, male)


def test_labels_are_appended_to_z_as_in_the_released_code() -> None:
    labels = one_hot_labels(torch.tensor([[26 / 116, 1.0]]))
    code = append_labels(torch.zeros(1, 50), labels)
    assert code.shape == (1, 150)
    assert code_length(50) == 150
    assert code[0, 50:100].tolist() == labels[0, :10].tolist() * 5
    assert code[0, 100:].tolist() == [1.0, -1.0] * 25
    assert discriminator_labels(labels)[0].tolist() == [*labels[0, :10].tolist(), *[1.0, -1.0] * 5]


def test_caae_with_a_z_loss_of_weight_0_pulls_z_to_nothing() -> None:
    off = caae(latent={"size": LATENT, "prior": "aae", "weight": 0.0})
    assert "prior" not in {term.name for term, _ in off.plan.table.column("encoder")}
    assert off.latent is not None
    assert off.latent.prior is None


def test_caae_needs_age_and_male_and_says_which_layouts_have_them() -> None:
    with pytest.raises(UsageError, match=r"This data has no Age\. Use a UTKFace folder"):
        caae(shape=Shape(32, 3, attributes=("Male", "Smiling")))
    with pytest.raises(UsageError, match=r"caae learns from attributes.*docs/data\.md"):
        caae(shape=Shape(32, 3))


def test_pix2pix_needs_pairs() -> None:
    with pytest.raises(UsageError, match=r"pix2pix learns from pairs of images.*docs/data\.md"):
        find("pix2pix").bind({}, Shape(32, 3))


@pytest.mark.parametrize("size", [48, 16])
def test_a_size_that_a_u_net_cannot_halve_is_a_usage_error(size: int) -> None:
    with pytest.raises(UsageError, match=f"32, 64, 128, 256, 512, not {size}"):
        find("pix2pix").bind({}, Shape(size, 3, source_channels=3))
