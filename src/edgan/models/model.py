"""A trained model and its verbs on tensors: reconstruct, translate, edit, encode, sample, decode."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import torch
from torch import Tensor, nn

from edgan.data.crops import SQUARE, Crop
from edgan.errors import EdganError, UsageError
from edgan.methods import Method, Shape
from edgan.models.chunks import chunk_of
from edgan.models.directions import Directions
from edgan.models.editing import EditControls, edited_taps
from edgan.models.inference import in_use, is_known, noise_taps
from edgan.models.input_check import check_fields, check_latent, refuse_unit_range, why_not
from edgan.models.latents import draw_conditions, draw_latents
from edgan.models.reconstruction import Reconstruction
from edgan.models.used_checkpoint import UsedCheckpoint
from edgan.routing import Forward


class Model:
    """A method with trained networks.

    Args:
        method: the method, with its settings and shape.
        networks: those that inference needs, by name.
        shape: of the data that it was trained on.
        device: where it computes.
        directions: of attributes in its latent; they edit a model whose method has no controls of its own.
        directions_trouble: why the run's directions cannot be used; `edit` raises it.
        crop: which part of a picture it was trained on, and reads.
        checkpoint: of its run, where it was loaded from one.
    """

    def __init__(
        self,
        method: Method,
        networks: Mapping[str, nn.Module],
        shape: Shape,
        device: torch.device,
        directions: Directions | None = None,
        directions_trouble: str | None = None,
        crop: Crop = SQUARE,
        checkpoint: UsedCheckpoint | None = None,
    ) -> None:
        self.method = method
        self.networks = networks
        self.shape = shape
        self.device = device
        self.directions = directions
        self.directions_trouble = directions_trouble
        self.crop = crop
        self.checkpoint = checkpoint
        self.controls = EditControls.of(method.edit, directions)

    @property
    def size(self) -> int:
        """Side of its images in pixels."""
        return self.shape.size

    @property
    def channels(self) -> int:
        """Channels of its images, 1 or 3."""
        return self.shape.channels

    def can(self, capability: str) -> bool:
        """Whether the model has a verb: "reconstruct", "translate", "edit", "encode" or "sample"."""
        if capability == "edit":
            return self.controls is not None
        return capability in self.method.capabilities

    @property
    def redraws(self) -> bool:
        """Whether it makes a picture for each sample of a data set, to be compared with the sample's image."""
        return self.can("reconstruct") or self.can("translate")

    @property
    def draws_noise(self) -> bool:
        """Whether its pictures vary with a seed: the output depends on noise other than through the latent."""
        return bool(noise_taps(self.method))

    def needs_all(self, given: Collection[str]) -> bool:
        """Whether an edit must set every attribute, since the model cannot infer them from these fields."""
        edit = self.method.edit
        return edit is not None and not is_known(self.method.plan, edit.code or edit.tap, given)

    @property
    def has_style(self) -> bool:
        """Whether it can translate in the style of a picture: its latent encodes the image and not the source."""
        latent = self.method.latent
        return self.can("translate") and latent is not None and not is_known(self.method.plan, latent.code, ("source",))

    @torch.no_grad()
    def reconstruct(self, images: Tensor, **fields: Tensor) -> Reconstruction:
        """Reconstruct images.

        Args:
            images: (N, C, size, size) in [-1, 1].
            **fields: what a conditional method also reads: attributes (N, A) in [0, 1], label (N,).

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
            seed: of the noise, for methods that draw variants; each picture has its own, by its position among the N.
            style: (N, Z), or (1, Z) for all, from `encode` or `latents.draw_styles`, for methods whose latent is a
                picture's style; None takes the mean of its prior.
            noise: (N, ...) by tap; replaces the noise that would be drawn.

        Returns:
            base, residual and output, as `reconstruct` returns them, of the source's sides.

        Raises:
            UsageError: the method cannot translate, or has no style, or the images have another shape or range.
        """
        self.check_can("translate")
        if style is None:
            return self._pictures({"source": source}, seed, noise)
        if not self.has_style:
            raise UsageError(f"This {self.method.name} does not translate in a style: leave style out.")
        latent = self.method.latent
        assert latent is not None
        styled = {**(noise or {}), latent.z: style.expand(len(source), latent.size)}
        return self._pictures({"source": source}, seed, styled)

    @torch.no_grad()
    def redraw(self, fields: Mapping[str, Tensor], first: int = 0) -> Reconstruction:
        """The model's picture of each sample: its reconstruction, or its translation where it translates.

        Args:
            fields: a batch: "image" (N, C, size, size) in [-1, 1], and "source", "attributes", "label" as it has them;
                fields that the method does not read are ignored.
            first: position of the first sample in a larger set, which decides its noise.

        Raises:
            UsageError: the model can neither reconstruct nor translate.
        """
        self.check_can("translate" if self.can("translate") else "reconstruct")
        read = ("source",) if self.can("translate") else self.method.fields
        return self._pictures({name: fields[name] for name in read if name in fields}, seed=0, first=first)

    @torch.no_grad()
    def edit(self, images: Tensor, changes: Mapping[str, float], **fields: Tensor) -> Tensor:
        """Edit attributes or the class of images; the latent keeps the rest.

        Args:
            images: (N, C, size, size) in [-1, 1].
            changes: name to intensity: {"Eyeglasses": 3.5}, with the names of `controls`. For classes, {"7": 1}: the
                class replaces the likeliest one.
            **fields: as for `reconstruct`. Without them, a model that takes attributes as input needs all in `changes`.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model cannot edit, a name is unknown, a number is not finite, or an image has another shape.
        """
        self.check_can("edit")
        assert self.controls is not None
        values = self.controls.checked(changes)
        given = {"image": images, **fields}
        attributes = self._here(self.controls.all_given(values)) if self.needs_all(given) else None

        def edited(forward: Forward) -> tuple[Tensor, ...]:
            known = edited_taps(forward, self.method, self.controls, self.directions, values, attributes)
            return (Forward(self.method.plan, self.networks, forward.inputs, known=known)["output"],)

        return self._in_chunks(given, edited, seed=0)[0]

    @torch.no_grad()
    def encode(self, images: Tensor, **fields: Tensor) -> Tensor:
        """The latents of images.

        Args:
            images: (N, C, size, size) in [-1, 1].
            **fields: as for `reconstruct`.

        Returns:
            (N, Z): z, or the mean of its posterior.

        Raises:
            UsageError: the method has no encoder, or the images have another shape or range.
        """
        return self._codes({"image": images, **fields})

    @torch.no_grad()
    def encode_made(self, images: Tensor) -> Tensor:
        """`encode` for pictures that a model made: they lie in [-1, 1] also where none of their values is below 0."""
        return self._codes({"image": images}, made=True)

    def _codes(self, fields: Mapping[str, Tensor], made: bool = False) -> Tensor:
        self.check_can("encode")
        assert self.method.latent is not None
        code = self.method.latent.code
        return self._in_chunks(fields, lambda forward: (forward[code],), made=made)[0]

    @torch.no_grad()
    def sample(self, count: int, seed: int = 0, **fields: Tensor) -> Tensor:
        """New images from the latent's prior.

        Args:
            count: number of images.
            seed: equal seeds give equal images.
            **fields: of a conditional method: attributes (count, A), label (count,); drawn as frequent as in training
                unless given.

        Returns:
            (count, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model has no latent, or its latent has no prior to draw from.
        """
        self.check_can("sample")
        assert self.method.latent is not None
        fields = {**draw_conditions(self.method, self.shape, count, seed), **fields}
        return self.decode(draw_latents(self.method.latent, count, seed), **fields)

    @torch.no_grad()
    def decode(self, z: Tensor, **fields: Tensor) -> Tensor:
        """The images of latents.

        Args:
            z: (N, Z).
            **fields: as for `sample`.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model has no latent, or one of another size.
        """
        latent = check_latent(self.method, z)
        return self._in_chunks(fields, lambda forward: (forward["output"],), 0, {latent.z: z})[0]

    def _pictures(
        self,
        fields: Mapping[str, Tensor],
        seed: int | None = None,
        known: Mapping[str, Tensor] | None = None,
        first: int = 0,
    ) -> Reconstruction:
        plan = self.method.plan

        def pictures(forward: Forward) -> tuple[Tensor, ...]:
            output = forward["output"]
            base = forward["base"] if "base" in plan.tap else output
            return base, forward["residual"] if "residual" in plan.tap else torch.zeros_like(base), output

        return Reconstruction(*self._in_chunks(fields, pictures, seed, known, first))

    def prepare(self, images: Tensor) -> Tensor:
        """Prepare a forward outside the verbs: networks in evaluation mode, images checked and on the model's device.

        Raises:
            UsageError: the images have another shape or range.
        """
        self._ready({"image": images})
        return self._here(images)

    def _ready(self, fields: Mapping[str, Tensor], made: bool = False) -> None:
        check_fields(self.shape, fields, self.method.multiple)
        if not made:
            refuse_unit_range(fields)
        for network in self.networks.values():
            network.eval()

    def check_can(self, capability: str) -> None:
        """Refuse a verb that the model does not have.

        Raises:
            UsageError: says what the model can do, and what would help.
            EdganError: the run's directions cannot be used.
        """
        if capability == "edit" and self.directions_trouble is not None:
            raise EdganError(self.directions_trouble)
        if not self.can(capability):
            raise UsageError(why_not(self.method, capability))

    def _in_chunks(
        self,
        fields: Mapping[str, Tensor],
        read: Callable[[Forward], tuple[Tensor, ...]],
        seed: int | None = None,
        known: Mapping[str, Tensor] | None = None,
        position: int = 0,
        made: bool = False,
    ) -> tuple[Tensor, ...]:
        """What `read` takes from each sample's forward, with the precision and on the device of the first tensor."""
        self._ready(fields, made)
        first = next(iter([*fields.values(), *(known or {}).values()]))
        chunks = []
        pixels = max((value[0, 0].numel() for value in fields.values() if value.dim() == 4), default=0)
        step = chunk_of(pixels, self.device)
        for start in range(0, len(first), step):
            chunk = {name: self._here(value[start : start + step]) for name, value in fields.items()}
            given = {name: self._here(value[start : start + step]) for name, value in (known or {}).items()}
            forward = in_use(self.method, self.networks, chunk, given, (seed, position + start), self.size)
            chunks.append([tap.to(first) for tap in read(forward)])
        return tuple(torch.cat(values) for values in zip(*chunks, strict=True))

    def _here(self, value: Tensor) -> Tensor:
        dtype = next(p.dtype for network in self.networks.values() for p in network.parameters())
        return value.to(self.device, dtype) if value.is_floating_point() else value.to(self.device)
