"""The Gaussian posterior of a variational encoder."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.routing import Tap


def posterior_taps(size: int) -> tuple[Tap, ...]:
    """From the image to a draw z of its posterior, by a network "encoder" that gives mean and log variance."""
    return (
        Tap("posterior", ("image",), network="encoder"),
        Tap("mean", ("posterior",), function=posterior_mean),
        Tap("log_variance", ("posterior",), function=posterior_log_variance),
        Tap("epsilon", noise=("normal", (size,))),
        Tap("z", ("mean", "log_variance", "epsilon"), function=reparameterise),
    )


def posterior_mean(posterior: Tensor) -> Tensor:
    """(N, 2 Z) -> (N, Z), the mean."""
    return posterior.chunk(2, dim=1)[0]


def posterior_log_variance(posterior: Tensor) -> Tensor:
    """(N, 2 Z) -> (N, Z), the log variance, held within [-10, 10]."""
    return posterior.chunk(2, dim=1)[1].clamp(-10.0, 10.0)


def reparameterise(mean: Tensor, log_variance: Tensor, epsilon: Tensor) -> Tensor:
    """z = mean + sigma * epsilon (Kingma and Welling 2014, Section 2.4)."""
    return mean + torch.exp(0.5 * log_variance) * epsilon
