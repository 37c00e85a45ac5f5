"""Inverting a generator of your own: `connect` trains a connection network for it, `invert` finds latents of images."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

from edgan.errors import UsageError, near_miss
from edgan.inversion.fitting import Draw, at_bound, bound_warning, fit
from edgan.losses import l2
from edgan.nets.caller_state import evaluation_mode, seeded
from edgan.nets.features import ConnectionNetwork, as_vector
from edgan.routing import descend

Prior = Literal["uniform", "normal"]


class Inversion(NamedTuple):
    """Latents (N, Z), and the images (N, C, H, W) that the generator makes from them."""

    latents: Tensor
    images: Tensor


def draw_prior(prior: Prior, count: int, latent: int, random: torch.Generator) -> Tensor:
    """Draw latents (count, latent) from U(-1, 1) or N(0, 1).

    Raises:
        UsageError: another prior.
    """
    _check_prior(prior)
    if prior == "normal":
        return torch.randn(count, latent, generator=random)
    return 2.0 * torch.rand(count, latent, generator=random) - 1.0


def _check_prior(prior: str) -> None:
    if prior not in get_args(Prior):
        raise UsageError(f"cannot be {prior!r}. {near_miss(prior, get_args(Prior))}", parameter="prior")


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
    """Train a connection network for your own GAN (Paper 3, Section 3). No images are needed.

    Neither callable is changed: the networks behind them (`edgan.nets.caller_state.networks_behind`) are in evaluation
    mode during the call and in their own modes afterwards. The caller's random state is not changed either.

    Args:
        generator: z (n, latent) to images (n, C, H, W).
        features: images to features (n, ...), usually the last ones of the discriminator.
        latent: length of z.
        prior: of z: U(-1, 1) or N(0, 1).
        steps, batch, lr: training steps, latents in a step, and rate of Adam (betas 0.9, 0.999).
        hidden: width of the network's two hidden layers; 1024 in the paper.
        seed: of weights and latents.
        device: where everything is computed.
        watch: called with (steps done, mean squared error of z).

    Returns:
        The network, in evaluation mode: features to z.

    Raises:
        UsageError: steps, latent or hidden is below 1, or batch below 2 (the network normalises over the batch), or lr
            is not above 0, or the prior is another, or a callable returns NaN or something of the wrong shape.
    """
    for name, value, least in (("steps", steps, 1), ("batch", batch, 2), ("latent", latent, 1), ("hidden", hidden, 1)):
        if value < least:
            raise UsageError(f"must be at least {least} (got {value}).", parameter=name)
    if not 0 < lr < math.inf:
        raise UsageError(f"must be above 0 and finite (got {lr}).", parameter="lr")
    _check_prior(prior)
    with evaluation_mode(generator, features):
        random = torch.Generator().manual_seed(seed)
        z = draw_prior(prior, 2, latent, random).to(device)
        with torch.no_grad():
            width = as_vector(_checked_features(features, _checked_images(generator, z))).shape[1]
        with seeded(seed):
            network = ConnectionNetwork(width, latent, hidden).to(device)
        optimiser = torch.optim.Adam(network.parameters(), lr)
        for step in range(steps):
            z = draw_prior(prior, batch, latent, random).to(device)
            with torch.no_grad():
                seen = features(generator(z))
            loss = l2(network(seen), z).mean()
            if not torch.isfinite(loss):
                raise UsageError(f"Your generator or your features returned NaN or infinite numbers at step {step}.")
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
    """Find the latents of images, for any generator of your own.

    The networks behind the callables are in evaluation mode during the call, as in `connect`. A UserWarning tells how
    many latents lie at the bound of a uniform prior.

    Args:
        images: (N, C, H, W), in the value range of the generator's images; N at least 1.
        generator: z (n, Z) to images (n, C, H, W), each sample on its own.
        features: images to features (n, ...); the connection network reads them, and the optimisation compares them.
        connection: features to z, from `connect`.
        start: (N, Z), latents to start from in place of the connection network's prediction.
        latent: length of z, needed if there is neither a connection network nor a start: z starts at the prior's mean.
        prior: "uniform" keeps z in (-1, 1) by z = tanh(u); "normal" leaves it free.
        optimise: refine the start by L-BFGS on pixels and features; False returns it unchanged.
        feature_weight: weight of the mean squared difference of features.
        steps: L-BFGS steps for each image, at most; at least 1.
        together: number of images that go through the networks at once; at least 1.
        progress: called with (images done, N).

    Raises:
        UsageError: the arguments do not fit together, or the generator is not differentiable or returns NaN.
    """
    for name, value in (("steps", steps), ("together", together)):
        if value < 1:
            raise UsageError(f"must be at least 1 (got {value}).", parameter=name)
    _check_prior(prior)
    if not 0 <= feature_weight < math.inf:
        raise UsageError(f"must be at least 0 and finite (got {feature_weight}).", parameter="feature_weight")
    if images.dim() != 4 or not len(images):
        raise UsageError(f"must be (N, C, H, W) with N at least 1 (got {tuple(images.shape)}).", parameter="images")
    with evaluation_mode(generator, features, connection):
        with torch.no_grad():
            z = _start(images, features, connection, start, latent, together)
        drawn = _checked_images(generator, z[:1])
        if drawn.shape[1:] != images.shape[1:]:
            raise UsageError(
                f"Your generator makes images of shape {_shape(drawn)}; the images to invert are {_shape(images)}."
            )
        if optimise:
            _check_differentiable(generator, z[:2])
            z = fit(
                images,
                generator,
                z,
                features=features,
                feature_weight=feature_weight,
                bounded=prior == "uniform",
                steps=steps,
                together=together,
                progress=progress,
            ).z
        with torch.no_grad():
            made = torch.cat([generator(chunk) for chunk in z.split(together)])
    count = int(at_bound(z).sum()) if prior == "uniform" else 0
    if count:
        warnings.warn(bound_warning(count, len(z)), stacklevel=2)
    return Inversion(z, made)


def _start(
    images: Tensor,
    features: Draw | None,
    connection: Draw | None,
    start: Tensor | None,
    latent: int | None,
    together: int,
) -> Tensor:
    """Latents to start from, (N, Z); at most `together` images go through the networks at once."""
    if start is not None:
        if start.dim() != 2 or len(start) != len(images) or (latent is not None and start.shape[1] != latent):
            wanted = f"({len(images)}, {latent or 'Z'})"
            raise UsageError(
                f"must hold a latent for each image, {wanted} (got {tuple(start.shape)}).", parameter="start"
            )
        return start.to(images)
    if connection is not None:
        if features is None:
            raise UsageError("connection= needs features= too: the connection network reads features of images.")
        return torch.cat(
            [_predicted(connection, _checked_features(features, chunk), latent) for chunk in images.split(together)]
        )
    if latent is None:
        raise UsageError("There is nothing to start from: give connection= and features=, or start=, or latent=.")
    return images.new_zeros(len(images), latent)


def _predicted(connection: Draw, features: Tensor, latent: int | None) -> Tensor:
    """The connection network's latents of features; an error if they are none."""
    z = connection(features)
    if not isinstance(z, Tensor) or z.dim() != 2 or len(z) != len(features) or z.shape[1] != (latent or z.shape[1]):
        returned = tuple(z.shape) if isinstance(z, Tensor) else type(z).__name__
        raise UsageError(
            f"Your connection network must map n features to latents (n, {latent or 'Z'}); for features "
            f"{tuple(features.shape)} it returned {returned}."
        )
    return z


def _checked_images(generator: Draw, z: Tensor) -> Tensor:
    """The generator's images of a few latents; an error if they are none."""
    with torch.no_grad():
        try:
            images = generator(z)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"Your generator failed on latents of shape {tuple(z.shape)}: {reason}") from None
    if not isinstance(images, Tensor) or images.dim() != 4 or len(images) != len(z):
        returned = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise UsageError(
            f"Your generator must map z (n, Z) to images (n, C, H, W); for z {tuple(z.shape)} it returned {returned}."
        )
    if not torch.isfinite(images).all():
        raise UsageError("Your generator returned NaN or infinite pixels.")
    return images


def _checked_features(features: Draw, images: Tensor) -> Tensor:
    """The features of images; an error if they are none."""
    values = features(images)
    if not isinstance(values, Tensor) or values.dim() < 2 or len(values) != len(images):
        returned = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise UsageError(
            f"Your features must map n images to (n, ...); for images {tuple(images.shape)} they returned {returned}."
        )
    if not torch.isfinite(values).all():
        raise UsageError("Your features returned NaN or infinite numbers.")
    return values


def _check_differentiable(generator: Draw, z: Tensor) -> None:
    with torch.enable_grad():
        point = z.detach().clone().requires_grad_()
        images = generator(point)
        if not images.requires_grad:
            raise UsageError(
                "Your generator is not differentiable: no gradient leads from its images to z. Does it detach, or run "
                "under no_grad? With optimise=False the start is returned unchanged."
            )
        (gradient,) = torch.autograd.grad(images.sum(), point, allow_unused=True)
    if gradient is None:
        raise UsageError("Your generator does not use z: its images do not depend on it.")


def _shape(images: Tensor) -> str:
    return "x".join(map(str, images.shape[1:]))
