"""Optimising latents so that their images come as close as possible to given ones.

Generative Visual Manipulation on the Natural Image Manifold (Zhu et al.; ECCV 2016), Eq. 3 and the released code: from
a start that a network predicts, L-BFGS minimises the mean squared pixel difference plus .002 times that of features,
with z = tanh(u) where the prior is U(-1, 1). They optimise one image at a time; here all images of a batch are
optimised together, each with its own line search. Adam and damped Gauss-Newton, as alternatives to L-BFGS, are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from edgan.errors import EdganError, UsageError, near_miss
from edgan.inversion.gauss_newton import solve
from edgan.inversion.lbfgs import minimise
from edgan.losses import l2
from edgan.routing import descend

EDGE = 0.999
"""A start at -1 or 1 would have an infinite arctanh."""

OPTIMISERS = ("lbfgs", "adam", "gauss-newton")

Draw = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Fit:
    """Latents fitted to images.

    Attributes:
        z: (N, Z).
        loss: (N,) the objective at z.
        steps: (N,) int64, steps taken.
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
    """Fit latents to images, starting from given ones.

    Args:
        images: (N, C, H, W) in [-1, 1].
        generator: z (n, Z) to images (n, C, H, W), differentiable, each sample on its own: a network in evaluation
            mode.
        start: (N, Z).
        features: images to features (n, ...); None leaves the feature loss out.
        feature_weight: weight of the mean squared difference of features, relative to that of pixels.
        bounded: keep z in (-1, 1) by z = tanh(u). An image whose start cannot be bettered keeps it, wherever that lies.
        steps: for each image, at most.
        tolerance: L-BFGS stops when a step gains less; 0 takes all steps.
        optimiser: "lbfgs", "adam" or "gauss-newton"; a Gauss-Newton step costs about twenty steps of the others.
        lr: learning rate of Adam.
        together: number of images optimised at once.
        progress: called with (images done, N).

    Returns:
        The better of start and end for each image: no loss is above that of the start.

    Raises:
        UsageError: an unknown optimiser.
        EdganError: the loss of an image is not finite at its start.
    """
    if optimiser not in OPTIMISERS:
        raise UsageError(f"cannot be {optimiser!r}. {near_miss(optimiser, OPTIMISERS)}", parameter="optimiser")
    fits = []
    for begin in range(0, len(images), together):
        chunk, chunk_start = images[begin : begin + together], start[begin : begin + together]
        objective = _Objective(chunk, generator, features, feature_weight, bounded)
        free = torch.atanh(chunk_start.clamp(-EDGE, EDGE)) if bounded else chunk_start
        if optimiser == "lbfgs":
            fitted = _by_lbfgs(objective, free, steps, tolerance)
        elif optimiser == "adam":
            fitted = _by_adam(objective, free, steps, lr)
        else:
            fitted = _by_gauss_newton(objective, free, steps)
        fitted = _at_least_as_good(fitted, objective, chunk_start)
        broken = torch.nonzero(~torch.isfinite(fitted.loss))
        if len(broken):
            raise EdganError(
                f"Image {begin + int(broken[0])} cannot be fitted: the loss at its start is not finite. Does the "
                "generator return NaN?"
            )
        fits.append(fitted)
        progress(min(begin + together, len(images)), len(images))
    joined = (torch.cat([getattr(fitted, name) for fitted in fits]) for name in ("z", "loss", "steps"))
    return Fit(*joined)


def at_bound(z: Tensor) -> Tensor:
    """Which latents (N, Z) have an entry at the bound of U(-1, 1), .999 or more in size: (N,) bool."""
    return (z.abs() >= EDGE).any(1)


def bound_warning(count: int, total: int) -> str:
    """What to say of `count` latents at the bound, of `total`."""
    return (
        f"{count} of {total} latents have an entry at the bound of the prior (0.999 or more in size): the generator "
        "cannot come nearer to these images within its prior."
    )


class _Objective:
    """The loss of each image of a chunk, as a function of u."""

    def __init__(self, images: Tensor, generator: Draw, features: Draw | None, weight: float, bounded: bool) -> None:
        self.images, self.generator, self.weight, self.bounded = images, generator, weight, bounded
        self.features = features if weight else None
        with torch.no_grad():
            self.target_features = None if self.features is None else self.features(images)

    def latent(self, free: Tensor) -> Tensor:
        """z in the images' precision."""
        z = free.to(self.images)
        return torch.tanh(z) if self.bounded else z

    def losses(self, free: Tensor, rows: Tensor) -> Tensor:
        """(n,), of the images `rows`."""
        return self.losses_of(self.latent(free), rows)

    def losses_of(self, z: Tensor, rows: Tensor) -> Tensor:
        """(n,), of the images `rows` at latents instead of free variables."""
        drawn = self.generator(z)
        loss = l2(drawn, self.images[rows])
        if self.features is not None and self.target_features is not None:
            loss = loss + self.weight * l2(self.features(drawn), self.target_features[rows])
        return loss

    def residuals(self, free: Tensor) -> Tensor:
        """(n, R), whose sum of squares is the loss of each image of the chunk."""
        drawn = self.generator(self.latent(free))
        residuals = [_root_mean(drawn - self.images)]
        if self.features is not None and self.target_features is not None:
            residuals.append(self.weight**0.5 * _root_mean(self.features(drawn) - self.target_features))
        return torch.cat(residuals, 1)

    def __call__(self, free: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            point = free.detach().to(self.images).requires_grad_()
            losses = self.losses(point, rows)
            (gradient,) = torch.autograd.grad(losses.sum(), point)
        return losses.detach(), gradient


def _root_mean(differences: Tensor) -> Tensor:
    """Differences (n, ...) to (n, R), scaled so that the sum of their squares is the mean square of the differences."""
    flat = differences.flatten(1)
    return flat / flat.shape[1] ** 0.5


def _at_least_as_good(fitted: Fit, objective: _Objective, start: Tensor) -> Fit:
    """The fit, with the start in place of a result that is worse: a start near the bound was moved away from it."""
    start = start.to(objective.images)
    with torch.no_grad():
        before = objective.losses_of(start, torch.arange(len(start), device=start.device))
    kept = before < fitted.loss
    return Fit(
        torch.where(kept[:, None], start, fitted.z),
        torch.where(kept, before, fitted.loss),
        torch.where(kept, 0, fitted.steps),
    )


def _by_gauss_newton(objective: _Objective, free: Tensor, steps: int) -> Fit:
    solution = solve(objective.residuals, free, steps=steps)
    return Fit(objective.latent(solution.point).detach(), solution.value, solution.steps)


def _by_lbfgs(objective: _Objective, free: Tensor, steps: int, tolerance: float) -> Fit:
    minimum = minimise(objective, free, steps=steps, tolerance=tolerance)
    return Fit(objective.latent(minimum.point).detach(), minimum.value.to(objective.images), minimum.steps)


def _by_adam(objective: _Objective, free: Tensor, steps: int, lr: float) -> Fit:
    """Adam updates each entry on its own, so the images stay independent of each other."""
    point = free.detach().clone().requires_grad_()
    rows = torch.arange(len(free), device=free.device)
    adam = torch.optim.Adam([point], lr)
    for _ in range(steps):
        with torch.enable_grad():
            descend(objective.losses(point, rows).sum(), [point], adam)
    with torch.no_grad():
        loss = objective.losses(point, rows)
    return Fit(objective.latent(point).detach(), loss, torch.full_like(rows, steps))
