"""U-Net, patch and global discriminators, and discriminators with labels: shapes, fields of view, noise, errors."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgan.errors import UsageError
from edgan.nets.labelled import LabelDiscriminator, tiled, with_maps
from edgan.nets.pair_discriminators import PATCHES, GlobalDiscriminator, PatchDiscriminator
from edgan.nets.unet import UNet, dropout_draws, unet_channels

SMALL = {"width": 4, "max_width": 8}
SIZES = pytest.mark.parametrize("size", [32, 64, 128, 256])


def noise_for(size: int, count: int = 2) -> torch.Tensor:
    return torch.rand(count, dropout_draws(size, 4, 8))


@SIZES
@pytest.mark.parametrize("kernel", [4, 5])
def test_a_unet_gives_a_picture_of_its_sources_size(size, kernel):
    picture = UNet(size=size, inputs=1, kernel=kernel, **SMALL)(torch.rand(2, 1, size, size), noise_for(size))
    assert picture.shape == (2, 3, size, size)
    assert picture.abs().max() < 1


def test_layer_sizes_at_256_are_those_of_pix2pix():
    assert unet_channels(256, 64, 512) == [64, 128, 256, 512, 512, 512, 512, 512]
    net = UNet(size=256)
    assert [up[0].in_channels for up in net.ups] == [512, 1024, 1024, 1024, 1024, 512, 256]
    assert [up[0].out_channels for up in net.ups] == [512, 512, 512, 512, 256, 128, 64]
    assert net.output.in_channels == 128
    assert sum(p.numel() for name, p in net.named_parameters() if name.endswith("0.weight")) > 50_000_000


def test_neither_the_outermost_nor_the_innermost_layers_have_a_norm():
    net = UNet(size=32, **SMALL)
    kinds = [type(down[1]) for down in net.downs]
    assert kinds == [nn.Identity, *[nn.InstanceNorm2d] * 3, nn.Identity]
    assert all(isinstance(up[1], nn.InstanceNorm2d) for up in net.ups)


def test_batch_norm_works_on_the_batch_at_hand_and_at_a_batch_of_one_is_instance_norm():
    torch.manual_seed(0)
    batch, instance = UNet(size=32, norm="batch", **SMALL), UNet(size=32, norm="instance", **SMALL)
    assert not [name for name, _ in batch.named_buffers() if "running" in name]
    instance.load_state_dict(batch.state_dict())
    source, noise = torch.rand(1, 3, 32, 32), noise_for(32, 1)
    torch.testing.assert_close(batch.eval()(source, noise), instance.train()(source, noise))


def test_dropout_is_a_pure_function_of_its_noise_in_training_and_evaluation_alike():
    torch.manual_seed(0)
    net, source, noise = UNet(size=32, **SMALL), torch.rand(2, 3, 32, 32), noise_for(32)
    once = net.train()(source, noise)
    assert torch.equal(once, net.eval()(source, noise))
    assert not torch.equal(once, net(source, noise_for(32)))


def test_noise_drops_the_stated_share_of_the_three_innermost_decoder_layers():
    net = UNet(size=64, dropout=0.25, **SMALL)
    assert dropout_draws(64, 4, 8) == 8 * 4 + 8 * 16 + 8 * 64
    kept = torch.full((1, dropout_draws(64, 4, 8)), 0.25)
    dropped = kept - 1e-3
    bare = UNet(size=64, dropout=0.0, **SMALL)
    bare.load_state_dict(net.state_dict())
    source = torch.rand(1, 3, 64, 64)
    assert not torch.allclose(net(source, kept), net(source, dropped))
    net.dropout = bare.dropout
    torch.testing.assert_close(net(source), bare(source))


def field_of_view(net: PatchDiscriminator, size: int) -> int:
    """Side of the square of input pixels that the middle logit depends on."""
    image = torch.rand(1, 3, size, size, requires_grad=True)
    logits = net(image, torch.rand(1, 3, size, size))
    middle = logits.shape[-1] // 2
    logits[0, 0, middle, middle].backward()
    rows = image.grad.abs().sum((0, 1, 3)).nonzero()
    return int(rows.max() - rows.min()) + 1


@pytest.mark.parametrize(("layers", "side"), PATCHES.items())
def test_a_logit_of_a_patch_discriminator_sees_a_patch_of_the_stated_side(layers, side):
    torch.manual_seed(0)
    net = PatchDiscriminator(size=128, layers=layers, norm="none", init="he", **SMALL)
    assert field_of_view(net, 128) == side


@pytest.mark.parametrize(("size", "logits"), [(32, 14), (64, 14), (128, 14), (256, 30)])
def test_a_patch_discriminator_has_fewer_layers_for_small_pictures(size, logits):
    output = PatchDiscriminator(size=size, **SMALL)(torch.rand(2, 3, size, size), torch.rand(2, 3, size, size))
    assert output.shape == (2, 1, logits, logits)


@SIZES
@pytest.mark.parametrize("kernel", [4, 5])
def test_the_released_global_discriminator_gives_one_logit(size, kernel):
    pair = torch.rand(2, 3, size, size), torch.rand(2, 3, size, size)
    assert GlobalDiscriminator(size=size, kernel=kernel, **SMALL)(*pair).shape == (2,)


@pytest.mark.parametrize("network", [PatchDiscriminator, GlobalDiscriminator])
def test_a_discriminator_of_pairs_reads_both(network):
    torch.manual_seed(0)
    net = network(size=32, init="he", **SMALL)
    picture, source = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    assert not torch.allclose(net(picture, source), net(picture, picture))
    assert not torch.allclose(net(picture, source), net(source, source))


@SIZES
def test_a_discriminator_with_labels_reads_them_after_its_first_layer(size):
    net = LabelDiscriminator(size=size, labels=20, fully_connected=16, **SMALL)
    image, labels = torch.rand(2, 3, size, size), torch.ones(2, 20)
    assert net(image, labels).shape == (2,)
    assert net.layers[0][0].in_channels == net.first[0].out_channels + 20
    assert not torch.equal(net(image, labels), net(image, -labels))


def test_labels_are_tiled_group_by_group_and_spread_over_maps():
    labels = torch.tensor([[1.0, -1.0]])
    assert tiled(labels, 2).tolist() == [[1.0, -1.0, 1.0, -1.0]]
    maps = with_maps(torch.zeros(1, 1, 2, 2), labels)
    assert maps[0].flatten(1).tolist() == [[0.0] * 4, [1.0] * 4, [-1.0] * 4]


@pytest.mark.parametrize("network", [UNet, PatchDiscriminator, GlobalDiscriminator])
@pytest.mark.parametrize(
    ("options", "word"),
    [({"size": 100}, "got 100"), ({"size": 64, "width": 2}, "at least 4"), ({"size": 64, "norm": "layer"}, "norm")],
)
def test_an_impossible_network_is_a_usage_error(network, options, word):
    with pytest.raises(UsageError, match=word):
        network(**options)


def test_a_patch_that_cannot_be_is_a_usage_error():
    with pytest.raises(UsageError, match=r"layers must be one of 1, 2, 3 \(got 5\)"):
        PatchDiscriminator(size=64, layers=5)
