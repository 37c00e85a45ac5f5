"""The pages of Editable GAN and the modified cGAN, with their real networks, against plain PyTorch loops."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import pytest
import torch
from editable_loops import EditableLoop, ModifiedLoop
from torch import Tensor, nn

from edgan.methods import Method, Shape, find
from edgan.methods.common.attribute_targets import AttributesOfOthers, HardTargets
from edgan.routing import Executor, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

COUNT, SIZE, LATENT, NAMES = 6, 16, 3, ("glasses", "smile", "hat", "beard")
SETTINGS: dict[str, Any] = {
    "network": {"width": 4, "discriminator": 4, "connection": 16},
    "latent": {"size": LATENT, "narrow_from": 0, "narrow_over": 10},
}
FACES, DIGITS = Shape(SIZE, 3, attributes=NAMES), Shape(SIZE, 3, classes=NAMES)
LOOPS = {"editable-gan": EditableLoop, "modified-cgan": ModifiedLoop}
SGD = partial(torch.optim.SGD, lr=0.02)


def bound(name: str, shape: Shape = FACES, **changes: Any) -> Method:
    return find(name).bind({**SETTINGS, **changes}, shape)


def built(method: Method) -> dict[str, nn.Module]:
    torch.manual_seed(3)
    return {name: network.double() for name, network in method.build().items()}


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def fields(seed: int) -> dict[str, Tensor]:
    attributes = (draw(seed, COUNT, len(NAMES)) > 0).double()
    label = torch.arange(COUNT) % len(NAMES)
    return {"image": draw(seed + 100, COUNT, 3, SIZE, SIZE).tanh(), "attributes": attributes, "label": label}


def noise(seed: int) -> Tensor:
    return draw(seed + 1000, COUNT, LATENT)


def apart(name: str, steps: int = 2, **changes: Any) -> float:
    """The largest difference of a network's weights after some steps, relative to how far they went."""
    method = bound(name)
    ours = built(method)
    truth, before = copy.deepcopy(ours), copy.deepcopy(ours)
    executor = Executor(method.plan, ours, {n: SGD(net.parameters()) for n, net in ours.items()})
    loop = LOOPS[name](truth, SGD)
    vars(loop).update(changes)
    for step in range(steps):
        executor.step(0, step, lambda _, step=step: Inputs(fields(step), lambda *_: noise(step)))
        given = fields(step)
        loop.step(step, given["image"], given["attributes"], noise(step))

    def flat(network: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    went = {n: float((flat(t) - flat(before[n])).norm()) for n, t in truth.items()}
    assert all(went.values()), went
    return max(float((flat(ours[n]) - flat(t)).norm()) / went[n] for n, t in truth.items())


@pytest.mark.parametrize("name", LOOPS)
def test_two_steps_are_those_of_the_plain_loop(name: str) -> None:
    assert apart(name) < 1e-6


@pytest.mark.parametrize("change", [{"given": False}, {"annealed": False}, {"drawn_share": 0.5, "edited_share": 0.5}])
def test_another_editable_gan_would_be_noticed(change: dict[str, Any]) -> None:
    assert apart("editable-gan", **change) > 1e-4


@pytest.mark.parametrize("shape", [FACES, DIGITS], ids=["attributes", "classes"])
@pytest.mark.parametrize("name", LOOPS)
def test_every_cell_is_reached(name: str, shape: Shape) -> None:
    method = bound(name, shape)
    assert ("penalty", "discriminator") in {(r.term.name, n) for r in method.plan.table.rows for n, _ in r.cells}
    check_reach(method.plan, on_meta(built(method)), meta_inputs(fields(0)))


@pytest.mark.parametrize("name", LOOPS)
def test_an_edit_needs_the_image_alone_and_a_sample_is_told_its_attributes(name: str) -> None:
    method = bound(name)
    assert (method.fields, method.conditioning) == (("image",), ("attributes",))
    assert bound(name, DIGITS).conditioning == ("label",)
    assert "classifier" in method.inference or name == "modified-cgan"


def test_what_is_asked_are_the_attributes_of_other_images_each_as_often_as_before() -> None:
    given = torch.arange(20.0).reshape(5, 4)
    asked = AttributesOfOthers(exclusive=False)(given)
    assert not (asked == given).any()
    torch.testing.assert_close(asked.sort(0).values, given)
    rows = [set((asked[i] // 4).long().tolist()) for i in range(5)]
    assert all(len(sources) == 4 for sources in rows)


def test_a_class_that_is_asked_is_a_class() -> None:
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
        found = networks["connection"](of_d, of_c, torch.empty(2, 10))
        drawn = networks["generator"](torch.empty(2, 64), torch.empty(2, 10))
    assert (of_d.shape, of_c.shape) == ((2, 512, 16, 16), (2, 256, 16, 16))
    assert (found.shape, drawn.shape) == ((2, 74), (2, 3, 128, 128))
    convolutions = [m for m in networks["connection"].modules() if isinstance(m, nn.Conv2d)]
    assert [m.in_channels for m in convolutions] == [512 + 256 + 2 * 10, 1024, 1024]
