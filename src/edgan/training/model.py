"""A trained model: the verbs, on tensors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from edgan.errors import UsageError, near_miss
from edgan.methods import Method, Shape
from edgan.routing import Forward, Inputs
from edgan.routing.plan import BATCH_FIELDS
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
        shape: of the data that it was trained on.
        device: where it computes.
    """

    def __init__(self, method: Method, networks: Mapping[str, nn.Module], shape: Shape, device: torch.device) -> None:
        self.method = method
        self.networks = networks
        self.shape = shape
        self.device = device

    @property
    def size(self) -> int:
        """Side of its images in pixels."""
        return self.shape.size

    @property
    def channels(self) -> int:
        """Of its images, 1 or 3."""
        return self.shape.channels

    def can(self, capability: str) -> bool:
        """Whether it answers a verb."""
        return capability in self.method.capabilities

    @property
    def redraws(self) -> bool:
        """Whether it draws a picture for each sample of a data set that can be held against the sample's image."""
        return self.can("reconstruct") or self.can("translate")

    @property
    def draws_noise(self) -> bool:
        """Whether its pictures vary with a seed: noise lies behind the output, and not only behind the latent."""
        plan, latent = self.method.plan, self.method.latent
        stop = None if latent is None or latent.z == latent.code else latent.z

        def drawn(name: str) -> bool:
            tap = plan.tap.get(name)
            return tap is not None and name != stop and (tap.noise is not None or any(map(drawn, tap.inputs)))

        return drawn("output")

    @property
    def has_style(self) -> bool:
        """Whether it translates in the style of a picture: its latent encodes the image and not the source."""
        latent = self.method.latent
        return self.can("translate") and latent is not None and not self._known(latent.code, ("source",))

    def _known(self, tap: str, given: Collection[str]) -> bool:
        """Whether all that a tap reads of a batch is given."""
        plan = self.method.plan
        read = {name for one in plan.needed([tap]) for name in plan.tap[one].inputs}
        return not read & set(BATCH_FIELDS) - set(given)

    @torch.no_grad()
    def reconstruct(self, images: Tensor, **fields: Tensor) -> Reconstruction:
        """Reconstruct images.

        Args:
            images: (N, C, size, size) in [-1, 1].
            **fields: what a conditional method reads beside it: attributes (N, A) in [0, 1], label (N,).

        Returns:
            base, residual and output, each (N, C, size, size). output = base + residual, not clipped. A method with one
            decoder has output = base and a residual of zeros.

        Raises:
            UsageError: the method cannot reconstruct, or the images have another shape or range.
        """
        self._can("reconstruct")
        return self._pictures({"image": images, **fields})

    @torch.no_grad()
    def translate(
        self, source: Tensor, seed: int = 0, style: Tensor | None = None, noise: Mapping[str, Tensor] | None = None
    ) -> Reconstruction:
        """Translate the source side of pairs.

        Args:
            source: (N, C', size, size) in [-1, 1].
            seed: of the noise, for methods that draw variants; equal seeds give equal pictures.
            style: (N, Z), or (1, Z) for all, as `encode` gives it, for methods whose latent is a picture's style; None
                is the mean of its prior.
            noise: (N, ...) by tap, where it is not to be drawn.

        Returns:
            base, residual and output, each (N, C, size, size), as `reconstruct` returns them.

        Raises:
            UsageError: the method cannot translate, or has no style, or the images have another shape or range.
        """
        self._can("translate")
        if style is None:
            return self._pictures({"source": source}, seed, noise)
        if not self.has_style:
            raise UsageError(f"This {self.method.name} has no style to be given.")
        latent = self.method.latent
        assert latent is not None
        return self._pictures(
            {"source": source}, seed, {**(noise or {}), latent.z: style.expand(len(source), latent.size)}
        )

    @torch.no_grad()
    def redraw(self, fields: Mapping[str, Tensor]) -> Reconstruction:
        """The model's picture of each sample: its reconstruction, or its translation where it translates.

        Args:
            fields: a batch: "image" (N, C, size, size) in [-1, 1], and "source", "attributes", "label" as it has them;
                what the method does not read is left aside.
        """
        self._can("translate" if self.can("translate") else "reconstruct")
        if self.can("translate"):
            return self.translate(fields["source"])
        return self._pictures({name: fields[name] for name in self.method.fields if name in fields}, seed=0)

    @torch.no_grad()
    def encode(self, images: Tensor, **fields: Tensor) -> Tensor:
        """The latents of images.

        Args:
            images: (N, C, size, size) in [-1, 1].
            **fields: as `reconstruct` takes them.

        Returns:
            (N, Z): z, or the mean of its posterior.
        """
        self._can("encode")
        assert self.method.latent is not None
        code = self.method.latent.code
        return self._in_chunks({"image": images, **fields}, lambda forward: (forward[code],))[0]

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, **fields: Tensor) -> Tensor:
        """New images from the latent's prior.

        Args:
            count: how many.
            seed: equal seeds give equal images.
            **fields: what a conditional method reads: attributes (count, A) in [0, 1], label (count,).

        Returns:
            (count, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: nothing was asked of the latent in training, so there is no prior to draw from.
        """
        self._can("sample")
        assert self.method.latent is not None
        shape = (count, self.method.latent.size)
        if self.method.latent.prior == "normal":
            z = draw_noise((seed, 0, "sample"), "normal", shape)
        else:
            z = 2.0 * draw_noise((seed, 0, "sample"), "uniform", shape) - 1.0
        return self.decode(z, **fields)

    @torch.no_grad()
    def decode(self, z: Tensor, **fields: Tensor) -> Tensor:
        """The images that latents stand for.

        Args:
            z: (N, Z).
            **fields: as `sample` takes them.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.
        """
        latent = self.method.latent
        if latent is None or z.dim() != 2 or z.shape[1] != latent.size:
            width = "no latent" if latent is None else f"a latent of shape (N, {latent.size})"
            raise UsageError(f"This {self.method.name} has {width}; a latent of shape {tuple(z.shape)} was given.")
        known = {latent.z: z}
        return self._in_chunks(fields, lambda forward: (forward["output"],), 0, known)[0]

    def _pictures(
        self, fields: Mapping[str, Tensor], seed: int | None = None, known: Mapping[str, Tensor] | None = None
    ) -> Reconstruction:
        """Base, residual and output for each sample."""
        plan = self.method.plan

        def one(forward: Forward) -> tuple[Tensor, ...]:
            output = forward["output"]
            base = forward["base"] if "base" in plan.tap else output
            return base, forward["residual"] if "residual" in plan.tap else torch.zeros_like(base), output

        return Reconstruction(*self._in_chunks(fields, one, seed, known))

    def prepare(self, images: Tensor) -> Tensor:
        """Images checked and brought where the model computes, its networks ready for a forward outside its verbs."""
        self._ready({"image": images})
        return self._here(images)

    def _ready(self, fields: Mapping[str, Tensor]) -> None:
        self._check(fields)
        for network in self.networks.values():
            network.eval()

    def _can(self, capability: str) -> None:
        if self.can(capability):
            return
        able = ", ".join(self.method.capabilities)
        latent = self.method.latent
        unasked = capability == "sample" and latent is not None and latent.prior is None
        hint = " Train with --set latent.prior=vae or latent.prior=aae to sample." if unasked else ""
        raise UsageError(f"This {self.method.name} cannot {capability}; it can {able}.{hint}")

    def _check(self, fields: Mapping[str, Tensor]) -> None:
        square = (self.size, self.size)
        shapes: dict[str, tuple[int, ...]] = {
            "image": (self.channels, *square),
            "source": (self.shape.source_channels, *square),
            "attributes": (len(self.shape.attributes),),
            "label": (),
        }
        for name, value in fields.items():
            if name not in shapes:
                raise UsageError(f"There is no field {name!r}. {near_miss(name, shapes)}")
            if tuple(value.shape[1:]) != shapes[name] or value.dim() != 1 + len(shapes[name]):
                wanted = ", ".join(["N", *map(str, shapes[name])])
                what = "images" if name == "image" else f"a {name}"
                raise UsageError(f"This model takes {what} of shape ({wanted}), not {tuple(value.shape)}.")
            if len(value) == 0:
                raise UsageError("There are no images to work on: N is 0.")
            if name in ("image", "source") and (not torch.isfinite(value).all() or value.abs().max() > 1.001):
                raise UsageError("Images are in [-1, 1], and these hold NaN or values outside it. Is 0 to 255 meant?")

    def _in_chunks(
        self,
        fields: Mapping[str, Tensor],
        one: Callable[[Forward], tuple[Tensor, ...]],
        seed: int | None = None,
        known: Mapping[str, Tensor] | None = None,
    ) -> tuple[Tensor, ...]:
        """What `one` reads of each sample's forward; results come back in the first tensor's precision and place."""
        self._ready(fields)
        first = next(iter([*fields.values(), *(known or {}).values()]))
        parts = []
        for start in range(0, len(first), CHUNK):
            chunk = {name: self._here(value[start : start + CHUNK]) for name, value in fields.items()}
            given = {name: self._here(value[start : start + CHUNK]) for name, value in (known or {}).items()}
            parts.append([tap.to(first) for tap in one(self._forward(chunk, given, (seed, start)))])
        return tuple(torch.cat(group) for group in zip(*parts, strict=True))

    def _here(self, value: Tensor) -> Tensor:
        dtype = next(p.dtype for network in self.networks.values() for p in network.parameters())
        return value.to(self.device, dtype) if value.is_floating_point() else value.to(self.device)

    def _forward(
        self, fields: Mapping[str, Tensor], known: Mapping[str, Tensor], noise: tuple[int | None, int]
    ) -> Forward:
        """Taps in evaluation: a stochastic latent stands at its code, or at 0 where nothing is there to encode."""
        plan, latent = self.method.plan, self.method.latent
        seed, position = noise
        count = len(next(iter([*fields.values(), *known.values()])))

        def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
            if seed is None:
                raise RuntimeError(f"inference asked for the noise {name!r}")
            return self._here(draw_noise((seed, position, name), kind, (count, *shape)))

        inputs = Inputs(fields, drawn)
        if latent is None or latent.z in known or latent.code == latent.z:
            return Forward(plan, self.networks, inputs, known=known)
        if not self._known(latent.code, fields):
            mean = torch.zeros(count, latent.size).to(next(iter(fields.values())))
            return Forward(plan, self.networks, inputs, known={**known, latent.z: mean})
        forward = Forward(plan, self.networks, inputs, known=known)
        return Forward(plan, self.networks, inputs, known={**forward.values, latent.z: forward[latent.code]})
