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


@pytest.mark.parametrize("kernel", [3, 5])
def test_nearest_resize_convolution_equals_interpolation_followed_by_convolution(kernel):
    torch.manual_seed(0)
    layer = blocks.ResizeConv2d(5, 7, kernel).double()
    maps = torch.randn(2, 5, 6, 6, dtype=torch.float64)
    plain = F.conv2d(F.interpolate(maps, scale_factor=2), layer.weight, layer.bias, padding=kernel // 2)
    torch.testing.assert_close(layer(maps), plain)


def test_nearest_resize_convolution_has_the_gradients_of_the_plain_one():
    torch.manual_seed(0)
    layer = blocks.ResizeConv2d(3, 4, 3).double()
    maps = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    plain = F.conv2d(F.interpolate(maps, scale_factor=2), layer.weight, layer.bias, padding=1)
    inputs = (maps, layer.weight, layer.bias)
    for fast, slow in zip(
        torch.autograd.grad(layer(maps).sin().sum(), inputs),
        torch.autograd.grad(plain.sin().sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(fast, slow)


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
        (lambda: blocks.upsampling(3, 3, kernel=4, upsample="nearest"), "odd kernel"),
        (lambda: blocks.down_block(3, 3, kernel=1, norm="none"), "3 to 7"),
    ],
)
def test_a_wrong_option_is_a_usage_error_that_says_what_is_right(call, word):
    with pytest.raises(UsageError, match=word):
        call()
