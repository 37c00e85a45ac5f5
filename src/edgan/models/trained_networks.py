"""Trained networks with what they were trained on: what they can do, and their forward pass in chunks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from edgan.data import load_image, load_source
from edgan.data.crops import SQUARE, Crop
from edgan.data.given_pictures import Given, Picture, tensor_of
from edgan.errors import EdganError, UsageError, listed
from edgan.methods import Method, Shape
from edgan.models.chunks import chunk_of
from edgan.models.device import resolve_device
from edgan.models.directions import Directions
from edgan.models.editing import EditControls
from edgan.models.inference import in_use, is_known, noise_taps
from edgan.models.input_check import check_fields, refuse_unit_range, why_not
from edgan.models.used_checkpoint import UsedCheckpoint
from edgan.routing import Forward

NAMES_SHOWN = 8
"""Attributes that `repr` lists."""


class TrainedNetworks:
    """A method with trained networks; `Model` adds the verbs.

    Args:
        method: the method, with its settings and shape.
        networks: those that inference needs, by name.
        shape: of the data that it was trained on.
        device: where it computes.
        directions: of attributes in its latent; they edit a model whose method has no controls of its own.
        directions_trouble: why the run's directions cannot be used; `edit` raises it.
        crop: which part of a picture it was trained on, and reads.
        checkpoint: of its run, where it was loaded from one.
        source_maps: whether the sources it was trained on were class-index maps, coloured by its palette.
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
        source_maps: bool = False,
    ) -> None:
        self.method = method
        self.networks = networks
        self.shape = shape
        self.device = device
        self.directions = directions
        self.directions_trouble = directions_trouble
        self.crop = crop
        self.checkpoint = checkpoint
        self.source_maps = source_maps
        self.controls = EditControls.of(method.edit, directions)

    def __repr__(self) -> str:
        colours = {1: "grey", 3: "colour"}[self.channels]
        parts = [f"{self.method.name}, {self.size} x {self.size} px, {colours}"]
        able = [verb for verb in ("reconstruct", "translate", "edit", "encode", "sample") if self.can(verb)]
        parts.append(f"can {', '.join(able)}")
        if self.controls is not None:
            parts.append(f"edits {listed(self.controls.names, NAMES_SHOWN)}")
        if self.checkpoint is not None:
            parts.append(f"checkpoint {self.checkpoint}")
        parts.append(f"{self.parameters:,} weights on {self.device}")
        return f"<edgan.Model {'; '.join(parts)}>"

    @property
    def size(self) -> int:
        """Side of its images in pixels."""
        return self.shape.size

    @property
    def channels(self) -> int:
        """Channels of its images, 1 or 3."""
        return self.shape.channels

    @property
    def parameters(self) -> int:
        """Number of weights of the networks that it uses."""
        return sum(weight.numel() for network in self.networks.values() for weight in network.parameters())

    def to(self, device: str | torch.device) -> Self:
        """Move the networks to another device, in place; other threads must not use the model meanwhile.

        Args:
            device: "auto", "cpu", "cuda", ...

        Returns:
            The model itself.

        Raises:
            UsageError: there is no such device here.
        """
        self.device = resolve_device(str(device))
        for network in self.networks.values():
            network.to(self.device)
        return self

    def can(self, capability: str) -> bool:
        """Whether the model has a verb: "reconstruct", "translate", "edit", "encode" or "sample"."""
        if capability == "edit":
            return self.controls is not None
        return capability in self.method.capabilities

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

    def images_of(self, given: Given) -> Tensor:
        """Images as the model reads them, (N, C, size, size) in [-1, 1]; tensors are returned as they are.

        Pictures are cropped as the run's images were and resized, as the verbs on folders do.

        Raises:
            UsageError: `given` is no kind of picture that is taken.
            EdganError: a picture cannot be read or decoded.
        """

        def load(picture: Picture) -> np.ndarray:
            return load_image(picture, self.size, self.channels, self.crop)

        return tensor_of(given, load, "images")

    def sources_of(self, given: Given) -> Tensor:
        """`images_of` for the sources of a translator, (N, C', size, size); class-index maps become one-hot."""
        options = {"maps": self.source_maps, "classes": self.shape.source_classes, "crop": self.crop}
        load = partial(load_source, size=self.size, channels=self.shape.source_channels, **options)  # type: ignore[arg-type]
        return tensor_of(given, load, "source")

    def prepare(self, images: Given) -> Tensor:
        """Prepare a forward outside the verbs: networks in evaluation mode, images checked and on the model's device.

        Raises:
            UsageError: the images have another shape or range.
        """
        tensor = self.images_of(images)
        self._ready({"image": tensor})
        return self._here(tensor)

    def _ready(self, fields: Mapping[str, Tensor], made: bool = False) -> None:
        check_fields(self.shape, fields, self.method.multiple)
        if not made:
            refuse_unit_range(fields)
        for network in self.networks.values():
            if network.training:
                network.eval()

    def _in_chunks(
        self,
        fields: Mapping[str, Tensor],
        read: Callable[[Forward], tuple[Tensor, ...]],
        keys: Sequence[tuple[int, int]] | None = None,
        known: Mapping[str, Tensor] | None = None,
        made: bool = False,
    ) -> tuple[Tensor, ...]:
        """What `read` takes from each sample's forward, with the precision and on the device of the first tensor.

        Args:
            fields: of all samples.
            read: takes tensors (n, ...) from the forward of a chunk.
            keys: (seed, position) of each sample's noise; None: no noise may be needed.
            known: taps whose values are given.
            made: the images were made by a model, so that any range is allowed.
        """
        self._ready(fields, made)
        first = next(iter([*fields.values(), *(known or {}).values()]))
        chunks = []
        pixels = max((value[0, 0].numel() for value in fields.values() if value.dim() == 4), default=0)
        step = chunk_of(pixels, self.device)
        for start in range(0, len(first), step):
            part = slice(start, start + step)
            chunk = {name: self._here(value[part]) for name, value in fields.items()}
            given = {name: self._here(value[part]) for name, value in (known or {}).items()}
            forward = in_use(self.method, self.networks, chunk, given, keys and keys[part], self.size)
            chunks.append([tap.to(first) for tap in read(forward)])
        return tuple(torch.cat(values) for values in zip(*chunks, strict=True))

    def _here(self, value: Tensor) -> Tensor:
        dtype = next(p.dtype for network in self.networks.values() for p in network.parameters())
        return value.to(self.device, dtype) if value.is_floating_point() else value.to(self.device)
