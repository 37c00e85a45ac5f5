"""Differentiable augmentation of what a discriminator sees: DiffAugment (Zhao, Liu, Lin, Zhu, Han; NeurIPS 2020)."""

from __future__ import annotations

import torch
from torch import Tensor

DRAWS = 7
"""Uniform numbers for each picture: brightness, saturation, contrast, shift (2), place of the cutout (2)."""
SHIFT = 1 / 8
"""Largest shift, as a share of the side."""
CUTOUT = 1 / 2
"""Side of the square that is cut out, as a share of the side."""


def diff_augment(images: Tensor, draws: Tensor) -> Tensor:
    """Colour, translation and cutout, differentiable in the images.

    Args:
        images: (N, C, H, W) in [-1, 1].
        draws: (N, 7), uniform in [0, 1]; equal draws give equal changes.

    Returns:
        (N, C, H, W). What is shifted in or cut out is 0. Source: Zhao et al. 2020, policy "color,translation,cutout".
    """
    return diff_augment_places(change_colours(images, draws), draws)


def diff_augment_places(images: Tensor, draws: Tensor) -> Tensor:
    """Translation and cutout: `diff_augment` without changes of colour.

    A generator that adds to a picture may tint it unpunished where the discriminator sees changed colours.
    """
    moved = shift(images, draws[:, 3], draws[:, 4])
    return cut_out(moved, draws[:, 5], draws[:, 6])


def diff_augment_shift(images: Tensor, draws: Tensor) -> Tensor:
    """Translation alone: nothing of the picture that a discriminator must judge is hidden."""
    return shift(images, draws[:, 3], draws[:, 4])


def diff_augment_colours_and_shift(images: Tensor, draws: Tensor) -> Tensor:
    """Colour and translation: `diff_augment` without the cutout."""
    return diff_augment_shift(change_colours(images, draws), draws)


def change_colours(images: Tensor, draws: Tensor) -> Tensor:
    """Brightness by up to .5, saturation by 0 to 2, contrast by .5 to 1.5.

    Args:
        images: (N, C, H, W) in [-1, 1].
        draws: (N, 7) or more entries a picture, of which the first three count.
    """
    brightness, saturation, contrast = (draws[:, k, None, None, None] for k in range(3))
    x = images + (brightness - 0.5)
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * (2.0 * saturation) + grey
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (contrast + 0.5) + mean


def shift(images: Tensor, vertical: Tensor, horizontal: Tensor) -> Tensor:
    """Moves each picture by up to an eighth of its sides, by whole pixels; what is moved in is 0.

    Args:
        images: (N, C, H, W).
        vertical, horizontal: (N,) in [0, 1]; .5 does not move.
    """
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device) + _pixels(vertical, height)[:, None]
    columns = torch.arange(width, device=images.device) + _pixels(horizontal, width)[:, None]
    inside = _within(rows, height)[:, None, :, None] & _within(columns, width)[:, None, None, :]
    batch = torch.arange(len(images), device=images.device)[:, None, None]
    places = rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None]
    moved = images.permute(0, 2, 3, 1)[batch, places[0], places[1]]
    return moved.permute(0, 3, 1, 2) * inside


def cut_out(images: Tensor, vertical: Tensor, horizontal: Tensor) -> Tensor:
    """Sets a square of half the side to 0, anywhere in each picture and partly outside.

    Args:
        images: (N, C, H, W).
        vertical, horizontal: (N,) in [0, 1], the place of its centre.
    """
    height, width = images.shape[-2:]
    rows = (torch.arange(height, device=images.device) + 0.5) / height - vertical[:, None]
    columns = (torch.arange(width, device=images.device) + 0.5) / width - horizontal[:, None]
    hole = (rows.abs() < CUTOUT / 2)[:, None, :, None] & (columns.abs() < CUTOUT / 2)[:, None, None, :]
    return images * ~hole


def _pixels(place: Tensor, side: int) -> Tensor:
    return ((2.0 * place - 1.0) * SHIFT * side).round().long()


def _within(places: Tensor, side: int) -> Tensor:
    return (places >= 0) & (places < side)
