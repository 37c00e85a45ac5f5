"""Latents drawn from a prior, interpolation between latents, and the conditions that are drawn with them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from edgan.methods import Latent, Method, Shape
from edgan.models.noise import draw_noise


def draw_latents(latent: Latent, count: int, seed: int) -> Tensor:
    """Draw latents (count, Z) from their prior; equal seeds give equal latents."""
    shape = (count, latent.size)
    if latent.prior == "normal":
        return draw_noise((seed, 0, "sample"), "normal", shape)
    return 2.0 * draw_noise((seed, 0, "sample"), "uniform", shape) - 1.0


def latents_of_seeds(latent: Latent, seeds: Sequence[int]) -> Tensor:
    """Draw one latent for each seed, (K, Z), as `draw_latents` draws a single one of that seed."""
    return torch.cat([draw_latents(latent, 1, seed) for seed in seeds])


def conditions_of_seeds(method: Method, shape: Shape, seeds: Sequence[int]) -> dict[str, Tensor]:
    """Draw the conditions of one sample for each seed, as `draw_conditions` draws those of a single one."""
    drawn = [draw_conditions(method, shape, 1, seed) for seed in seeds]
    return {name: torch.cat([fields[name] for fields in drawn]) for name in drawn[0]}


def draw_styles(latent: Latent, positions: Sequence[int], seed: int) -> Tensor:
    """Draw the styles of a translator from N(0, 1), (N, Z): one for each position of a folder.

    A style depends on seed and position alone, and not on how positions are divided into batches.
    """
    return torch.stack([draw_noise((seed, position, latent.z), "normal", (latent.size,)) for position in positions])


def draw_conditions(method: Method, shape: Shape, count: int, seed: int) -> dict[str, Tensor]:
    """Draw the fields that a conditional method reads in addition to its latent, as frequent as in the training images.

    Args:
        method: any; most read no fields.
        shape: of the data that it was trained on.
        count: number of samples.
        seed: equal seeds give equal fields.

    Returns:
        "attributes" (count, A) of 0 and 1, drawn independently; "label" (count,). Empty where the method reads none, or
        where their frequencies are unknown.
    """
    frequencies = torch.tensor(shape.frequencies)
    fields: dict[str, Tensor] = {}
    if "attributes" in method.conditioning and len(frequencies) == len(shape.attributes):
        drawn = draw_noise((seed, 0, "attributes"), "uniform", (count, len(frequencies)))
        fields["attributes"] = (drawn < frequencies).float()
    if "label" in method.conditioning and len(frequencies) == len(shape.classes):
        drawn = draw_noise((seed, 0, "label"), "uniform", (count,))
        fields["label"] = torch.bucketize(drawn, frequencies.cumsum(0)[:-1], right=True)
    return fields


def between_latents(latent: Latent, first: Tensor, last: Tensor, steps: int) -> Tensor:
    """Interpolate between latents, ends included.

    Linearly where the prior is uniform on a cube; along an arc where it is normal, since the middle of a line lies
    nearer to the origin than typical draws (White 2016, "Sampling generative networks").

    Args:
        latent: its prior decides between line and arc.
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


def closed_walk(latent: Latent, stops: Tensor, steps: int) -> Tensor:
    """A walk from each latent to the next one, and from the last back to the first.

    Args:
        latent: its prior decides between line and arc, as in `between_latents`.
        stops: (N, Z), N at least 2.
        steps: latents from each stop, which is the first of them, to the next one, which is not among them.

    Returns:
        (N steps, Z).
    """
    return between_latents(latent, stops, stops.roll(-1, 0), steps + 1)[:, :-1].flatten(0, 1)


def truncated(z: Tensor, truncation: float) -> Tensor:
    """Latents moved towards the mean of their prior, which is 0 (StyleGAN's truncation trick, Karras et al. 2019).

    Args:
        z: (N, Z), drawn from the prior.
        truncation: factor on the distance from the mean: 1 keeps the latents; smaller values give more typical images
            and less variety.
    """
    return truncation * z
