"""UU-Net's networks: shapes at every size, and what each link carries."""

from __future__ import annotations

import pytest
import torch

from edgan.errors import UsageError
from edgan.nets.uu_net import Links, UDiscriminator, UEncoder, UGenerator, ladder

SIZES = pytest.mark.parametrize("size", [32, 64, 128, 256, 512])
NONE = ((), (), (), ())


def generator(size, latent=None, skips=True, pool=False):
    channels = ladder(size, 4, 8, 4)
    encoder = UEncoder(inputs=2, channels=channels, outputs=2 * latent if latent else None, pool=pool)
    return encoder, UGenerator(code=latent or channels[-1], channels=channels, skips=skips), channels


@SIZES
@pytest.mark.parametrize("pool", [True, False])
def test_the_generator_draws_a_picture_of_its_sources_size_and_shows_its_maps(size, pool):
    encoder, decoder, channels = generator(size, pool=pool)
    encoded = encoder(torch.rand(1, 2, size, size))
    assert [maps.shape[1:] for maps in encoded] == [(c, size >> s, size >> s) for s, c in enumerate(channels, 1)]
    *maps, picture = decoder(encoded, encoded[-1])
    assert [m.shape[2] for m in maps] == [size // 8, size // 4, size // 2]
    assert picture.shape == (1, 3, size, size)
    assert picture.abs().max() <= 1


def test_a_layer_at_full_size_sees_the_edges_of_the_source():
    channels = ladder(32, 4, 8, 4)
    decoder = UGenerator(code=8, channels=channels, source=2)
    encoded = UEncoder(inputs=2, channels=channels)(torch.rand(1, 2, 32, 32))
    source = torch.zeros(1, 2, 32, 32, requires_grad=True)
    (slope,) = torch.autograd.grad(decoder(encoded, encoded[-1], source)[-1][0, :, 16, 16].sum(), source)
    reached = slope.abs().sum((0, 1)) > 0
    assert reached.sum() == 9
    assert reached[15:18, 15:18].all()


@SIZES
@pytest.mark.parametrize("tail", [True, False])
def test_a_fully_linked_discriminator_judges_pixels_or_with_a_tail_the_pair(size, tail):
    encoder, decoder, channels = generator(size, latent=6)
    source, picture = torch.rand(2, 2, size, size), torch.rand(2, 3, size, size)
    encoded = encoder(source)
    decoded = decoder(encoded, encoded[-1][:, :6])
    inner = channels[-2::-1]
    links = Links(encoder=channels[:-1], code=12, decoder=inner, triple=inner)
    judge = UDiscriminator(inputs=5, channels=channels, links=links, latent=7, tail=tail)
    taken = (encoded[:-1], encoded[-1:], decoded[:-1], encoded[-2::-1])
    logits, posterior = judge(picture, source, taken, torch.randn(2, 7, size // 16, size // 16))
    assert logits.shape == ((2,) if tail else (2, 1, size, size))
    assert posterior.shape == (2, 14, size // 16, size // 16)


def test_an_unlinked_discriminator_takes_nothing_and_has_no_posterior():
    judge = UDiscriminator(inputs=5, channels=ladder(32, 4, 8, 3), links=Links())
    assert len(judge(torch.rand(1, 3, 32, 32), torch.rand(1, 2, 32, 32))) == 1


@pytest.mark.parametrize("kind", ["encoder", "code", "decoder", "triple"])
def test_each_link_reaches_the_verdict(kind):
    torch.manual_seed(0)
    encoder, decoder, channels = generator(32)
    encoded = encoder(torch.rand(1, 2, 32, 32))
    decoded = decoder(encoded, encoded[-1])
    inner = channels[-2::-1]
    taken = {"encoder": encoded[:-1], "code": encoded[-1:], "decoder": decoded[:-1], "triple": encoded[-2::-1]}
    counts = {"encoder": channels[:-1], "code": channels[-1], "decoder": inner, "triple": inner}
    links = tuple(
        tuple(part.detach().requires_grad_() for part in taken[k]) if k == kind else ()
        for k in ("encoder", "code", "decoder", "triple")
    )
    judge = UDiscriminator(inputs=5, channels=channels, links=Links(**{kind: counts[kind]}))
    (logits,) = judge(torch.rand(1, 3, 32, 32), torch.rand(1, 2, 32, 32), links)
    reached = torch.autograd.grad(logits.sum(), [part for group in links for part in group])
    assert all(gradient.abs().max() > 0 for gradient in reached)


def test_without_skips_the_encoders_maps_do_not_reach_the_picture():
    torch.manual_seed(0)
    encoder, decoder, _ = generator(32, skips=False)
    encoded = encoder(torch.rand(1, 2, 32, 32))
    others = (*(torch.zeros_like(maps) for maps in encoded[:-1]), encoded[-1])
    assert torch.equal(decoder(encoded, encoded[-1])[-1], decoder(others, encoded[-1])[-1])


@pytest.mark.parametrize(("size", "levels"), [(48, 5), (16, 3), (64, 1), (1024, 4)])
def test_a_size_that_cannot_be_halved_that_many_times_is_a_usage_error(size, levels):
    with pytest.raises(UsageError, match=rf"size must be a multiple of {2**levels} .*\(got {size}\)"):
        ladder(size, 8, 16, levels)
