"""Latents from a prior, the ways between them, and what a picture is told beside its latent."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.methods import Latent, Method, Shape
from edgan.models.noise import draw_noise


def draw_latents(latent: Latent, count: int, seed: int) -> Tensor:
    """(count, Z) from the latent's prior; equal seeds give equal latents."""
    shape = (count, latent.size)
    if latent.prior == "normal":
        return draw_noise((seed, 0, "sample"), "normal", shape)
    return 2.0 * draw_noise((seed, 0, "sample"), "uniform", shape) - 1.0


def draw_conditions(method: Method, shape: Shape, count: int, seed: int) -> dict[str, Tensor]:
    """The fields that a method is told beside a latent, drawn as often as the training images had them.

    Args:
        method: any; most are told nothing.
        shape: of the data that it was trained on.
        count: how many.
        seed: equal seeds give equal fields.

    Returns:
        "attributes" (count, A) of 0 and 1, each drawn by itself; "label" (count,). Empty where the method is told
        nothing, or where nobody knows how often.
    """
    often = torch.tensor(shape.frequencies)
    found: dict[str, Tensor] = {}
    if "attributes" in method.conditioning and len(often) == len(shape.attributes):
        found["attributes"] = (draw_noise((seed, 0, "attributes"), "uniform", (count, len(often))) < often).float()
    if "label" in method.conditioning and len(often) == len(shape.classes):
        at = draw_noise((seed, 0, "label"), "uniform", (count,))
        found["label"] = torch.bucketize(at, often.cumsum(0)[:-1], right=True)
    return found


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
