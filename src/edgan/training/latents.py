"""Latents from a prior, and the ways between them."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.methods import Latent
from edgan.training.feed import draw_noise


def draw_latents(latent: Latent, count: int, seed: int) -> Tensor:
    """(count, Z) from the latent's prior; equal seeds give equal latents."""
    shape = (count, latent.size)
    if latent.prior == "normal":
        return draw_noise((seed, 0, "sample"), "normal", shape)
    return 2.0 * draw_noise((seed, 0, "sample"), "uniform", shape) - 1.0


def between_latents(latent: Latent, first: Tensor, last: Tensor, steps: int) -> Tensor:
    """Latents on the ways from some to others, ends included.

    Along a line where the prior is uniform on a cube; along an arc where it is normal, since the middle of a line lies
    nearer to the origin than draws do (White 2016, "Sampling generative networks").

    Args:
        latent: whose prior.
        first, last: (N, Z).
        steps: at least 2.

    Returns:
        (N, steps, Z).
    """
    share = torch.linspace(0.0, 1.0, steps).to(first)[None, :, None]
    a, b = first[:, None], last[:, None]
    if latent.prior != "normal":
        return (1.0 - share) * a + share * b
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=2)[..., None].clamp(-1.0, 1.0)
    angle = torch.acos(cosine).clamp_min(1e-6)
    return (torch.sin((1.0 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)
