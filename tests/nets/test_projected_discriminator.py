"""The projected discriminator judges every place of three scales, and only its heads learn."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgan.nets import pretrained
from edgan.nets.projected_discriminator import ProjectedDiscriminator

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_there_is_a_logit_for_every_place_of_every_scale() -> None:
    assert ProjectedDiscriminator(width=8)(draw(2, 3, 64, 64)).shape == (2, 8 * 8 + 4 * 4 + 4 * 4)


def test_only_the_heads_learn_and_the_projections_are_stored() -> None:
    torch.manual_seed(0)
    network = ProjectedDiscriminator(width=8)
    assert {name.split(".")[0] for name, _ in network.named_parameters()} == {"heads"}
    stored = network.state_dict()
    assert {name for name in stored if not name.startswith("heads")} == {
        f"{kind}_{scale}" for kind in ("mix", "blend") for scale in range(3)
    }
    torch.manual_seed(1)
    other = ProjectedDiscriminator(width=8)
    other.load_state_dict(stored)
    images = draw(1, 3, 32, 32)
    torch.testing.assert_close(other.eval()(images), network.eval()(images))


def test_spectral_norms_bound_the_slope_of_a_head() -> None:
    torch.manual_seed(0)
    network = ProjectedDiscriminator(width=8)
    for _ in range(20):
        network(draw(1, 3, 32, 32))
    for head in network.heads:
        weight = head.logit.weight.flatten(1)
        assert torch.linalg.matrix_norm(weight, 2).item() == pytest.approx(1, abs=0.05)


def test_with_batch_norm_the_verdict_on_a_picture_depends_on_the_others() -> None:
    torch.manual_seed(0)
    plain, normed = (ProjectedDiscriminator(width=8, norm=norm) for norm in ("none", "batch"))
    alike, unlike = draw(1, 3, 32, 32).expand(4, -1, -1, -1), draw(4, 3, 32, 32)
    for network in (plain, normed):
        network(unlike)  # the first power iterations of the spectral norms
        network.requires_grad_(False)
    batches = torch.cat([unlike[:1], alike[1:]]), unlike
    apart = {network: (network(batches[0])[0] - network(batches[1])[0]).abs().max() for network in (plain, normed)}
    assert apart[normed] > 100 * apart[plain]
    assert not [name for name, _ in normed.named_parameters() if "body.0" in name and name.endswith("bias")]


def test_a_source_changes_the_verdict_where_it_lies() -> None:
    torch.manual_seed(0)
    network = ProjectedDiscriminator(source_channels=2, width=8).eval()
    images, source = draw(1, 3, 64, 64), draw(1, 2, 64, 64, seed=1)
    changed = source.clone()
    changed[:, :, :8, :8] = 1
    difference = (network(images, source) - network(images, changed))[0, :64].view(8, 8).abs()
    assert difference[0, 0] > 0
    assert difference[6, 6] == 0
    with pytest.raises(ValueError, match="needs a source picture"):
        network(images)


def test_attributes_enter_by_projection() -> None:
    torch.manual_seed(0)
    network = ProjectedDiscriminator(targets=3, width=8).eval()
    images = draw(2, 3, 32, 32)
    none, some = torch.zeros(2, 3), torch.ones(2, 3)
    assert not torch.equal(network(images, none), network(images, some))
    doubled = network(images, 2 * some) - network(images, none)
    torch.testing.assert_close(doubled, 2 * (network(images, some) - network(images, none)), atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="needs a vector of attributes"):
        network(images)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ProjectedDiscriminator(width=0)


def test_judging_the_maps_of_a_picture_is_judging_the_picture() -> None:
    torch.manual_seed(0)
    network = ProjectedDiscriminator(width=8).eval()
    images = draw(2, 3, 32, 32)
    found = network.pretrained_maps(images)
    assert [tuple(maps.shape[1:]) for maps in found] == [(24, 16, 16), (40, 8, 8), (112, 4, 4)]
    assert torch.equal(network.judge(found), network(images))
