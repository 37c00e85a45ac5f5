"""Inversion of any generator that a person brings: `connect` learns the way back, `invert` walks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.inversion.fitting import Draw, fit
from edgan.losses import l2
from edgan.nets.features import ConnectionNetwork, as_vector
from edgan.routing import descend

Prior = Literal["uniform", "normal"]


class Inversion(NamedTuple):
    """Latents (N, Z) and the images (N, C, H, W) that the generator draws from them."""

    latents: Tensor
    images: Tensor


def draw_prior(prior: Prior, count: int, latent: int, random: torch.Generator) -> Tensor:
    """(count, latent) from U(-1, 1) or N(0, 1)."""
    if prior == "normal":
        return torch.randn(count, latent, generator=random)
    return 2.0 * torch.rand(count, latent, generator=random) - 1.0


def connect(
    generator: Draw,
    features: Draw,
    *,
    latent: int,
    prior: Prior = "uniform",
    steps: int = 2000,
    batch: int = 128,
    lr: float = 1e-3,
    hidden: int = 1024,
    seed: int = 0,
    device: str | torch.device = "cpu",
    watch: Callable[[int, float], None] = lambda _step, _loss: None,
) -> ConnectionNetwork:
    """Learn a connection network for a GAN that a person brings (Paper 3, Section 3). No images are needed.

    Both callables are used as they are and nothing of them is changed: put networks into evaluation mode first.

    Args:
        generator: z (n, latent) -> images (n, C, H, W).
        features: images -> features (n, ...): the discriminator's last ones, as a rule.
        latent: length of z.
        prior: of z: U(-1, 1) or N(0, 1).
        steps, batch, lr: of Adam, with betas (0.9, 0.999).
        hidden: width of its two layers; 1024 in the paper.
        seed: of weights and latents.
        device: where it computes.
        watch: called with (steps done, mean squared error of z).

    Returns:
        The network, in evaluation mode: features -> z.

    Raises:
        UsageError: what was brought gives no finite numbers, or no images and features of the latents it is given.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    z = draw_prior(prior, 2, latent, random).to(device)
    width = as_vector(_looked(features, _drawn(generator, z))).shape[1]
    network = ConnectionNetwork(width, latent, hidden).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr)
    for step in range(steps):
        z = draw_prior(prior, batch, latent, random).to(device)
        with torch.no_grad():
            seen = features(generator(z))
        loss = l2(network(seen), z).mean()
        if not torch.isfinite(loss):
            raise UsageError(f"At step {step} the generator or the features brought gave numbers that are not finite.")
        descend(loss, list(network.parameters()), optimiser)
        watch(step + 1, float(loss.detach()))
    return network.eval()


def invert(
    images: Tensor,
    generator: Draw,
    *,
    features: Draw | None = None,
    connection: Draw | None = None,
    start: Tensor | None = None,
    latent: int | None = None,
    prior: Prior = "uniform",
    optimise: bool = True,
    feature_weight: float = 0.002,
    steps: int = 200,
    together: int = 64,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Inversion:
    """The latents of images, for any generator that a person brings.

    Args:
        images: (N, C, H, W), on the generator's scale.
        generator: z (n, Z) -> images (n, C, H, W); sample by sample: networks in evaluation mode.
        features: images -> features (n, ...); the connection network reads them, and the optimisation compares them.
        connection: features -> z, as `connect` gives it.
        start: (N, Z), latents to start from in place of the connection network's.
        latent: length of z, where neither a connection network nor a start gives it: the prior's mean is the start.
        prior: "uniform" keeps z in (-1, 1) by z = tanh(u); "normal" leaves it free.
        optimise: refine the start by L-BFGS on pixels and features; False takes it as it is.
        feature_weight: of the features' mean squared difference.
        steps: of L-BFGS, at most.
        together: images optimised at once.
        progress: called with (images done, N).

    Raises:
        UsageError: what was brought does not fit together, is not differentiable, or gives NaN.
    """
    with torch.no_grad():
        first = _start(images, features, connection, start, latent)
    drawn = _drawn(generator, first[:1])
    if drawn.shape[1:] != images.shape[1:]:
        raise UsageError(
            f"The generator draws images of shape {_shape(drawn)}, and the images to invert are {_shape(images)}."
        )
    if optimise:
        _check_differentiable(generator, first[:2])
        first = fit(
            images,
            generator,
            first,
            features=features,
            feature_weight=feature_weight,
            bounded=prior == "uniform",
            steps=steps,
            together=together,
            progress=progress,
        ).z
    with torch.no_grad():
        made = torch.cat([generator(part) for part in first.split(together)])
    return Inversion(first, made)


def _start(
    images: Tensor, features: Draw | None, connection: Draw | None, start: Tensor | None, latent: int | None
) -> Tensor:
    if start is not None:
        if start.dim() != 2 or len(start) != len(images) or (latent is not None and start.shape[1] != latent):
            wanted = f"({len(images)}, {latent or 'Z'})"
            raise UsageError(f"A start holds one latent for each image, {wanted}; this one is {tuple(start.shape)}.")
        return start.to(images)
    if connection is not None:
        if features is None:
            raise UsageError("A connection network reads features: give features=, images -> features, as well.")
        return connection(_looked(features, images))
    if latent is None:
        raise UsageError("There is nothing to start from: give connection= with features=, or start=, or latent=.")
    return images.new_zeros(len(images), latent)


def _drawn(generator: Draw, z: Tensor) -> Tensor:
    """The generator's images of a few latents, or what is wrong with them."""
    with torch.no_grad():
        try:
            images = generator(z)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"The generator cannot draw from latents of shape {tuple(z.shape)}: {reason}") from None
    if not isinstance(images, Tensor) or images.dim() != 4 or len(images) != len(z):
        found = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise UsageError(f"The generator should map z (n, Z) to images (n, C, H, W); {tuple(z.shape)} gave {found}.")
    if not torch.isfinite(images).all():
        raise UsageError("The generator brought returns NaN or infinite pixels, so there is nothing to invert.")
    return images


def _looked(features: Draw, images: Tensor) -> Tensor:
    found = features(images)
    if not isinstance(found, Tensor) or found.dim() < 2 or len(found) != len(images):
        what = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise UsageError(f"Features should be (n, ...) for n images; {tuple(images.shape)} gave {what}.")
    if not torch.isfinite(found).all():
        raise UsageError("The features brought are not finite for these images.")
    return found


def _check_differentiable(generator: Draw, z: Tensor) -> None:
    with torch.enable_grad():
        point = z.detach().clone().requires_grad_()
        images = generator(point)
        if not images.requires_grad:
            raise UsageError(
                "The generator brought is not differentiable: no gradient leads from its images to z. Does it detach, "
                "or compute under no_grad? Use optimise=False to take the start as it is."
            )
        (gradient,) = torch.autograd.grad(images.sum(), point, allow_unused=True)
    if gradient is None:
        raise UsageError("The generator brought does not use z: no gradient leads from its images to it.")


def _shape(images: Tensor) -> str:
    return "x".join(map(str, images.shape[1:]))
