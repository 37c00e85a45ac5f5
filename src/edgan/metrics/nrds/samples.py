"""The sets that NRDS compares: checked once, stored unchanged, converted batch by batch."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgan.data.value_range import UNIT_RANGE, holds_one_picture, looks_like_unit_range
from edgan.errors import UsageError

MAX_CHANNELS = 4
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Samples:
    """One set of samples.

    Attributes:
        name: the caller's name for it; no computation depends on it.
        values: uint8 (N, H, W, C), float32 (N, C, H, W), or float32 (N, D), contiguous, on the CPU.
        digest: a hash of the values. Random streams start from it, so neither names nor order can matter.
    """

    name: str
    values: Tensor
    digest: bytes

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample as the discriminator sees it: (C, H, W) or (D,)."""
        size = tuple(self.values.shape[1:])
        return (size[2], size[0], size[1]) if self.values.dtype == torch.uint8 else size

    @property
    def is_image(self) -> bool:
        """Whether samples are images and not plain vectors."""
        return len(self.shape) == 3

    def take(self, index: Tensor | slice, device: torch.device) -> Tensor:
        """The chosen samples as float32, images as (n, C, H, W) in [-1, 1]."""
        chosen = self.values[index].to(device)
        if chosen.dtype == torch.uint8:
            chosen = chosen.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        return chosen

    def reaches_outside(self) -> bool:
        """Whether a float image has values outside [-1, 1]."""
        if not self.is_image or self.values.dtype == torch.uint8:
            return False
        low, high = self.values.aminmax()
        return bool(low < -1 - TOLERANCE or high > 1 + TOLERANCE)


def read_sets(real: Any, fakes: Mapping[str, Any]) -> tuple[Samples, list[Samples]]:
    """Check the real samples and every model's, and put the models in the order of their contents.

    Raises:
        UsageError: see `edgan.metrics.nrds`.
    """
    if not isinstance(fakes, Mapping) or not fakes:
        raise UsageError("fakes must be a mapping from names of models to their samples, with at least one model.")
    first = read_samples("real", real)
    sets = [read_samples(str(name), values) for name, values in fakes.items()]
    for other in sets:
        if other.shape != first.shape:
            raise UsageError(
                f"The samples of {other.name!r} are {_described(other)} and the real ones {_described(first)}; NRDS "
                "compares samples of the same shape. Convert all images to one size and number of channels first."
            )
    return first, sorted(sets, key=lambda s: s.digest)


def read_samples(name: str, values: Any) -> Samples:
    """One set from an array or tensor (N, ...).

    uint8 images are (N, H, W, C) or (N, H, W), with x meaning x / 127.5 - 1; float images are (N, C, H, W) or (N, H, W)
    in [-1, 1]; (N, D) and (N,) are vectors, and anything else is flattened to vectors. float32 and uint8 arrays are
    not copied.
    """
    tensor = _tensor(name, values)
    if tensor.ndim == 0 or len(tensor) < 2:
        count = "none" if tensor.ndim and not len(tensor) else "only one"
        raise UsageError(f"NRDS needs at least 2 samples in each set, preferably 200; {name!r} has {count}.")
    if holds_one_picture(tuple(tensor.shape), tensor.dtype == torch.uint8):
        raise UsageError(
            f"The samples of {name!r} have the shape {tuple(tensor.shape)}, which is one picture. Give bytes "
            "(N, H, W, C) or floats (N, C, H, W); reshape to (N, D) for plain vectors."
        )
    tensor = _shaped(name, tensor)
    if tensor.dtype != torch.uint8:
        tensor = tensor.float()
        if not torch.isfinite(tensor).all():
            raise UsageError(f"The samples of {name!r} contain NaN or infinite values.")
        if tensor.ndim == 4 and looks_like_unit_range(tensor):
            raise UsageError(f"The float images of {name!r} have {UNIT_RANGE}.")
    tensor = tensor.contiguous()
    digest = hashlib.blake2b(f"{tensor.dtype} {tuple(tensor.shape)}".encode(), digest_size=16)
    digest.update(tensor.numpy().data)
    return Samples(name, tensor, digest.digest())


def _tensor(name: str, values: Any) -> Tensor:
    if isinstance(values, Tensor):
        return values.detach().cpu()
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise UsageError(f"The samples of {name!r} are not an array of numbers (N, ...).")
    if array.dtype.kind == "u" and array.dtype != np.uint8:
        array = array.astype(np.int64)
    with warnings.catch_warnings():
        # Nothing here writes, so a read-only memory map will do.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(np.ascontiguousarray(array))


def _shaped(name: str, tensor: Tensor) -> Tensor:
    """Images with their channel axis, everything else as vectors."""
    is_bytes = tensor.dtype == torch.uint8
    if tensor.ndim == 3:
        tensor = tensor.unsqueeze(-1 if is_bytes else 1)
    if tensor.ndim != 4:
        vectors = tensor.reshape(len(tensor), -1)
        if not vectors.shape[1]:
            raise UsageError(f"The samples of {name!r} have shape {tuple(tensor.shape)} and hold no numbers.")
        return vectors.float() / 127.5 - 1 if is_bytes else vectors
    if not is_bytes and not tensor.is_floating_point():
        raise UsageError(
            f"The images of {name!r} are {tensor.dtype}; give float (N, C, H, W) in [-1, 1] or uint8 (N, H, W, C)."
        )
    if not 1 <= tensor.shape[3 if is_bytes else 1] <= MAX_CHANNELS:
        layout = "uint8 images are (N, H, W, C)" if is_bytes else "float images are (N, C, H, W)"
        raise UsageError(
            f"The images of {name!r} have shape {tuple(tensor.shape)}; {layout} with 1 to {MAX_CHANNELS} channels. "
            "Move the channel axis, or reshape to (N, D) for plain vectors."
        )
    return tensor


def _described(samples: Samples) -> str:
    if samples.is_image:
        channels, height, width = samples.shape
        return f"{width}x{height} images of {channels} channel{'s' if channels > 1 else ''}"
    return f"vectors of {samples.shape[0]}"
