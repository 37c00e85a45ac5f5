"""DiffAugment changes colour, place and a square; equal draws give equal changes; gradients pass."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.nets.diff_augment import (
    DRAWS,
    change_colours,
    cut_out,
    diff_augment,
    diff_augment_colours_and_shift,
    diff_augment_shift,
    shift,
)

AS_IT_IS = torch.tensor([[0.5, 0.5, 0.5, 0.5, 0.5, 5.0, 5.0]])
"""No brightness, factors of 1, no shift, the cutout far outside."""


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_neutral_draws_change_nothing() -> None:
    images = draw(3, 3, 16, 16)
    torch.testing.assert_close(diff_augment(images, AS_IT_IS.expand(3, -1)), images)


def test_brightness_is_added_and_contrast_keeps_the_mean() -> None:
    images = draw(1, 3, 16, 16)
    brighter, flatter = AS_IT_IS.clone(), AS_IT_IS.clone()
    brighter[:, 0], flatter[:, 2] = 0.75, 0.0
    torch.testing.assert_close(diff_augment(images, brighter), images + 0.25)
    flat = diff_augment(images, flatter)
    torch.testing.assert_close(flat.mean(), images.mean())
    torch.testing.assert_close(flat.std() / images.std(), torch.tensor(0.5))


def test_no_saturation_is_grey() -> None:
    grey = AS_IT_IS.clone()
    grey[:, 1] = 0.0
    changed = diff_augment(draw(1, 3, 8, 8), grey)
    torch.testing.assert_close(changed[:, 0], changed[:, 2])


def test_a_shift_moves_whole_pixels_and_fills_with_zero() -> None:
    images = draw(2, 1, 16, 16)
    moved = shift(images, torch.tensor([1.0, 0.5]), torch.tensor([0.5, 0.0]))
    torch.testing.assert_close(moved[0, :, :14], images[0, :, 2:])
    assert not moved[0, :, 14:].any()
    torch.testing.assert_close(moved[1, :, :, 2:], images[1, :, :, :14])
    assert not moved[1, :, :, :2].any()


def test_the_cutout_is_half_as_wide_as_the_picture() -> None:
    holes = cut_out(torch.ones(2, 1, 16, 16), torch.tensor([0.5, 0.0]), torch.tensor([0.5, 0.0])) == 0
    assert holes[0].sum() == 8 * 8
    assert holes[0, 0, 4:12, 4:12].all()
    assert holes[1].sum() == 4 * 4


def test_without_the_cutout_no_square_is_missing() -> None:
    images, draws = draw(4, 3, 16, 16), torch.rand(4, DRAWS, generator=torch.Generator().manual_seed(1))
    moved = shift(images, draws[:, 3], draws[:, 4])
    assert torch.equal(diff_augment_shift(images, draws), moved)
    assert not torch.equal(diff_augment_colours_and_shift(images, draws), moved)
    changed = change_colours(images, draws)
    assert torch.equal(diff_augment_colours_and_shift(images, draws), shift(changed, draws[:, 3], draws[:, 4]))


def test_gradients_pass_and_vanish_in_the_hole() -> None:
    images = draw(1, 1, 16, 16).requires_grad_()
    draws = AS_IT_IS.clone()
    draws[:, 5:] = 0.5
    (gradient,) = torch.autograd.grad(diff_augment(images, draws).sum(), images)
    assert gradient.abs().sum() > 0
    pictures = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    draws = torch.rand(4, DRAWS, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(diff_augment(pictures, draws)[2:], diff_augment(pictures[2:], draws[2:]))
