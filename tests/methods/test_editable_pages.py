"""The pages of Editable GAN and the modified cGAN, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from editable_loops import EditableLoop, ModifiedLoop
from method_harness import Networks, assert_every_cell_is_reached, deviation, normal, sgd, with_settings
from torch import Tensor, nn

from edgan.methods import Method, Shape, find
from edgan.methods.common.attribute_targets import AttributesOfOthers, HardTargets
from edgan.routing import Inputs

COUNT, SIZE, LATENT, NAMES = 6, 16, 3, ("glasses", "smile", "hat", "beard")
SETTINGS: dict[str, Any] = {
    "network": {"width": 4, "discriminator": 4, "connection": 16},
    "latent": {"size": LATENT, "narrow_from": 0, "narrow_over": 10},
}
FACES, DIGITS = Shape(SIZE, 3, attributes=NAMES), Shape(SIZE, 3, classes=NAMES)
LOOPS = {"editable-gan": EditableLoop, "modified-cgan": ModifiedLoop}
SGD = sgd(0.02)


def bound(name: str, shape: Shape = FACES, **changes: Any) -> Method:
    return find(name).bind({**SETTINGS, **changes}, shape)


def fields(seed: int) -> dict[str, Tensor]:
    attributes = (normal(seed, COUNT, len(NAMES)) > 0).double()
    label = torch.arange(COUNT) % len(NAMES)
    return {"image": normal(seed + 100, COUNT, 3, SIZE, SIZE).tanh(), "attributes": attributes, "label": label}


def noise(seed: int) -> Tensor:
    return normal(seed + 1000, COUNT, LATENT)


def difference(name: str, **changes: Any) -> float:
    """The deviation after two steps. The plain loop runs C more often, so running means are not compared."""

    def train_plainly(networks: Networks) -> None:
        loop = with_settings(LOOPS[name](networks, SGD), **changes)
        for step in range(2):
            loop.train(step, fields(step)["image"], fields(step)["attributes"], noise(step))

    def inputs(step: int) -> Inputs:
        return Inputs(fields(step), lambda *_: noise(step))

    return deviation(bound(name), train_plainly, inputs, SGD, (0, 0), buffers=False)


@pytest.mark.parametrize("name", LOOPS)
def test_two_steps_are_those_of_the_plain_loop(name: str) -> None:
    assert difference(name) < 1e-6


@pytest.mark.parametrize("change", [{"given": False}, {"annealed": False}, {"drawn_share": 0.5, "edited_share": 0.5}])
def test_another_editable_gan_would_be_noticed(change: dict[str, Any]) -> None:
    assert difference("editable-gan", **change) > 1e-4


@pytest.mark.parametrize("shape", [FACES, DIGITS], ids=["attributes", "classes"])
@pytest.mark.parametrize("name", LOOPS)
def test_every_cell_is_reached(name: str, shape: Shape) -> None:
    method = bound(name, shape)
    assert ("penalty", "discriminator") in {(r.term.name, n) for r in method.plan.table.rows for n, _ in r.cells}
    assert_every_cell_is_reached(method, fields(0))


@pytest.mark.parametrize("name", LOOPS)
def test_an_edit_needs_the_image_alone_and_a_sample_its_attributes(name: str) -> None:
    method = bound(name)
    assert (method.fields, method.conditioning) == (("image",), ("attributes",))
    assert bound(name, DIGITS).conditioning == ("label",)
    assert "classifier" in method.inference or name == "modified-cgan"


def test_an_image_is_edited_to_the_attributes_of_other_images() -> None:
    given = torch.arange(20.0).reshape(5, 4)
    asked = AttributesOfOthers(exclusive=False)(given)
    assert not (asked == given).any()
    torch.testing.assert_close(asked.sort(0).values, given)
    rows = [set((asked[i] // 4).long().tolist()) for i in range(5)]
    assert all(len(sources) == 4 for sources in rows)


def test_exclusive_targets_stay_classes() -> None:
    given = torch.eye(3)
    assert sorted(AttributesOfOthers(exclusive=True)(given).argmax(1).tolist()) == [0, 1, 2]
    assert HardTargets(exclusive=True)(torch.tensor([[0.1, 0.3, -2.0]])).tolist() == [[0, 1, 0]]
    assert HardTargets(exclusive=False)(torch.tensor([[0.1, 0.3, -2.0]])).tolist() == [[1, 1, 0]]


def test_the_paper_preset_has_the_released_maps_at_128_px() -> None:
    page = find("editable-gan")
    names = tuple(map(str, range(10)))
    with torch.device("meta"):
        networks = page.bind({}, Shape(128, 3, attributes=names)).build()
        image = torch.empty(2, 3, 128, 128)
        of_d, of_c = (networks[name].features(image) for name in ("discriminator", "classifier"))
        recovered = networks["connection"](of_d, of_c, torch.empty(2, 10))
        drawn = networks["generator"](torch.empty(2, 64), torch.empty(2, 10))
    assert (of_d.shape, of_c.shape) == ((2, 512, 16, 16), (2, 256, 16, 16))
    assert (recovered.shape, drawn.shape) == ((2, 74), (2, 3, 128, 128))
    convolutions = [m for m in networks["connection"].modules() if isinstance(m, nn.Conv2d)]
    assert [m.in_channels for m in convolutions] == [512 + 256 + 2 * 10, 1024, 1024]


@pytest.mark.parametrize("batch", [2, 3, 32])
def test_no_attribute_to_edit_to_is_the_images_own(batch: int) -> None:
    """With 40 attributes, a shift by the attribute's place alone is none at every multiple of the batch."""
    given = torch.arange(batch).repeat(40, 1).T
    asked = AttributesOfOthers(exclusive=False)(given)
    assert (asked != given).all()
    assert len({tuple(column.tolist()) for column in asked.T}) == batch - 1


def test_the_connection_networks_group_norm_has_the_released_codes_32_groups() -> None:
    for name in ("editable-gan", "modified-cgan"):
        page = find(name)
        settings = page.presets["paper"].settings.model_dump()
        settings["network"] |= {"discriminator": 4, "connection": 64}
        method = page.bind(settings, Shape(128, 3, attributes=("Smiling",)))
        norms = [layer for layer in method.networks["connection"]().modules() if isinstance(layer, nn.GroupNorm)]
        assert [norm.num_groups for norm in norms] == [32, 32, 32]
