"""The networks of Paper 1, Table 1: shapes, the table's own layer sizes, the released code's options, errors."""

import pytest
import torch
from torch import nn

from edgan.errors import UsageError
from edgan.nets.ed_gan import Decoder, Discriminator, Encoder, channel_ladder

SMALL = {"width": 8, "max_width": 16}


def map_shapes(network: nn.Module, value: torch.Tensor) -> list[tuple[int, ...]]:
    """Shapes of the maps after every block of `network.layers`."""
    shapes: list[tuple[int, ...]] = []
    hooks = [block.register_forward_hook(lambda m, i, o: shapes.append(tuple(o.shape[1:]))) for block in network.layers]
    network(value)
    for hook in hooks:
        hook.remove()
    return shapes


@pytest.mark.parametrize("size", [32, 64, 128, 256])
@pytest.mark.parametrize("upsample", ["transposed", "nearest", "bilinear"])
def test_image_to_latent_to_image_to_logit_at_every_size(size, upsample):
    image = torch.rand(2, 3, size, size) * 2 - 1
    z = Encoder(size=size, **SMALL)(image)
    assert z.shape == (2, 50)
    assert z.abs().max() <= 1
    again = Decoder(size=size, upsample=upsample, **SMALL)(z)
    assert again.shape == image.shape
    assert again.abs().max() <= 1
    assert Discriminator(size=size, **SMALL)(again).shape == (2,)


def test_layer_sizes_at_128_are_those_of_table_1():
    image, z = torch.zeros(2, 3, 128, 128), torch.zeros(2, 50)
    down = [(64, 64, 64), (128, 32, 32), (256, 16, 16), (512, 8, 8), (1024, 4, 4)]
    assert map_shapes(Encoder(size=128), image) == down
    assert map_shapes(Discriminator(size=128), image) == down
    decoder = Decoder(size=128)
    assert decoder.fully_connected.out_features == 4 * 4 * 1024
    assert map_shapes(decoder, z) == down[-2::-1]


def test_the_released_head_is_two_more_layers_of_32_and_16_channels():
    decoder = Decoder(size=64, head=True)
    assert map_shapes(decoder, torch.zeros(2, 50))[-2:] == [(32, 64, 64), (16, 64, 64)]
    assert decoder.output.weight.shape == (3, 16, 5, 5)


def test_the_released_discriminator_has_8_pixel_last_maps_and_1024_hidden_units():
    discriminator = Discriminator(size=128, last_map=8, fully_connected=1024)
    assert discriminator.features(torch.zeros(2, 3, 128, 128)).shape == (2, 512, 8, 8)
    assert discriminator.logit[0].out_features == 1024
    assert discriminator(torch.zeros(2, 3, 128, 128)).shape == (2,)


def test_channels_double_until_max_width():
    assert channel_ladder(256, 32, 128) == [32, 64, 128, 128, 128, 128]


def test_encoder_with_outputs_is_linear():
    torch.manual_seed(0)
    encoder = Encoder(size=32, channels=1, outputs=100, norm="none", init="he", **SMALL)
    values = encoder(torch.randn(4, 1, 32, 32) * 20)
    assert values.shape == (4, 100)
    assert values.abs().max() > 1


def test_default_norms_are_table_1s_and_the_discriminator_keeps_no_batch_state():
    assert any(isinstance(m, nn.BatchNorm2d) for m in Encoder(size=32, **SMALL).modules())
    discriminator = Discriminator(size=32, norm="batch", **SMALL)
    norms = [m for m in discriminator.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms
    assert not list(discriminator.buffers())


@pytest.mark.parametrize("network", [Encoder, Decoder, Discriminator])
def test_norm_none_removes_every_norm(network):
    names = {type(m).__name__ for m in network(size=32, norm="none", **SMALL).modules()}
    assert not any("Norm" in name for name in names)


def test_output_gain_zero_makes_a_residual_of_nothing():
    residual = Decoder(size=32, output_gain=0.0, **SMALL)(torch.randn(2, 50))
    assert not residual.any()


def test_a_discriminator_without_batch_norm_can_be_differentiated_twice():
    torch.manual_seed(0)
    discriminator = Discriminator(size=32, norm="none", activation="leaky", **SMALL)
    image = torch.randn(2, 3, 32, 32, requires_grad=True)
    (slope,) = torch.autograd.grad(discriminator(image).sum(), image, create_graph=True)
    second = torch.autograd.grad(slope.square().sum(), discriminator.layers[0][0].weight)[0]
    assert second.abs().max() > 0


def test_maps_and_weights_are_channels_last():
    encoder = Encoder(size=32, **SMALL)
    assert encoder.layers[1][0].weight.is_contiguous(memory_format=torch.channels_last)
    maps = Discriminator(size=32, **SMALL).features(torch.zeros(2, 3, 32, 32))
    assert maps.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"size": 100}, r"32, 64, 128, 256 \(got 100\)"),
        ({"size": 16}, "got 16"),
        ({"size": 64, "width": 128, "max_width": 64}, "max_width"),
        ({"size": 64, "width": 2}, "at least 4"),
        ({"size": 64, "norm": "layer"}, "norm"),
        ({"size": 64, "init": "xavier"}, "init"),
        ({"size": 64, "kernel": 9}, "3 to 7"),
    ],
)
@pytest.mark.parametrize("network", [Encoder, Decoder, Discriminator])
def test_an_impossible_network_is_a_usage_error(network, options, word):
    with pytest.raises(UsageError, match=word):
        network(**options)


def test_an_impossible_last_map_is_a_usage_error():
    with pytest.raises(UsageError, match="4 or 8"):
        Discriminator(size=64, last_map=5)


def test_batch_norm_at_the_start_of_the_decoder_removes_what_all_latents_share():
    torch.manual_seed(0)
    decoder = Decoder(size=32, **SMALL)
    z = torch.randn(8, 50)
    first = decoder.start(decoder.fully_connected(z))
    assert first.mean(dim=0).abs().max() < 1e-4


@pytest.mark.parametrize("norm", ["instance", "group", "none"])
def test_the_other_norms_make_a_decoder_too(norm):
    assert Decoder(size=32, norm=norm, **SMALL)(torch.randn(2, 50)).shape == (2, 3, 32, 32)


def test_a_generator_starts_with_the_decoders_features_and_keeps_its_own_output_layer():
    options = {"size": 32, "latent": 5, "head": True, **SMALL}
    decoder, generator = Decoder(norm="batch", **options), Decoder(norm="none", output_gain=0.1, **options)
    own = {name: value.clone() for name, value in generator.output.state_dict().items()}
    generator.start_from(decoder)
    theirs, mine = decoder.state_dict(), generator.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in generator.output.state_dict().items())
    assert all(torch.equal(mine[name], theirs[name]) for name in mine if not name.startswith("output."))
    with torch.no_grad():
        generator.fully_connected.weight.zero_()
    assert decoder.fully_connected.weight.any()
