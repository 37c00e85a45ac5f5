"""Directions of attributes in a latent, for latent arithmetic. They are stored in the run's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from edgan.data import Dataset
from edgan.errors import EdganError
from edgan.models.inputs import fields_of
from edgan.storage import durable

FILE = "directions.safetensors"
LIMIT = 10_000
CHUNK = 64


@dataclass(frozen=True)
class Directions:
    """Attributes or classes as vectors in a latent space (Radford et al. 2016, Section 6.3; Paper 2's VAE/GAN).

    Attributes:
        kind: "multilabel": a vector is the mean latent of images with the attribute minus that of images without it.
            "multiclass": a vector is the mean latent of a class.
        vectors: (Z,) float32 each, by name.
    """

    kind: Literal["multilabel", "multiclass"]
    vectors: Mapping[str, Tensor]

    def move(self, z: Tensor, changes: Mapping[str, float]) -> Tensor:
        """Add attributes to latents, or move them towards a class.

        Args:
            z: (N, Z).
            changes: the factor on each attribute's vector, which is added. For a class: 1 replaces the nearest class
                mean by its mean and keeps the difference from that mean; other values go part of the way.

        Returns:
            (N, Z).
        """
        for name, value in changes.items():
            towards = self.vectors[name].to(z)
            if self.kind == "multiclass":
                means = torch.stack(list(self.vectors.values())).to(z)
                towards = towards - means[torch.cdist(z, means).argmin(1)]
            z = z + value * towards
        return z

    def save(self, folder: Path) -> None:
        """Write them into a run's folder.

        Raises:
            EdganError: the file cannot be written.
        """
        named = {f"{self.kind}/{name}": vector.contiguous() for name, vector in self.vectors.items()}
        durable.write_bytes_atomic(folder / FILE, safetensors.torch.save(named))

    @classmethod
    def load(cls, folder: Path) -> Directions | None:
        """Read them from a run's folder; None where there are none.

        Raises:
            EdganError: the file is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            named = safetensors.torch.load_file(path)
        except (OSError, SafetensorError) as error:
            raise EdganError(f"{path} is damaged: {error}. Resume the training to write it again.") from error
        kind: Literal["multilabel", "multiclass"] = (
            "multiclass" if any(name.startswith("multiclass/") for name in named) else "multilabel"
        )
        return cls(kind, {name.partition("/")[2]: vector for name, vector in sorted(named.items())})


def directions_of(encode: Callable[[Mapping[str, Tensor]], Tensor], dataset: Dataset) -> Directions | None:
    """The directions of a data set's attributes, or of its classes where it has no attributes.

    Args:
        encode: batch fields to latents (N, Z).
        dataset: up to 10,000 images of its training split are used.

    Returns:
        None where there is no direction: an attribute that all of the images have, or none of them, has none.
    """
    if dataset.attributes is None and dataset.label is None:
        return None
    where = dataset.indices("train")[:LIMIT]
    chunks = (where[start : start + CHUNK] for start in range(0, len(where), CHUNK))
    z = torch.cat([encode(fields_of(dataset.batch(chunk))).float().cpu() for chunk in chunks])
    if dataset.attributes is not None:
        columns = torch.from_numpy(dataset.attributes[where]).T
        named = zip(dataset.attribute_names, columns, strict=True)
        varying = {name: has for name, has in named if 0 < float(has.sum()) < len(has)}
        vectors = {name: _mean(z, has) - _mean(z, 1 - has) for name, has in varying.items()}
        directions = Directions("multilabel", vectors)
    else:
        assert dataset.label is not None
        label = torch.from_numpy(dataset.label[where])
        present = [(i, name) for i, name in enumerate(dataset.label_names) if (label == i).any()]
        directions = Directions("multiclass", {name: z[label == i].mean(0) for i, name in present})
    return directions if directions.vectors else None


def _mean(z: Tensor, weight: Tensor) -> Tensor:
    return (weight[:, None] * z).sum(0) / weight.sum()
