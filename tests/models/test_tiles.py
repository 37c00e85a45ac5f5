"""Pictures larger than the training's, in tiles: no seams, one field of noise, one set of statistics, any size."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Shape, find
from edgan.models import tiles
from edgan.models.model import Model
from edgan.models.tiles import Grid, starts, translate_in_tiles

SIZE = 64
GRIT: dict[str, Any] = {"network": {"width": 4, "max_width": 16, "residual_blocks": 1}}
UU_NET: dict[str, Any] = {"network": {"width": 8, "max_width": 32, "pool": False}}
UU_NET_AT_FULL_SIZE: dict[str, Any] = {"network": {**UU_NET["network"], "noise": 0.25, "full_size": True}}
UNET: dict[str, Any] = {"network": {"width": 4, "max_width": 8}}


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 128 px, so that pictures of few pixels have many."""
    monkeypatch.setattr(tiles, "WIDE", 2 * SIZE)


def translator(method: str = "grit", settings: dict[str, Any] = GRIT, size: int = SIZE, **network: Any) -> Model:
    """An untrained model in which residual and noise are not empty."""
    shape = Shape(size, 3, source_channels=2)
    bound = find(method).bind({**settings, "network": {**settings["network"], **network}}, shape)
    torch.manual_seed(0)
    networks = {name: bound.networks[name]().eval() for name in bound.inference}
    with torch.no_grad():
        for network in networks.values():
            for name, parameter in network.named_parameters():
                if name.endswith("strength") or (name == "output.weight" and parameter.abs().max() == 0):
                    parameter.normal_(0.0, 0.1)
    return Model(bound, networks, shape, torch.device("cpu"))


def scene(height: int, width: int) -> Tensor:
    """Flat rectangles, as label maps have them."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(1, 2, 6, 8, generator=generator) * 2 - 1
    return torch.nn.functional.interpolate(coarse, (height, width), mode="nearest")


@pytest.mark.parametrize(
    ("method", "settings", "norm"),
    [
        ("grit", GRIT, "pixel"),
        ("grit", GRIT, "instance"),
        ("grit", {**GRIT, "fine": 2 / SIZE}, "pixel"),
        ("uu-net", UU_NET, "none"),
        ("uu-net", UU_NET_AT_FULL_SIZE, "group"),
        ("uu-net", UU_NET, "instance"),
        ("uu-net", UU_NET, "group"),
    ],
)
def test_tiles_differ_from_the_whole_picture_by_less_than_two_grey_levels(
    method: str, settings: dict[str, Any], norm: str
) -> None:
    model, source = translator(method, settings, norm=norm), scene(256, 384)
    made, whole = translate_in_tiles(model, source, seed=5), model.translate(source, seed=5)
    for ours, truth in ((made.base, whole.base), (made.output, whole.output)):
        assert (ours - truth).abs().mean() * 127.5 < 2
        assert truth.std() * 127.5 > 4  # there is something to differ from


def test_a_norm_that_saw_its_tile_alone_would_differ_by_more(monkeypatch: pytest.MonkeyPatch) -> None:
    model, source = translator(norm="instance"), scene(256, 384)
    monkeypatch.setattr(tiles, "norms_over_positions", lambda _: [])
    made, whole = translate_in_tiles(model, source, seed=5), model.translate(source, seed=5)
    assert (made.output - whole.output).abs().mean() * 127.5 > 4


def test_batch_statistics_in_tiles_are_those_of_the_whole_picture() -> None:
    norm = torch.nn.BatchNorm2d(2, track_running_stats=False).eval()
    with torch.no_grad():
        norm.weight.fill_(3.0)
        norm.bias.fill_(-1.0)
    picture = torch.randn(1, 2, 64, 96, generator=torch.Generator().manual_seed(0)).cumsum(-1)
    grid = Grid.over((64, 96), 32)
    shared = tiles.SharedNorms([norm], grid.shares())
    made: list[Tensor] = []

    def draw() -> None:
        made.clear()
        for start in range(0, len(grid.places), 4):
            with shared.batch(slice(start, start + 4)), torch.no_grad():
                made.append(norm(grid.cut(picture)[start : start + 4]))

    shared.run(draw)
    with torch.no_grad():
        torch.testing.assert_close(grid.blend(torch.cat(made)), norm(picture), atol=1e-5, rtol=1e-5)


def test_norms_are_their_own_again_afterwards() -> None:
    model, source = translator(norm="instance"), scene(SIZE, SIZE)
    before = model.translate(source).output
    translate_in_tiles(model, scene(256, 256))
    assert torch.equal(model.translate(source).output, before)


@pytest.mark.parametrize("seed", [0, 3])
def test_a_picture_of_the_training_size_is_one_tile(seed: int) -> None:
    model, source = translator(), scene(SIZE, SIZE)
    tiled, plain = translate_in_tiles(model, source, seed=seed), model.translate(source, seed=seed)
    torch.testing.assert_close(tiled.output, plain.output)


def test_each_picture_of_a_folder_has_its_own_field_of_noise() -> None:
    model, source = translator(), scene(256, 256)
    first, again, second = (translate_in_tiles(model, source, position=position) for position in (0, 0, 1))
    assert torch.equal(first.output, again.output)
    assert not torch.equal(first.output, second.output)
    assert torch.equal(first.base, second.base)


@pytest.mark.parametrize(("height", "width"), [(32, 300), (131, 77), (20, 300), (200, 1), (1, 1)])
@pytest.mark.parametrize("method", ["grit", "pix2pix", "pix2pix with noise", "uu-net with noise"])
def test_any_size_comes_back_as_it_was(method: str, height: int, width: int) -> None:
    noisy = {"noise": 1} if method.endswith("noise") else {}
    models = {
        "grit": translator,
        "pix2pix": partial(translator, "pix2pix", UNET, 32),
        "uu-net": partial(translator, "uu-net", UU_NET_AT_FULL_SIZE),
    }
    model = models[method.split()[0]](**noisy)
    made = translate_in_tiles(model, scene(height, width))
    assert made.output.shape == (1, 3, height, width)
    assert torch.isfinite(made.output).all()


def test_a_network_of_a_fixed_size_takes_no_other_and_one_of_any_size_says_which() -> None:
    with pytest.raises(UsageError, match="a source of shape"):
        translator("pix2pix", UNET, 32).translate(scene(40, 64))
    with pytest.raises(UsageError, match="multiples of 8 pixels, not 60 x 64"):
        translator().translate(scene(64, 60))


def test_equal_tiles_blend_into_the_same_picture() -> None:
    grid = Grid.over((304, 128), 128)
    blended = grid.blend(torch.ones(len(grid.places), 1, 128, 128))
    assert torch.allclose(blended, torch.tensor(1.0))


def test_tiles_that_disagree_leave_no_edge() -> None:
    grid = Grid.over((128, 384), 128)
    disagreeing = torch.stack([torch.full((1, 128, 128), float(number % 2)) for number in range(len(grid.places))])
    assert grid.blend(disagreeing).diff(dim=-1).abs().max() < 0.2


def test_tiles_end_where_the_picture_ends() -> None:
    assert starts(64, 64) == [0]
    assert starts(152, 64)[-1] == 88
    assert all(b - a <= 32 for a, b in zip(starts(152, 64), starts(152, 64)[1:], strict=False))


def test_tiles_of_a_picture_narrower_than_they_are_take_its_width() -> None:
    grid = Grid.over((256, 64), 128)
    assert grid.tile == (128, 64)
    torch.testing.assert_close(grid.blend(grid.cut(scene(256, 64))), scene(256, 64))
