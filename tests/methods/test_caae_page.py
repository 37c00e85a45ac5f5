"""CAAE's page and its twin's, with their real networks, against a plain PyTorch loop."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from caae_loop import CaaeLoop, one_hot
from method_harness import ADAM, MakeOptimiser, Networks, assert_every_cell_is_reached, deviation, sgd, uniform
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find
from edgan.methods.reconstruction.face_labels import (
    append_labels,
    code_length,
    discriminator_labels,
    one_hot_labels,
)
from edgan.nets import pretrained
from edgan.routing import Inputs

COUNT, STEPS, LATENT = 4, 3, 20
SGD = sgd(0.05)
FACES = Shape(32, 3, attributes=("Race", "Male", "Age"))
YEARS, MALE = [5, 6, 26, 100], [True, False, False, True]


def caae(name: str = "caae", shape: Shape = FACES, **changes: Any) -> Method:
    settings = {
        "network": {"width": 4, "norm": "none", "init": "he"},
        "discriminator": {"width": 4, "fully_connected": 8, "init": "he"},
        "latent": {"size": LATENT, "prior": "aae", "weight": 0.1},
        "adversarial_weight": 0.3,
        **changes,
    }
    return find(name).bind(settings, shape)


def fields(step: int) -> dict[str, Tensor]:
    attributes = [[0.5, male, years / 116] for years, male in zip(YEARS, MALE, strict=True)]
    return {
        "image": uniform(step, COUNT, 3, 32, 32) * 2 - 1,
        "attributes": torch.tensor(attributes, dtype=torch.float64),
    }


def noise(step: int) -> Tensor:
    return uniform(step + 100, COUNT, LATENT)


def difference(method: Method, optimiser: MakeOptimiser, weight: float = 0.3) -> float:
    """The deviation after some steps."""

    def train_plainly(networks: Networks) -> None:
        projected = "label_maps" not in method.plan.tap
        loop = CaaeLoop(networks, optimiser, weight, method.name.endswith("//"), projected)
        for step in range(STEPS):
            loop.train(fields(step)["image"], YEARS, MALE, noise(step))

    def inputs(step: int) -> Inputs:
        return Inputs(fields(step), lambda *_: noise(step))

    return deviation(method, train_plainly, inputs, optimiser, (0,) * STEPS)


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("name", ["caae", "caae//"])
def test_three_steps_are_those_of_the_plain_loop(name: str, optimiser: MakeOptimiser) -> None:
    discriminator = {"width": 4, "fully_connected": 8, "init": "he"}
    method = caae(name, discriminator={**discriminator, "norm": "none", "activation": "leaky"})
    assert difference(method, optimiser) < 1e-6
    assert difference(caae(name), SGD) < 1e-6


@pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")
@pytest.mark.parametrize("name", ["caae", "caae//"])
def test_three_steps_with_a_projected_discriminator_are_those_of_the_plain_loop(name: str) -> None:
    assert difference(caae(name, discriminator={"kind": "projected", "heads": 8}), SGD) < 1e-6


def test_the_plain_loop_would_notice_a_wrong_weight() -> None:
    assert difference(caae(), SGD, weight=0.1) > 1e-3


@pytest.mark.parametrize("name", ["caae", "caae//"])
def test_every_cell_of_a_page_is_reached(name: str) -> None:
    assert_every_cell_is_reached(caae(name), fields(0))


def test_the_twin_of_caae_clones_the_decoder_with_its_labels() -> None:
    twin = caae("caae//")
    assert twin.plan.tap["residual"].inputs == ("code",)
    assert twin.plan.tap["code"].inputs == ("z", "labels")
    assert set(twin.inference) == {"encoder", "decoder", "generator"}


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


def test_a_prior_of_weight_0_does_not_teach_the_encoder() -> None:
    off = caae(latent={"size": LATENT, "prior": "aae", "weight": 0.0})
    assert "prior" not in {term.name for term, _ in off.plan.table.column("encoder")}
    assert off.latent is not None
    assert off.latent.prior is None


def test_caae_needs_age_and_male_and_says_which_layouts_have_them() -> None:
    with pytest.raises(UsageError, match=r"This data has no Age\. Use a UTKFace folder"):
        caae(shape=Shape(32, 3, attributes=("Male", "Smiling")))
    with pytest.raises(UsageError, match=r"caae learns from attributes.*docs/data\.md"):
        caae(shape=Shape(32, 3))
