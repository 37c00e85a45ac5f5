"""A trained model: the verbs, on tensors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods import Method, Shape
from edgan.models.chunks import chunk_of
from edgan.models.directions import Directions
from edgan.models.editing import EditControls, edited_taps
from edgan.models.inference import in_use, is_known, noise_taps
from edgan.models.input_check import check_fields
from edgan.models.latents import draw_conditions, draw_latents
from edgan.routing import Forward


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
        directions: of the data's attributes in its latent, by which a method without controls of its own is edited.
    """

    def __init__(
        self,
        method: Method,
        networks: Mapping[str, nn.Module],
        shape: Shape,
        device: torch.device,
        directions: Directions | None = None,
    ) -> None:
        self.method = method
        self.networks = networks
        self.shape = shape
        self.device = device
        self.directions = directions
        self.controls = EditControls.of(method.edit, directions)

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
        if capability == "edit":
            return self.controls is not None
        return capability in self.method.capabilities

    @property
    def redraws(self) -> bool:
        """Whether it draws a picture for each sample of a data set that can be held against the sample's image."""
        return self.can("reconstruct") or self.can("translate")

    @property
    def draws_noise(self) -> bool:
        """Whether its pictures vary with a seed: noise lies behind the output, and not only behind the latent."""
        return bool(noise_taps(self.method))

    def needs_all(self, given: Collection[str]) -> bool:
        """Whether an edit must set every attribute: the model is told them, and these fields do not say them."""
        edit = self.method.edit
        return edit is not None and not is_known(self.method.plan, edit.code or edit.tap, given)

    @property
    def has_style(self) -> bool:
        """Whether it translates in the style of a picture: its latent encodes the image and not the source."""
        latent = self.method.latent
        return self.can("translate") and latent is not None and not is_known(self.method.plan, latent.code, ("source",))

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
        self.check_can("reconstruct")
        return self._pictures({"image": images, **fields})

    @torch.no_grad()
    def translate(
        self, source: Tensor, seed: int = 0, style: Tensor | None = None, noise: Mapping[str, Tensor] | None = None
    ) -> Reconstruction:
        """Translate the source side of pairs.

        Args:
            source: (N, C', size, size) in [-1, 1]; of other sides too where the method's networks allow it.
            seed: of the noise, for methods that draw variants; each picture has its own, by its place among the N.
            style: (N, Z), or (1, Z) for all, as `encode` gives it, for methods whose latent is a picture's style; None
                is the mean of its prior.
            noise: (N, ...) by tap, where it is not to be drawn.

        Returns:
            base, residual and output, as `reconstruct` returns them, of the source's sides.

        Raises:
            UsageError: the method cannot translate, or has no style, or the images have another shape or range.
        """
        self.check_can("translate")
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
        self.check_can("translate" if self.can("translate") else "reconstruct")
        if self.can("translate"):
            return self.translate(fields["source"])
        return self._pictures({name: fields[name] for name in self.method.fields if name in fields}, seed=0)

    @torch.no_grad()
    def edit(self, images: Tensor, changes: Mapping[str, float], **fields: Tensor) -> Tensor:
        """Edit what images show; the rest stays as the latent has it.

        Args:
            images: (N, C, size, size) in [-1, 1].
            changes: {"Eyeglasses": 3.5}: any real intensities, as `controls` names them. For classes {"7": 1}: the
                class takes the place of the likeliest one.
            **fields: as `reconstruct` takes them. A method that is told the attributes needs those that do not change.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model cannot edit, a name or a number that cannot be, or a shape that is not its own.
        """
        self.check_can("edit")
        assert self.controls is not None
        values = self.controls.checked(changes)
        given = {"image": images, **fields}
        told = self._here(self.controls.all_given(values)) if self.needs_all(given) else None

        def one(forward: Forward) -> tuple[Tensor, ...]:
            known = edited_taps(forward, self.method, self.controls, self.directions, values, told)
            return (Forward(self.method.plan, self.networks, forward.inputs, known=known)["output"],)

        return self._in_chunks(given, one, seed=0)[0]

    @torch.no_grad()
    def encode(self, images: Tensor, **fields: Tensor) -> Tensor:
        """The latents of images.

        Args:
            images: (N, C, size, size) in [-1, 1].
            **fields: as `reconstruct` takes them.

        Returns:
            (N, Z): z, or the mean of its posterior.
        """
        self.check_can("encode")
        assert self.method.latent is not None
        code = self.method.latent.code
        return self._in_chunks({"image": images, **fields}, lambda forward: (forward[code],))[0]

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, **fields: Tensor) -> Tensor:
        """New images from the latent's prior.

        Args:
            count: how many.
            seed: equal seeds give equal images.
            **fields: of a conditional method: attributes (count, A), label (count,); drawn as in training if not given.

        Returns:
            (count, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: nothing was asked of the latent in training, so there is no prior to draw from.
        """
        self.check_can("sample")
        assert self.method.latent is not None
        fields = {**draw_conditions(self.method, self.shape, count, seed), **fields}
        return self.decode(draw_latents(self.method.latent, count, seed), **fields)

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
        check_fields(self.shape, fields, self.method.multiple)
        for network in self.networks.values():
            network.eval()

    def check_can(self, capability: str) -> None:
        """Refuse a verb that the model does not answer.

        Raises:
            UsageError: says what it can, and what would help.
        """
        if self.can(capability):
            return
        able = ", ".join(self.method.capabilities)
        latent = self.method.latent
        unasked = capability == "sample" and latent is not None and latent.prior is None
        hint = " Train with --set latent.prior=vae or latent.prior=aae to sample." if unasked else ""
        if capability == "edit" and self.can("encode"):
            hint = (
                " Its latent can be edited where the data it was trained on has attributes or classes, and where its "
                "training has ended."
            )
        raise UsageError(f"This {self.method.name} cannot {capability}; it can {able}.{hint}")

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
        step = chunk_of(max((one[0, 0].numel() for one in fields.values() if one.dim() == 4), default=0), self.device)
        for start in range(0, len(first), step):
            chunk = {name: self._here(value[start : start + step]) for name, value in fields.items()}
            given = {name: self._here(value[start : start + step]) for name, value in (known or {}).items()}
            forward = in_use(self.method, self.networks, chunk, given, (seed, start), self.size)
            parts.append([tap.to(first) for tap in one(forward)])
        return tuple(torch.cat(group) for group in zip(*parts, strict=True))

    def _here(self, value: Tensor) -> Tensor:
        dtype = next(p.dtype for network in self.networks.values() for p in network.parameters())
        return value.to(self.device, dtype) if value.is_floating_point() else value.to(self.device)
