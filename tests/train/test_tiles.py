"""Pictures larger than the training's, in tiles: no seams, one field of noise, any size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgan.methods import Shape, find
from edgan.routing import Forward, Inputs
from edgan.training.model import Model
from edgan.training.tiles import blend, starts, translate_in_tiles

SIZE = 128


def grit(norm: str = "pixel") -> Model:
    shape = Shape(SIZE, 3, source_channels=2)
    network = {"width": 4, "max_width": 16, "residual_blocks": 1, "norm": norm}
    method = find("grit").bind({"network": network}, shape)
    torch.manual_seed(0)
    networks = {name: method.networks[name]() for name in method.inference}
    with torch.no_grad():
        for network_ in networks.values():
            for name, parameter in network_.named_parameters():
                if name.endswith("strength") or (name == "output.weight" and parameter.abs().max() == 0):
                    parameter.normal_(0.0, 0.1)
    return Model(method, networks, shape, torch.device("cpu"))


def scene(height: int, width: int) -> Tensor:
    """Flat rectangles, as label maps have them."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(1, 2, 6, 8, generator=generator) * 2 - 1
    return torch.nn.functional.interpolate(coarse, (height, width), mode="nearest")


def whole(model: Model, source: Tensor, draw: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """(base, output) of one forward over the whole picture, as only a network without a fixed size can do it."""
    inputs = Inputs({"source": source}, lambda name, *_: draw[name])
    with torch.no_grad():
        forward = Forward(model.method.plan, model.networks, inputs, known={"style": torch.zeros(1, 8)})
        return forward["base"], forward["output"]


def field_of(seed: int, height: int, width: int) -> dict[str, Tensor]:
    from edgan.training.feed import draw_noise

    sides = {32: 4, 64: 2, 128: 1}
    return {
        f"noise_{side}": draw_noise((seed, 0, f"noise_{side}"), "normal", (1, height // scale, width // scale))[None]
        for side, scale in sides.items()
    }


def test_tiles_differ_from_the_whole_picture_by_less_than_two_grey_levels() -> None:
    model, source = grit(), scene(256, 384)
    made = translate_in_tiles(model, source, seed=5)
    base, output = whole(model, source, field_of(5, 256, 384))
    for ours, truth in ((made.base, base), (made.output, output)):
        assert (ours - truth).abs().mean() * 127.5 < 2
        assert truth.std() * 127.5 > 4  # there is something to differ from


def test_a_picture_of_the_training_size_is_one_tile() -> None:
    model, source = grit(), scene(SIZE, SIZE)
    field = field_of(3, SIZE, SIZE)
    tiled, plain = translate_in_tiles(model, source, seed=3), model.translate(source, noise=field)
    torch.testing.assert_close(tiled.output, plain.output)


@pytest.mark.parametrize(("height", "width"), [(64, 200), (131, 77), (20, 300), (1, 1)])
def test_any_size_comes_back_as_it_was(height: int, width: int) -> None:
    made = translate_in_tiles(grit(), scene(height, width))
    assert made.output.shape == (1, 3, height, width)
    assert torch.isfinite(made.output).all()


def test_equal_tiles_blend_into_the_same_picture() -> None:
    places = [(y, x) for y in starts(304, SIZE) for x in starts(128, SIZE)]
    assert torch.allclose(blend(torch.ones(len(places), 1, SIZE, SIZE), places, (304, 128)), torch.tensor(1.0))


def test_tiles_that_disagree_leave_no_edge() -> None:
    places = [(0, x) for x in starts(384, SIZE)]
    tiles = torch.stack([torch.full((1, SIZE, SIZE), float(number % 2)) for number in range(len(places))])
    blended = blend(tiles, places, (SIZE, 384))
    assert blended.diff(dim=-1).abs().max() < 0.2


def test_tiles_end_where_the_picture_ends() -> None:
    assert starts(64, 64) == [0]
    assert starts(152, 64)[-1] == 88
    assert all(b - a <= 32 for a, b in zip(starts(152, 64), starts(152, 64)[1:], strict=False))


def test_a_unets_dropout_is_the_same_in_every_tile() -> None:
    shape = Shape(32, 3, source_channels=2)
    method = find("pix2pix").bind({"network": {"width": 4, "max_width": 8}}, shape)
    model = Model(method, {name: method.networks[name]() for name in method.inference}, shape, torch.device("cpu"))
    assert translate_in_tiles(model, scene(40, 72)).output.shape == (1, 3, 40, 72)
