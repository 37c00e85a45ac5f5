"""Penalties on the gradient of the discriminator with respect to its input. They need double backward."""

from __future__ import annotations

import torch
from torch import Tensor


def _input_gradient(points: Tensor, logits: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(logits.float().sum(), points, create_graph=True)
    return gradient.flatten(1)


def r1_penalty(points: Tensor, logits: Tensor) -> Tensor:
    """R1: half the squared norm of the discriminator's gradient at real images.

    Args:
        points: (N, C, H, W), requiring a gradient; the logits were computed from them.
        logits: (N, ...).

    Returns:
        (N,). Source: Mescheder et al. 2018, Eq. 9.
    """
    return 0.5 * _input_gradient(points, logits).square().sum(1)


def wgan_gp_penalty(points: Tensor, logits: Tensor) -> Tensor:
    """WGAN-GP: (||gradient|| - 1)^2 at points between real and fake images (`interpolate`).

    Args:
        points: (N, C, H, W), requiring a gradient; the logits were computed from them.
        logits: (N, ...).

    Returns:
        (N,). Source: Gulrajani et al. 2017, Eq. 3.
    """
    return (_input_gradient(points, logits).norm(dim=1) - 1.0).square()


def interpolate(real: Tensor, fake: Tensor, position: Tensor) -> Tensor:
    """Points between real and fake images, as WGAN-GP samples them.

    Args:
        real: (N, C, H, W).
        fake: (N, C, H, W).
        position: (N, 1, 1, 1) in [0, 1]; 1 gives the real image, 0 the fake one.

    Returns:
        (N, C, H, W). Source: Gulrajani et al. 2017, Algorithm 1.
    """
    return position * real + (1.0 - position) * fake
