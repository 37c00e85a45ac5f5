"""Blocks: what they do to shapes, and that the fast resize-convolution is the plain one."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgan.errors import UsageError
from edgan.nets import blocks


@pytest.mark.parametrize("kernel", [3, 4, 5, 6, 7])
def test_a_down_block_halves_and_a_transposed_up_block_doubles_for_every_kernel(kernel):
    maps = torch.zeros(2, 3, 8, 8)
    assert blocks.down_block(3, 4, kernel=kernel, norm="none")(maps).shape == (2, 4, 4, 4)
    assert blocks.up_block(3, 4, kernel=kernel, norm="none", upsample="transposed")(maps).shape == (2, 4, 16, 16)


def interpolated_then_convolved(layer: blocks.ResizeConv2d, maps: torch.Tensor, mode: str) -> torch.Tensor:
    """The two steps that the fast layer makes one of; the border is padded with zeros before the interpolation."""
    wide, radius, side = F.pad(maps, (2, 2, 2, 2)), layer.kernel // 2, 2 * maps.shape[2]
    weight = layer.weight.transpose(0, 1).flip(2, 3)
    if mode == "nearest":
        large = F.interpolate(wide, scale_factor=2, mode="nearest")
    else:
        large = F.interpolate(wide, size=2 * wide.shape[2] - 1, mode="bilinear", align_corners=True)
    seen = slice(4 - radius, 4 + side + radius)
    return F.conv2d(large[:, :, seen, seen], weight, layer.bias)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_resize_convolution_and_its_gradients_are_those_of_interpolation_followed_by_convolution(kernel, mode):
    torch.manual_seed(0)
    layer = blocks.ResizeConv2d(5, 7, kernel, mode=mode).double()
    maps = torch.randn(2, 5, 8, 8, dtype=torch.float64, requires_grad=True)
    fast, slow = layer(maps), interpolated_then_convolved(layer, maps, mode)
    torch.testing.assert_close(fast, slow)
    inputs = (maps, layer.weight, layer.bias)
    gradients = (torch.autograd.grad(value.sin().sum(), inputs) for value in (fast, slow))
    for of_fast, of_slow in zip(*gradients, strict=True):
        torch.testing.assert_close(of_fast, of_slow)


@pytest.mark.parametrize("upsample", ["nearest", "bilinear"])
def test_resize_convolution_of_a_constant_map_is_constant_inside_and_a_transposed_one_is_not(upsample):
    torch.manual_seed(0)
    maps = torch.ones(1, 4, 8, 8)
    inside = blocks.upsampling(4, 2, kernel=5, upsample=upsample)(maps)[:, :, 4:-4, 4:-4]
    assert inside.std(dim=(2, 3)).max() < 1e-6
    board = blocks.upsampling(4, 2, kernel=5, upsample="transposed")(maps)[:, :, 4:-4, 4:-4]
    assert board.std(dim=(2, 3)).min() > 1e-3


def test_vector_to_maps_undoes_maps_to_vector():
    maps = torch.randn(2, 3, 4, 4)
    assert torch.equal(blocks.vector_to_maps(blocks.maps_to_vector(maps), 3, 4), maps)


def test_dcgan_init_draws_normal_weights_of_two_hundredths():
    torch.manual_seed(0)
    layer = nn.Linear(300, 300)
    blocks.initialise(layer, "dcgan")
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert not layer.bias.any()


@pytest.mark.parametrize("block", ["down", "transposed", "nearest"])
def test_he_init_keeps_the_scale_of_rectified_maps(block):
    torch.manual_seed(0)
    maps = torch.randn(8, 64, 16, 16)
    layer = (
        blocks.down_block(64, 64, kernel=5, norm="none")
        if block == "down"
        else blocks.up_block(64, 64, kernel=5, norm="none", upsample=block)
    )
    blocks.initialise(layer, "he")
    if block == "nearest":
        maps = F.avg_pool2d(maps, 2)
        maps /= maps.std()
    assert 0.5 < layer(maps).square().mean().item() < 2.0


def test_stateless_batch_norm_keeps_nothing_and_uses_the_batch_in_evaluation():
    norm = blocks.norm_layer("batch-stateless", 3).eval()
    assert not list(norm.buffers())
    assert norm(5 + torch.randn(8, 3, 4, 4)).mean().abs() < 1e-4


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: blocks.norm_layer("bacth", 3), "batch"),
        (lambda: blocks.activation_layer("rleu"), "relu"),
        (lambda: blocks.upsampling(3, 3, kernel=5, upsample="neares"), "nearest"),
        (lambda: blocks.initialise(nn.Linear(2, 2), "dcgna"), "dcgan"),
        (lambda: blocks.upsampling(3, 3, kernel=4, upsample="nearest"), "kernel must be odd"),
        (lambda: blocks.down_block(3, 3, kernel=1, norm="none"), "3 to 7"),
    ],
)
def test_a_wrong_option_is_a_usage_error_that_says_what_is_right(call, word):
    with pytest.raises(UsageError, match=word):
        call()
