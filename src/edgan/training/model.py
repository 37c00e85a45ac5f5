"""A trained model: the verbs, on tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method
from edgan.routing import Forward, Inputs
from edgan.training.feed import draw_noise

CHUNK = 64


class Reconstruction(NamedTuple):
    """Each (N, C, H, W): the encoder-decoder's image and the sum in [-1, 1] or near it, the GAN's added detail."""

    base: Tensor
    residual: Tensor
    output: Tensor


class Model:
    """A method with trained networks.

    Args:
        method: its page, bound to settings and shape.
        networks: by column name; those that inference needs.
        size: side of its images in pixels.
        channels: of its images.
        device: where it computes.
    """

    def __init__(
        self, method: Method, networks: Mapping[str, nn.Module], size: int, channels: int, device: torch.device
    ) -> None:
        self.method = method
        self.networks = networks
        self.size = size
        self.channels = channels
        self.device = device

    @torch.no_grad()
    def reconstruct(self, images: Tensor) -> Reconstruction:
        """Reconstruct images.

        Args:
            images: (N, C, size, size) in [-1, 1].

        Returns:
            base, residual and output, each (N, C, size, size). output = base + residual, not clipped. A method with one
            decoder has output = base and a residual of zeros.

        Raises:
            UsageError: the method cannot reconstruct, or the images have another shape or range.
        """
        self._can("reconstruct")
        self._check(images)
        has_residual = "residual" in self.method.plan.tap

        def one(forward: Forward) -> tuple[Tensor, ...]:
            base, output = forward["base"], forward["output"]
            return base, forward["residual"] if has_residual else torch.zeros_like(base), output

        return Reconstruction(*self._in_chunks(images, one))

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """The latents of images.

        Args:
            images: (N, C, size, size) in [-1, 1].

        Returns:
            (N, Z): z, or the mean of its posterior.
        """
        self._can("encode")
        self._check(images)
        return self._in_chunks(images, lambda forward: (forward[self.method.latent.code],))[0]

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0) -> Tensor:
        """New images from the latent's prior.

        Args:
            count: how many.
            seed: equal seeds give equal images.

        Returns:
            (count, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: nothing was asked of the latent in training, so there is no prior to draw from.
        """
        self._can("sample")
        shape = (count, self.method.latent.size)
        if self.method.latent.prior == "normal":
            z = draw_noise((seed, 0, "sample"), "normal", shape)
        else:
            z = 2.0 * draw_noise((seed, 0, "sample"), "uniform", shape) - 1.0
        parts = [self._forward(None, part)["output"].cpu() for part in z.split(CHUNK)]
        return torch.cat(parts)

    def _can(self, capability: str) -> None:
        if capability in self.method.capabilities:
            return
        able = ", ".join(self.method.capabilities)
        hint = " Train with --set latent.prior=vae or latent.prior=aae to sample." if capability == "sample" else ""
        raise UsageError(f"This {self.method.name} cannot {capability}; it can {able}.{hint}")

    def _check(self, images: Tensor) -> None:
        expected = (self.channels, self.size, self.size)
        if images.dim() != 4 or tuple(images.shape[1:]) != expected:
            raise UsageError(
                f"This model takes images of shape (N, {', '.join(map(str, expected))}), not {tuple(images.shape)}."
            )
        if len(images) == 0:
            raise UsageError("There are no images to work on: N is 0.")
        if not torch.isfinite(images).all() or images.abs().max() > 1.001:
            raise UsageError("Images are in [-1, 1], and these hold NaN or values outside it. Is 0 to 255 meant?")

    def _in_chunks(self, images: Tensor, one: object) -> tuple[Tensor, ...]:
        assert callable(one)
        parts = [
            tuple(tap.to(images) for tap in one(self._forward(chunk.to(self.device, self._dtype()), None)))
            for chunk in images.split(CHUNK)
        ]
        return tuple(torch.cat(group) for group in zip(*parts, strict=True))

    def _dtype(self) -> torch.dtype:
        return next(p.dtype for network in self.networks.values() for p in network.parameters())

    def _forward(self, images: Tensor | None, z: Tensor | None) -> Forward:
        """Taps in evaluation: a stochastic latent stands at its code, or at the given z."""
        for network in self.networks.values():
            network.eval()
        plan, latent = self.method.plan, self.method.latent
        fields = {} if images is None else {"image": images}
        inputs = Inputs(fields, lambda name, *_: _no_noise(name))
        if z is not None:
            return Forward(plan, self.networks, inputs, known={latent.z: z.to(self.device)})
        forward = Forward(plan, self.networks, inputs)
        return Forward(plan, self.networks, inputs, known={**forward.values, latent.z: forward[latent.code]})


def _no_noise(name: str) -> Tensor:
    raise RuntimeError(f"inference asked for the noise {name!r}")
