"""Reconstruction, adversarial and divergence losses against their definitions."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, distributions

from edgan.losses import (
    balanced_multilabel,
    critic_loss,
    critic_score,
    discrimination,
    fake_nll,
    hinge_discrimination,
    kl_to_standard_normal,
    l1,
    l2,
    least_squares,
    least_squares_discrimination,
    minimax,
    multiclass,
    multilabel,
    non_saturating,
    real_nll,
)


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


SHAPES = [(4,), (4, 1), (4, 1, 3, 3)]


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (4, 7)])
def test_distances_are_means_over_a_sample(shape: tuple[int, ...]) -> None:
    first, second = draw(0, *shape), draw(1, *shape)
    for index in range(4):
        assert l1(first, second)[index].item() == pytest.approx(
            F.l1_loss(first[index], second[index]).item(), rel=1e-12
        )
        assert l2(first, second)[index].item() == pytest.approx(
            F.mse_loss(first[index], second[index]).item(), rel=1e-12
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_discriminators_side_is_cross_entropy_with_real_as_one(shape: tuple[int, ...]) -> None:
    real, fake = draw(0, *shape), draw(1, *shape)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    assert discrimination(real, fake).shape == (4,)
    torch.testing.assert_close(discrimination(real, fake).mean(), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_generators_sides_are_the_two_of_the_original_game(shape: tuple[int, ...]) -> None:
    fake = draw(0, *shape)
    d = fake.sigmoid()
    assert non_saturating(fake).shape == minimax(fake).shape == (4,)
    torch.testing.assert_close(non_saturating(fake).mean(), -d.log().mean())
    torch.testing.assert_close(minimax(fake).mean(), (1 - d).log().mean())


def test_both_generators_sides_fall_when_the_fake_looks_more_real() -> None:
    logits = torch.linspace(-5, 5, 11, dtype=torch.float64)
    assert (non_saturating(logits).diff() < 0).all()
    assert (minimax(logits).diff() < 0).all()


def test_only_the_minimax_side_saturates_where_the_discriminator_wins() -> None:
    logit = torch.tensor([-20.0], dtype=torch.float64, requires_grad=True)
    (steep,) = torch.autograd.grad(non_saturating(logit).sum(), logit)
    (level,) = torch.autograd.grad(minimax(logit).sum(), logit)
    assert steep.item() == pytest.approx(-1, abs=1e-8)
    assert abs(level.item()) < 1e-8


def test_far_logits_do_not_overflow() -> None:
    far = torch.tensor([-1e4, 1e4])
    assert torch.isfinite(torch.stack([non_saturating(far), minimax(far), discrimination(far, -far)])).all()


def test_the_divergence_is_that_of_torch_distributions() -> None:
    mean, log_variance = draw(0, 4, 6), draw(1, 4, 6)
    posterior = distributions.Normal(mean, (0.5 * log_variance).exp())
    prior = distributions.Normal(torch.zeros(6, dtype=torch.float64), torch.ones(6, dtype=torch.float64))
    expected = distributions.kl_divergence(posterior, prior).sum(1)
    torch.testing.assert_close(kl_to_standard_normal(mean, log_variance), expected)


def test_the_divergence_is_zero_for_the_prior_itself() -> None:
    assert kl_to_standard_normal(torch.zeros(2, 3), torch.zeros(2, 3)).tolist() == [0, 0]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_floor_bounds_the_game_as_the_released_code_of_cdnet_does(shape: tuple[int, ...]) -> None:
    logits = draw(0, *shape)
    d = logits.sigmoid()
    torch.testing.assert_close(real_nll(logits, 1e-3).mean(), -(d + 1e-3).log().mean())
    torch.testing.assert_close(fake_nll(logits, 1e-3).mean(), -(1 - d + 1e-3).log().mean())
    torch.testing.assert_close(minimax(logits, 1e-3).mean(), (1 - d + 1e-3).log().mean())
    assert real_nll(logits, 1e-3).shape == (4,)


def test_without_a_floor_the_surprise_at_real_and_fake_is_the_discriminators_loss() -> None:
    real, fake = draw(0, 4), draw(1, 4)
    torch.testing.assert_close(real_nll(real) + fake_nll(fake), discrimination(real, fake))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_critics_judgement_is_linear(shape: tuple[int, ...]) -> None:
    logits = draw(0, *shape)
    torch.testing.assert_close(critic_score(logits), -logits.reshape(4, -1).mean(1))


def test_classification_is_torchs_cross_entropy_of_each_sample() -> None:
    logits, attributes, label = draw(0, 4, 6), draw(1, 4, 6).sigmoid(), torch.tensor([0, 5, 2, 2])
    for index in range(4):
        expected = F.binary_cross_entropy(logits[index].sigmoid(), attributes[index])
        assert multilabel(logits, attributes)[index].item() == pytest.approx(expected.item(), rel=1e-12)
        assert multiclass(logits, label)[index].item() == pytest.approx(-logits[index].log_softmax(0)[label[index]])


def test_a_soft_target_over_classes_is_met_where_the_softmax_equals_it() -> None:
    target = draw(0, 4, 6).softmax(1)
    entropy = -(target * target.log()).sum(1)
    torch.testing.assert_close(multiclass(target.log(), target), entropy)
    assert (multiclass(draw(1, 4, 6), target) > entropy).all()


def test_least_squares_pulls_a_score_to_one_and_parts_real_from_fake() -> None:
    real, fake = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    torch.testing.assert_close(least_squares(torch.tensor([1.0, 3.0])), torch.tensor([0.0, 2.0]))
    torch.testing.assert_close(least_squares_discrimination(real, fake), torch.tensor([0.0, 1.0]))


def test_a_critic_pays_for_fakes_scored_above_real_images() -> None:
    real, fake = torch.tensor([[2.0, 4.0]]), torch.tensor([[1.0, 1.0]])
    torch.testing.assert_close(critic_loss(real, fake), torch.tensor([-2.0]))


def test_a_balanced_loss_weighs_the_rare_as_the_common() -> None:
    target = torch.zeros(400, 2, dtype=torch.float64)
    target[:20, 0] = 1
    target[:200, 1] = 1
    loss = balanced_multilabel(torch.zeros_like(target), target)
    assert loss.shape == (400,)
    rare, common = (balanced_multilabel(torch.zeros(400, 1).double(), target[:, i : i + 1]) for i in (0, 1))
    torch.testing.assert_close(rare + common, loss)
    assert rare[0] > 10 * rare[-1]
    assert float(rare[:20].sum() / rare[20:].sum()) == pytest.approx(20 * 780 / (380 * 60))


def test_a_balanced_loss_is_finite_where_nobody_has_the_attribute() -> None:
    target = torch.zeros(4, 1, dtype=torch.float64)
    assert balanced_multilabel(torch.zeros_like(target), target).isfinite().all()


def test_the_hinge_pays_nothing_beyond_its_margins() -> None:
    real, fake = torch.tensor([[2.0, 1.0], [0.0, -1.0]]), torch.tensor([[-3.0, -1.0], [0.5, -0.5]])
    torch.testing.assert_close(hinge_discrimination(real, fake), torch.tensor([0.0, 1.5 + 1.0]))
