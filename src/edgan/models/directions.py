"""Directions of attributes in a latent, for latent arithmetic. They are stored in the run's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from edgan.data import Dataset
from edgan.errors import EdganError
from edgan.models.inputs import fields_of
from edgan.storage import durable
from edgan.storage.tensor_checksum import tensor_checksum

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

    def save(self, folder: Path, step: int) -> None:
        """Write them into a run's folder, with a checksum.

        Args:
            folder: the run's.
            step: of the checkpoint whose weights they were measured with.

        Raises:
            EdganError: the file cannot be written.
        """
        named = {f"{self.kind}/{name}": vector.contiguous() for name, vector in self.vectors.items()}
        seal = {"step": str(step), "sha256": tensor_checksum(named, str(step))}
        durable.write_bytes_atomic(folder / FILE, safetensors.torch.save(named, seal))

    @classmethod
    def load(cls, folder: Path, step: int) -> Directions | None:
        """Read them from a run's folder; None where there are none.

        Args:
            folder: the run's.
            step: of the checkpoint whose weights they are used with.

        Raises:
            EdganError: the file is damaged, or of the weights of another step.
        """
        path = folder / FILE
        if not path.exists():
            return None
        again = "Resume the training to its last step to write it again."
        try:
            with safe_open(path, "pt") as file:
                seal = file.metadata() or {}
                named = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError, ValueError) as error:
            raise EdganError(f"{path} is damaged: {error}. {again}") from error
        if not seal:
            raise EdganError(
                f"{path} was written by an earlier edgan and does not say to which step it belongs. {again}"
            )
        saved = int(seal["step"]) if seal.get("step", "").isdecimal() else -1
        if seal.get("sha256") != tensor_checksum(named, str(saved)):
            raise EdganError(f"{path} is damaged: its checksum (sha256) differs. {again}")
        if saved != step:
            raise EdganError(
                f"{path} belongs to the weights of step {saved}, not of step {step}. Edit with checkpoint {saved} if "
                f"it is kept. {again}"
            )
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
        known = {name: (~values.isnan(), values) for name, values in named}
        pairs = {name: (z[there.to(z.device)], values[there]) for name, (there, values) in known.items()}
        varying = {name: pair for name, pair in pairs.items() if 0 < float(pair[1].sum()) < len(pair[1])}
        vectors = {name: _mean(own, has) - _mean(own, 1 - has) for name, (own, has) in varying.items()}
        directions = Directions("multilabel", vectors)
    else:
        assert dataset.label is not None
        label = torch.from_numpy(dataset.label[where])
        present = [(i, name) for i, name in enumerate(dataset.label_names) if (label == i).any()]
        directions = Directions("multiclass", {name: z[label == i].mean(0) for i, name in present})
    return directions if directions.vectors else None


def _mean(z: Tensor, weight: Tensor) -> Tensor:
    return (weight[:, None] * z).sum(0) / weight.sum()
