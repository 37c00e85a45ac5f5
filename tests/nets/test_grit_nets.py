"""GRIT's networks: shapes at every size, what noise and style reach, and that pixel norm keeps places apart."""

from __future__ import annotations

import pytest
import torch

from edgan.errors import UsageError
from edgan.nets.grit import ContentEncoder, Head, StyleEncoder, Trunk, noise_shapes
from edgan.nets.styled import PixelNorm, StyledBlock

SMALL = {"width": 4, "max_width": 8}
SIZES = pytest.mark.parametrize("size", [32, 64, 128, 256, 512])


def noise_for(size: int, count: int = 1) -> list[torch.Tensor]:
    return [torch.randn(count, *shape) for shape in noise_shapes(size)]


@SIZES
def test_content_style_and_noise_become_a_picture_of_the_sources_size(size):
    content = ContentEncoder(inputs=1, residual_blocks=1, **SMALL)(torch.rand(1, 1, size, size))
    assert [maps.shape[2] for maps in content] == [size, size // 2, size // 4, size // 8]
    posterior = StyleEncoder(style=5, **SMALL)(torch.rand(1, 3, size, size))
    assert posterior.shape == (1, 10)
    maps = Trunk(style=5, **SMALL)(content, posterior[:, :5], *noise_for(size))
    picture = Head(width=4)(maps)
    assert picture.shape == (1, 3, size, size)
    assert picture.abs().max() < 1


def test_noise_enters_at_a_strength_that_is_learnt():
    torch.manual_seed(0)
    block = StyledBlock(4, 6, style=3)
    maps, style, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 3), torch.randn(2, 1, 16, 16)
    assert not torch.allclose(block(maps, style, noise), block(maps, style))
    block.strength.data.zero_()
    assert torch.equal(block(maps, style, noise), block(maps, style))


def test_a_styles_scale_and_shift_are_those_of_adain():
    torch.manual_seed(0)
    block = StyledBlock(4, 6, style=3)
    maps, style = torch.randn(2, 4, 8, 8), torch.randn(2, 3)
    scale, shift = block.affine(style).chunk(2, dim=1)
    styled = block(maps, style)
    torch.testing.assert_close(styled.mean((2, 3)), shift, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(styled.std((2, 3), correction=0), (1 + scale).abs(), atol=1e-3, rtol=1e-3)


def test_an_empty_start_of_a_head_is_an_empty_picture():
    assert Head(width=4, output_gain=0.0)(torch.randn(1, 4, 8, 8)).abs().max() == 0


def test_pixel_norm_gives_every_pixel_a_root_mean_square_of_one():
    normed = PixelNorm()(torch.randn(2, 16, 3, 3))
    torch.testing.assert_close(normed.square().mean(1), torch.ones(2, 3, 3))


@pytest.mark.parametrize(("norm", "far"), [("pixel", False), ("instance", True)])
def test_with_pixel_norm_a_far_change_of_the_source_changes_nothing_here(norm, far):
    torch.manual_seed(0)
    encoder = ContentEncoder(residual_blocks=1, norm=norm, **SMALL)
    trunk, style = Trunk(norm=norm, **SMALL), torch.zeros(1, 8)
    source = torch.rand(1, 3, 64, 256)
    changed = source.clone()
    changed[..., 200:] = -1.0
    before, after = (trunk(encoder(image), style)[..., :64] for image in (source, changed))
    assert torch.equal(before, after) is not far


@pytest.mark.parametrize("size", [16, 100, 1024])
def test_a_size_that_grit_does_not_support_is_a_usage_error(size):
    with pytest.raises(UsageError, match=rf"size must be a multiple of 8 .*\(got {size}\)"):
        noise_shapes(size)


def test_too_few_channels_are_a_usage_error():
    with pytest.raises(UsageError, match="width must be at least 4"):
        Trunk(width=2)
