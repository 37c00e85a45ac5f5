"""Pictures as a Python caller has them: Pillow images, paths, bytes, numpy arrays, tensors, and lists of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from edgan.data.batch import from_uint8
from edgan.data.value_range import holds_one_picture
from edgan.errors import EdganError, UsageError

Picture = str | Path | bytes | np.ndarray | Image.Image
"""One picture: a path, an image file's bytes, an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8, or a Pillow
image."""
Given = Tensor | Picture | Sequence[Picture] | Sequence[Tensor]
"""What a model's verbs take: a tensor (N, C, size, size) in [-1, 1], a picture, an array (N, H, W) or (N, H, W, C)
uint8, a list of pictures, or a list of tensors (C, size, size)."""

CHANNELS = (1, 3, 4)


def tensor_of(given: Given, load: Callable[[Picture], np.ndarray], parameter: str) -> Tensor:
    """Pictures as a batch.

    Args:
        given: see `Given`. An array of three axes is one picture (H, W, C) where its last axis has 1, 3 or 4 entries,
            and N grey pictures (N, H, W) otherwise.
        load: crops and resizes one picture to (size, size, C) uint8. Tensors are taken as they are.
        parameter: the argument's name, for messages.

    Returns:
        (N, C, size, size) in [-1, 1], float32 unless it was given as a tensor.

    Raises:
        UsageError: it is none of these, or an array of floats.
        EdganError: a picture cannot be read or decoded; in a list the message gives its position, from 1.
    """
    if isinstance(given, Tensor):
        return _checked(given, parameter)
    if isinstance(given, Sequence) and given and all(isinstance(entry, Tensor) for entry in given):
        return _stacked([_checked(entry, parameter) for entry in given if isinstance(entry, Tensor)], parameter)
    pictures = _singles(given, parameter)
    if not pictures:
        raise UsageError("is empty: give at least one picture.", parameter=parameter)
    loaded = []
    for number, picture in enumerate(pictures, 1):
        try:
            loaded.append(load(picture))
        except UsageError:
            raise
        except EdganError as error:
            if len(pictures) == 1 or isinstance(picture, str | Path):
                raise
            raise EdganError(f"Picture {number} of {len(pictures)}: {error}") from error
    return from_uint8(torch.from_numpy(np.stack(loaded)))


def _checked(tensor: Tensor, parameter: str) -> Tensor:
    if not tensor.is_floating_point():
        raise UsageError(
            f"must be a tensor of floats in [-1, 1] (got {tensor.dtype}). Bytes are taken as a numpy array with the "
            "channels last: x.permute(0, 2, 3, 1).numpy().",
            parameter=parameter,
        )
    return tensor


def _stacked(tensors: list[Tensor], parameter: str) -> Tensor:
    shapes = {tuple(tensor.shape) for tensor in tensors}
    if len(shapes) > 1 or tensors[0].dim() != 3:
        raise UsageError(
            f"must hold tensors of one shape (C, H, W) where it is a list of tensors (got {sorted(shapes)}).",
            parameter=parameter,
        )
    return torch.stack(tensors)


def _singles(given: Any, parameter: str) -> list[Picture]:
    """The pictures in what was given, each one by itself."""
    if isinstance(given, np.ndarray):
        return _of_array(given, parameter)
    if isinstance(given, list | tuple):
        singles = [_singles(entry, parameter) for entry in given]
        if any(
            len(single) != 1 or isinstance(entry, list | tuple) for single, entry in zip(singles, given, strict=True)
        ):
            raise UsageError(
                "must hold single pictures where it is a list; one entry is a list or an array of several.",
                parameter=parameter,
            )
        return [picture for single in singles for picture in single]
    if isinstance(given, str | Path) and Path(given).expanduser().is_dir():
        raise UsageError(
            f"must be pictures, and {given} is a folder. A model takes single pictures; for a folder use the verbs of "
            "the package, such as edgan.reconstruct(run, folder, out).",
            parameter=parameter,
        )
    if isinstance(given, str | Path | bytes | Image.Image):
        return [given]
    raise UsageError(
        "must be a Pillow image, a path, bytes of an image file, a numpy array (N, H, W, C) of uint8, a list of these, "
        f"or a tensor (N, C, H, W) in [-1, 1] (got {type(given).__name__}).",
        parameter=parameter,
    )


def _of_array(array: np.ndarray, parameter: str) -> list[Picture]:
    """(H, W), (H, W, C), (N, H, W) or (N, H, W, C) uint8 as single pictures (H, W), (H, W, 3) or (H, W, 4)."""
    if array.dtype.kind == "f":
        raise UsageError(_of_floats(array), parameter=parameter)
    if array.dtype != np.uint8:
        raise UsageError(f"must be uint8 where it is a numpy array (got {array.dtype}).", parameter=parameter)
    one = array.ndim == 2 or (array.ndim == 3 and (array.shape[2] == 1 or holds_one_picture(array.shape, True)))
    many = array[None] if one else array
    if many.ndim not in (3, 4) or (many.ndim == 4 and many.shape[3] not in CHANNELS):
        raise UsageError(
            f"must have the shape (N, H, W, C) or (H, W, C) with 1, 3 or 4 channels, or (N, H, W) or (H, W) if it is "
            f"grey (got {array.shape}). In arrays of uint8 the channels come last.",
            parameter=parameter,
        )
    grey = many.ndim == 4 and many.shape[3] == 1
    return [np.ascontiguousarray(picture[..., 0] if grey else picture) for picture in many]


def _of_floats(array: np.ndarray) -> str:
    """Why an array of floats is not taken, and how to convert it."""
    tensor = "as a tensor (N, C, H, W) in [-1, 1]"
    if array.size and array.min() >= 0 and array.max() <= 1:
        return (
            "cannot be floats in [0, 1]. Convert them to bytes, (255 * x).round().astype('uint8') with the channels "
            f"last, or pass 2 * x - 1 {tensor}."
        )
    return (
        f"cannot be a numpy array of floats, whose range is not known. Pass bytes (uint8) with the channels last, or "
        f"floats {tensor}: torch.from_numpy(x)."
    )
