"""A trained model and its verbs: reconstruct, translate, edit, encode, sample, decode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, overload

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from edgan.data.given_pictures import Given
from edgan.errors import UsageError
from edgan.models.editing import edited_taps
from edgan.models.input_check import check_latent
from edgan.models.latents import conditions_of_seeds, draw_conditions, draw_latents, latents_of_seeds
from edgan.models.pixels import to_images
from edgan.models.reconstruction import PilReconstruction, Reconstruction
from edgan.models.seeds import Seeds, noise_keys, seeds_of
from edgan.models.trained_networks import TrainedNetworks
from edgan.routing import Forward

SAME_NOISE = [(0, 0)]
"""The key of the noise that edited and decoded pictures get, each the same: only their latents vary."""


# The ignored errors: to mypy, `fields` of a verb's first form could hold a tensor that is named as_pil.
class Model(TrainedNetworks):
    """A trained model and its verbs, as `edgan.load` gives it.

    The verbs take pictures as people have them: Pillow images, paths, bytes of an image file, numpy arrays of uint8
    (H, W, C) or (N, H, W, C), grey ones without C, and lists of these. Such pictures are cropped as the run's images
    were and resized to the model's size. Tensors (N, C, size, size) in [-1, 1] are taken as they are.

    What they return is a batch, also for a single picture: tensors (N, C, H, W), float32 on the CPU or as the tensor
    that was given, or with `as_pil=True` lists of N Pillow images.

    A picture's result does not depend on the other pictures of its call, and noise only on its own seed where each has
    one. Verbs may be called from several threads.
    """

    @overload
    def reconstruct(self, images: Given, **fields: Tensor) -> Reconstruction: ...
    @overload
    def reconstruct(self, images: Given, *, as_pil: Literal[True], **fields: Tensor) -> PilReconstruction: ...
    @torch.no_grad()  # type: ignore[misc]
    def reconstruct(
        self, images: Given, *, as_pil: bool = False, **fields: Tensor
    ) -> Reconstruction | PilReconstruction:
        """Reconstruct images.

        Args:
            images: N pictures, or a tensor (N, C, size, size) in [-1, 1].
            as_pil: return Pillow images.
            **fields: what a conditional method also reads: attributes (N, A) in [0, 1], label (N,).

        Returns:
            base, residual and output, each (N, C, size, size). output = base + residual, not clipped. A method with one
            decoder has output = base and a residual of zeros.

        Raises:
            UsageError: the method cannot reconstruct, or the images have another shape or range.
            EdganError: a picture cannot be read or decoded.
        """
        self.check_can("reconstruct")
        made = self._pictures({"image": self.images_of(images), **fields})
        return made.as_pil() if as_pil else made

    @overload
    def translate(
        self,
        source: Given,
        seed: Seeds = 0,
        style: Given | None = None,
        noise: Mapping[str, Tensor] | None = None,
    ) -> Reconstruction: ...
    @overload
    def translate(
        self,
        source: Given,
        seed: Seeds = 0,
        style: Given | None = None,
        noise: Mapping[str, Tensor] | None = None,
        *,
        as_pil: Literal[True],
    ) -> PilReconstruction: ...
    @torch.no_grad()
    def translate(
        self,
        source: Given,
        seed: Seeds = 0,
        style: Given | None = None,
        noise: Mapping[str, Tensor] | None = None,
        *,
        as_pil: bool = False,
    ) -> Reconstruction | PilReconstruction:
        """Translate the source side of pairs.

        Args:
            source: N pictures, or a tensor (N, C', size, size) in [-1, 1], which may have other sides where the
                method's networks allow it. For a model of class-index maps: pictures with one channel of indices.
            seed: of the noise, for methods that draw variants. N seeds: each picture has the noise of its own seed,
                whatever pictures stand beside it. One seed: each picture has its own noise, by its position among the
                N; the first has that of the seed alone.
            style: (N, Z), or (1, Z) for all, from `encode` or `latents.draw_styles`, for methods whose latent is a
                picture's style; or N pictures, or one for all, whose styles are encoded. None takes the mean of its
                prior.
            noise: (N, ...) by tap; replaces the noise that would be drawn.
            as_pil: return Pillow images.

        Returns:
            base, residual and output, as `reconstruct` returns them, of the source's sides.

        Raises:
            UsageError: the method cannot translate, or has no style, or the images have another shape or range.
            EdganError: a picture cannot be read or decoded.
        """
        self.check_can("translate")
        sources, known = self.sources_of(source), dict(noise or {})
        if style is not None:
            if not self.has_style:
                raise UsageError(f"This {self.method.name} does not translate in a style: leave style out.")
            latent = self.method.latent
            assert latent is not None
            is_latent = isinstance(style, Tensor) and style.dim() == 2
            styles = style if isinstance(style, Tensor) and is_latent else self.encode(style)
            if len(styles) not in (1, len(sources)):
                raise UsageError(
                    f"must be one, or one for each of {len(sources)} (got {len(styles)}).", parameter="style"
                )
            known[latent.z] = styles.expand(len(sources), latent.size)
        made = self._pictures({"source": sources}, noise_keys(seed, len(sources)), known)
        return made.as_pil() if as_pil else made

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
        chosen = {name: fields[name] for name in read if name in fields}
        count = len(next(iter(chosen.values()), ()))
        return self._pictures(chosen, [(0, position) for position in range(first, first + count)])

    @overload
    def edit(self, images: Given, changes: Mapping[str, float], **fields: Tensor) -> Tensor: ...
    @overload
    def edit(
        self, images: Given, changes: Mapping[str, float], *, as_pil: Literal[True], **fields: Tensor
    ) -> list[Image.Image]: ...
    @torch.no_grad()  # type: ignore[misc]
    def edit(
        self, images: Given, changes: Mapping[str, float], *, as_pil: bool = False, **fields: Tensor
    ) -> Tensor | list[Image.Image]:
        """Edit attributes or the class of images; the latent keeps the rest.

        Args:
            images: N pictures, or a tensor (N, C, size, size) in [-1, 1].
            changes: name to intensity: {"Eyeglasses": 3.5}, with the names of `controls`. For classes, {"7": 1}: the
                class replaces the likeliest one.
            as_pil: return Pillow images.
            **fields: as for `reconstruct`. Without them, a model that takes attributes as input needs all in `changes`.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model cannot edit, a name is unknown, a number is not finite, or an image has another shape.
            EdganError: a picture cannot be read or decoded.
        """
        self.check_can("edit")
        assert self.controls is not None
        values = self.controls.checked(changes)
        given = {"image": self.images_of(images), **fields}
        attributes = self._here(self.controls.all_given(values)) if self.needs_all(given) else None

        def edited(forward: Forward) -> tuple[Tensor, ...]:
            known = edited_taps(forward, self.method, self.controls, self.directions, values, attributes)
            return (Forward(self.method.plan, self.networks, forward.inputs, known=known)["output"],)

        made = self._in_chunks(given, edited, len(given["image"]) * SAME_NOISE)[0]
        return to_images(made) if as_pil else made

    @torch.no_grad()
    def encode(self, images: Given, **fields: Tensor) -> Tensor:
        """The latents of images.

        Args:
            images: N pictures, or a tensor (N, C, size, size) in [-1, 1].
            **fields: as for `reconstruct`.

        Returns:
            (N, Z): z, or the mean of its posterior.

        Raises:
            UsageError: the method has no encoder, or the images have another shape or range.
            EdganError: a picture cannot be read or decoded.
        """
        self.check_can("encode")
        return self._codes({"image": self.images_of(images), **fields})

    @torch.no_grad()
    def encode_made(self, images: Tensor) -> Tensor:
        """`encode` for pictures that a model made: they lie in [-1, 1] also where none of their values is below 0."""
        self.check_can("encode")
        return self._codes({"image": images}, made=True)

    def _codes(self, fields: Mapping[str, Tensor], made: bool = False) -> Tensor:
        assert self.method.latent is not None
        code = self.method.latent.code
        return self._in_chunks(fields, lambda forward: (forward[code],), made=made)[0]

    @overload
    def sample(self, count: int | None = None, seed: Seeds = 0, **fields: Tensor) -> Tensor: ...
    @overload
    def sample(
        self, count: int | None = None, seed: Seeds = 0, *, as_pil: Literal[True], **fields: Tensor
    ) -> list[Image.Image]: ...
    @torch.no_grad()  # type: ignore[misc]
    def sample(
        self, count: int | None = None, seed: Seeds = 0, *, as_pil: bool = False, **fields: Tensor
    ) -> Tensor | list[Image.Image]:
        """New images from the latent's prior.

        Args:
            count: number of images; 1, or that of the seeds, unless given.
            seed: equal seeds give equal images. Several seeds: one image for each, the same as that seed alone gives.
            as_pil: return Pillow images.
            **fields: of a conditional method: attributes (count, A), label (count,); drawn as frequent as in training
                unless given.

        Returns:
            (count, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model has no latent, or its latent has no prior to draw from, or count is wrong.
        """
        self.check_can("sample")
        latent = self.method.latent
        assert latent is not None
        if isinstance(seed, int | np.integer):
            seed, count = int(seed), 1 if count is None else count
            if count < 1:
                raise UsageError(f"must be at least 1 (got {count}).", parameter="count")
            drawn = draw_conditions(self.method, self.shape, count, seed)
            z = draw_latents(latent, count, seed)
        else:
            seeds = seeds_of(seed, len(seed) if count is None else count)
            drawn, z = conditions_of_seeds(self.method, self.shape, seeds), latents_of_seeds(latent, seeds)
        made = self.decode(z, **{**drawn, **fields})
        return to_images(made) if as_pil else made

    @overload
    def decode(self, z: Tensor, **fields: Tensor) -> Tensor: ...
    @overload
    def decode(self, z: Tensor, *, as_pil: Literal[True], **fields: Tensor) -> list[Image.Image]: ...
    @torch.no_grad()  # type: ignore[misc]
    def decode(self, z: Tensor, *, as_pil: bool = False, **fields: Tensor) -> Tensor | list[Image.Image]:
        """The images of latents.

        Args:
            z: (N, Z).
            as_pil: return Pillow images.
            **fields: as for `sample`.

        Returns:
            (N, C, size, size), output = base + residual, not clipped.

        Raises:
            UsageError: the model has no latent, or one of another size.
        """
        latent = check_latent(self.method, z)
        keys = len(z) * SAME_NOISE
        made = self._in_chunks(fields, lambda forward: (forward["output"],), keys, {latent.z: z})[0]
        return to_images(made) if as_pil else made

    def _pictures(
        self,
        fields: Mapping[str, Tensor],
        keys: Sequence[tuple[int, int]] | None = None,
        known: Mapping[str, Tensor] | None = None,
    ) -> Reconstruction:
        plan = self.method.plan

        def pictures(forward: Forward) -> tuple[Tensor, ...]:
            output = forward["output"]
            base = forward["base"] if "base" in plan.tap else output
            return base, forward["residual"] if "residual" in plan.tap else torch.zeros_like(base), output

        return Reconstruction(*self._in_chunks(fields, pictures, keys, known))
