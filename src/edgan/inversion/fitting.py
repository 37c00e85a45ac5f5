"""Optimisation of latents: the ones whose images come nearest to given images.

Generative Visual Manipulation on the Natural Image Manifold (Zhu et al.; ECCV 2016), Eq. 3 and the released code: from
a start that a network predicts, L-BFGS minimises the mean squared pixel difference plus .002 times that of features,
with z = tanh(u) where the prior is U(-1, 1). There one image is optimised at a time; here all images of a batch are,
each with a line search of its own. Beyond the paper: Adam, and damped Gauss-Newton, in their place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from edgan.errors import EdganError
from edgan.inversion.gauss_newton import solve
from edgan.inversion.lbfgs import minimise
from edgan.losses import l2
from edgan.routing import descend

EDGE = 0.999
"""A start at -1 or 1 would have an infinite arctanh."""

Draw = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Fit:
    """Latents that were fitted to images.

    Attributes:
        z: (N, Z).
        loss: (N,) the objective at z.
        steps: (N,) int64.
    """

    z: Tensor
    loss: Tensor
    steps: Tensor


def fit(
    images: Tensor,
    generator: Draw,
    start: Tensor,
    *,
    features: Draw | None = None,
    feature_weight: float = 0.002,
    bounded: bool = True,
    steps: int = 200,
    tolerance: float = 1e-6,
    optimiser: Literal["lbfgs", "adam", "gauss-newton"] = "lbfgs",
    lr: float = 0.05,
    together: int = 64,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Fit:
    """Fit latents to images, from given starts.

    Args:
        images: (N, C, H, W) in [-1, 1].
        generator: z (n, Z) -> images (n, C, H, W), differentiable; sample by sample, as a network in evaluation mode.
        start: (N, Z).
        features: images -> features (n, ...); None leaves the feature loss out.
        feature_weight: of the features' mean squared difference, beside that of the pixels.
        bounded: z = tanh(u): it stays in (-1, 1).
        steps: at most so many a picture.
        tolerance: L-BFGS ends where a step gains less; 0 takes all steps.
        optimiser: "lbfgs"; "adam"; "gauss-newton", a step of which costs about as much as twenty of the others'.
        lr: Adam's.
        together: images optimised at once.
        progress: called with (images done, N).

    Raises:
        EdganError: the loss of an image is not finite at its start.
    """
    parts = []
    for begin in range(0, len(images), together):
        chunk, here = images[begin : begin + together], start[begin : begin + together]
        objective = _Objective(chunk, generator, features, feature_weight, bounded)
        free = torch.atanh(here.clamp(-EDGE, EDGE)) if bounded else here
        if optimiser == "lbfgs":
            found = _by_lbfgs(objective, free, steps, tolerance)
        elif optimiser == "adam":
            found = _by_adam(objective, free, steps, lr)
        else:
            found = _by_gauss_newton(objective, free, steps)
        broken = torch.nonzero(~torch.isfinite(found.loss))
        if len(broken):
            raise EdganError(
                f"Image {begin + int(broken[0])} cannot be fitted: the loss at its start is not finite. Does the "
                "generator return NaN?"
            )
        parts.append(found)
        progress(min(begin + together, len(images)), len(images))
    joined = (torch.cat([getattr(part, name) for part in parts]) for name in ("z", "loss", "steps"))
    return Fit(*joined)


class _Objective:
    """The loss of each image of a chunk, as a function of u."""

    def __init__(self, images: Tensor, generator: Draw, features: Draw | None, weight: float, bounded: bool) -> None:
        self.images, self.generator, self.weight, self.bounded = images, generator, weight, bounded
        self.features = features if weight else None
        with torch.no_grad():
            self.wanted = None if self.features is None else self.features(images)

    def latent(self, free: Tensor) -> Tensor:
        """z in the images' precision."""
        z = free.to(self.images)
        return torch.tanh(z) if self.bounded else z

    def losses(self, free: Tensor, rows: Tensor) -> Tensor:
        """(n,), of the images `rows`."""
        drawn = self.generator(self.latent(free))
        loss = l2(drawn, self.images[rows])
        if self.features is not None and self.wanted is not None:
            loss = loss + self.weight * l2(self.features(drawn), self.wanted[rows])
        return loss

    def residuals(self, free: Tensor) -> Tensor:
        """(n, R), whose sum of squares is the loss of each image of the chunk."""
        drawn = self.generator(self.latent(free))
        apart = [_root_mean(drawn - self.images)]
        if self.features is not None and self.wanted is not None:
            apart.append(self.weight**0.5 * _root_mean(self.features(drawn) - self.wanted))
        return torch.cat(apart, 1)

    def __call__(self, free: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            point = free.detach().to(self.images).requires_grad_()
            losses = self.losses(point, rows)
            (gradient,) = torch.autograd.grad(losses.sum(), point)
        return losses.detach(), gradient


def _root_mean(apart: Tensor) -> Tensor:
    """Differences (n, ...) as (n, R), so that the sum of their squares is the mean of the differences'."""
    flat = apart.flatten(1)
    return flat / flat.shape[1] ** 0.5


def _by_gauss_newton(objective: _Objective, free: Tensor, steps: int) -> Fit:
    found = solve(objective.residuals, free, steps=steps)
    return Fit(objective.latent(found.point).detach(), found.value, found.steps)


def _by_lbfgs(objective: _Objective, free: Tensor, steps: int, tolerance: float) -> Fit:
    found = minimise(objective, free, steps=steps, tolerance=tolerance)
    return Fit(objective.latent(found.point).detach(), found.value.to(objective.images), found.steps)


def _by_adam(objective: _Objective, free: Tensor, steps: int, lr: float) -> Fit:
    """Adam works entry by entry, so the images stay independent of each other."""
    point = free.detach().clone().requires_grad_()
    rows = torch.arange(len(free), device=free.device)
    adam = torch.optim.Adam([point], lr)
    for _ in range(steps):
        with torch.enable_grad():
            descend(objective.losses(point, rows).sum(), [point], adam)
    with torch.no_grad():
        loss = objective.losses(point, rows)
    return Fit(objective.latent(point).detach(), loss, torch.full_like(rows, steps))
