"""Sets of pictures for a comparison: from a folder, a .zip, the files of a data set or an array, by one rule.

The rule: a picture becomes 8 bits by `edgan.data.decode`; its largest centred square is cut out and resized with
Lanczos. Float arrays are clipped to [-1, 1] and rounded as in saving, so that precision does not give a set away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgan.data import decode
from edgan.data.files import MAX_FILE_BYTES
from edgan.data.inputs import images_in
from edgan.data.opening import open_dataset
from edgan.data.readers import read_layout
from edgan.data.tree import Tree, image_suffixes
from edgan.data.value_range import UNIT_RANGE, holds_one_picture, looks_like_unit_range
from edgan.errors import EdganError, UsageError
from edgan.paths import expand

ARRAY_SUFFIXES = (".npy", ".npz")
NPZ_NAMES = ("images", "arr_0")
# A base plus a residual reaches 2; values far beyond belong to another scale.
FAR = 4.0
TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Pictures:
    """N pictures of one size.

    Attributes:
        values: (N, size, size, 3) uint8, or (N, size, size, 1) after `grey`.
        names: (N) the files' unique stems; empty for an array.
        label: (N,) int64 where the layout gives classes, otherwise None.
        notes: sentences about what is doubtful in the set.
    """

    values: np.ndarray
    names: tuple[str, ...] = ()
    label: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of pictures, N."""
        return len(self.values)

    @property
    def is_grey(self) -> bool:
        """Whether all pictures are grey."""
        return bool((self.values == self.values[..., :1]).all())

    def grey(self) -> Pictures:
        """The pictures with their first channel only; for grey pictures nothing is lost."""
        return replace(self, values=np.ascontiguousarray(self.values[..., :1]))


def check_source(name: str, source: Any) -> None:
    """Refuse a source of pictures without decoding any.

    Args:
        name: the set's name, for messages.
        source: as for `read_pictures`.

    Raises:
        UsageError: it is an array of another shape or type, or holds a single picture.
        EdganError: there is nothing at the path, or no image.
    """
    if not isinstance(source, str | Path):
        count = len(source) if hasattr(source, "__len__") else 2
    else:
        path = expand(source)
        if path.suffix.lower() in ARRAY_SUFFIXES and path.is_file():
            return
        if path.is_file() and path.suffix.lower() in image_suffixes():
            count = 1
        else:
            Tree(path)  # refuses what is not there; which of its files are pictures shows when they are decoded
            count = 2
    if count == 1:
        raise UsageError(f"{name!r} has only one picture; a set needs at least 2, preferably 200.")


def read_pictures(name: str, source: Any, size: int, warn: Callable[[str], None] = lambda _: None) -> Pictures:
    """All pictures of a source at one size.

    Args:
        name: the set's name, for messages.
        source: the path of an image, a folder, a .zip, an .npy or an .npz, or an array or tensor: uint8 (N, H, W, C) or
            (N, H, W), or float (N, C, H, W) or (N, H, W) in [-1, 1], with 1, 3 or 4 channels.
        size: height and width to resize to, in pixels.
        warn: called with a sentence for each file that is left out.

    Raises:
        UsageError: the size is out of range, or the array does not hold pictures.
        EdganError: there is nothing at the path, or none of it can be used.
    """
    decode.check_size(size, None)
    if not isinstance(source, str | Path):
        return _from_array(name, source, size)
    path = expand(source)
    if path.suffix.lower() in ARRAY_SUFFIXES and path.is_file():
        return _from_array(name, _stored(path), size)
    if path.is_file() and path.suffix.lower() in image_suffixes():
        return _decoded(path, size, None, warn)
    tree = Tree(path)
    if tree.images():
        return _decoded(path, size, tree, warn)
    # MNIST, CIFAR-10, ...: pictures inside the publisher's files
    stored = open_dataset(path, size=size, channels=3)
    return Pictures(np.asarray(stored.images), tuple(stored.names), stored.label)


def _decoded(path: Path, size: int, tree: Tree | None, warn: Callable[[str], None]) -> Pictures:
    """The image files at a path that can be decoded, with the labels of class folders."""
    images = images_in(path)
    pixels, kept = [], []
    for position, (_, loader) in enumerate(images):
        try:
            pixels.append(loader(size, 3))
        except UsageError:
            raise
        except EdganError as error:
            warn(str(error))
            continue
        kept.append(position)
    if not pixels:
        raise EdganError(f"None of the images in {path} can be decoded.")
    label = None
    if tree is not None:
        listing = read_layout(tree)
        if listing.label is not None and listing.names == tree.images():
            label = listing.label[kept]
    return Pictures(np.stack(pixels), tuple(images[position][0] for position in kept), label)


def _stored(path: Path) -> np.ndarray:
    """The array of an .npy, memory-mapped; of an .npz the only array, or the one named "images" or "arr_0"."""
    try:
        stored = np.load(path, allow_pickle=False, mmap_mode="r")
        if isinstance(stored, np.ndarray):
            return stored
        with stored:
            return _member(path, stored)
    except EdganError:
        raise
    except MemoryError as error:
        raise EdganError(f"{path} holds more numbers than fit into memory, or is damaged.") from error
    except Exception as error:  # numpy, zipfile, zlib and the parser of the header raise errors of their own kinds
        hint = "it holds Python objects, which are not read" if "allow_pickle" in str(error) else "it is damaged"
        raise EdganError(f"{path} cannot be read as an array of numbers: {hint}. Save it again.") from error


def _member(path: Path, stored: Any) -> np.ndarray:
    """The array of an .npz that is meant."""
    names = [name for name in NPZ_NAMES if name in stored.files] or stored.files
    if not names or (len(stored.files) > 1 and names == stored.files):
        raise EdganError(
            f'{path} must hold one array, or one named "images" (it holds {", ".join(stored.files) or "none"}).'
        )
    sizes = {info.filename.removesuffix(".npy"): info.file_size for info in stored.zip.infolist()}
    if sizes.get(names[0], 0) > MAX_FILE_BYTES:
        raise EdganError(f"The array {names[0]!r} in {path} is above 2 GiB. Save it as an .npy, which is not unpacked.")
    return np.asarray(stored[names[0]])


def _from_array(name: str, values: Any, size: int) -> Pictures:
    array = _plain_array(name, values)
    if array.ndim not in (3, 4) or (array.dtype != np.uint8 and array.dtype.kind != "f"):
        raise UsageError(
            f"{name!r} must hold pictures, uint8 (N, H, W, C) or float (N, C, H, W) in [-1, 1] (got {array.dtype} with "
            f"shape {array.shape}). For vectors, use edgan.metrics.nrds."
        )
    if not array.size:
        raise EdganError(f"{name!r} holds no pictures: its shape is {array.shape}.")
    if holds_one_picture(array.shape, array.dtype == np.uint8):
        many = "(N, H, W, C)" if array.dtype == np.uint8 else "(N, C, H, W)"
        raise UsageError(
            f"{name!r} has the shape {array.shape}, which is one picture; it must hold many, {many}. Grey pictures of "
            "these sides need an axis for their single channel."
        )
    notes: list[str] = []
    if array.dtype.kind == "f":
        array, notes = _bytes(name, array)
    if array.ndim == 3:
        array = array[..., None]
    if array.shape[3] not in (1, 3, 4):
        raise UsageError(
            f"The pictures of {name!r} must have 1, 3 or 4 channels (got {array.shape[3]} from the shape "
            f"{tuple(np.shape(values))}). uint8 arrays are (N, H, W, C), float arrays (N, C, H, W)."
        )
    if array.shape[1:] == (size, size, 3):
        return Pictures(np.ascontiguousarray(array), notes=tuple(notes))
    squeezed = array[..., 0] if array.shape[3] == 1 else array
    pixels = [decode.pixels(decode.picture(np.ascontiguousarray(picture)), size, 3) for picture in squeezed]
    return Pictures(np.stack(pixels), notes=tuple(notes))


def _plain_array(name: str, values: Any) -> np.ndarray:
    """An array, a tensor or nested lists as an array in memory or on disk."""
    try:
        if isinstance(values, Tensor):
            tensor = values.detach().cpu()
            return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UsageError(f"{name!r} cannot be read as an array of pictures (got {type(values).__name__}).") from error


def _bytes(name: str, array: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Float (N, C, H, W) or (N, H, W) in [-1, 1] as uint8 with the channels last, and notes for `Pictures`."""
    if not np.isfinite(array).all():
        broken = int((~np.isfinite(array.reshape(len(array), -1))).any(1).sum())
        raise UsageError(
            f"{broken} of {len(array)} pictures of {name!r} hold NaN or infinite values. Leave them out, or find where "
            "these come from."
        )
    low, high = float(array.min()), float(array.max())
    if max(-low, high) > FAR:
        raise UsageError(
            f"The float pictures of {name!r} must lie in [-1, 1] (got {low:.3g} to {high:.3g}). Pass pictures from 0 "
            "to 255 as uint8 (N, H, W, C)."
        )
    notes = []
    if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
        notes.append(f"Values outside [-1, 1] in {name!r}, from {low:.2f} to {high:.2f}, were clipped.")
    elif looks_like_unit_range(torch.from_numpy(np.ascontiguousarray(array, np.float32))):
        raise UsageError(f"The float pictures of {name!r} have {UNIT_RANGE}.")
    whole = np.rint((np.clip(array, -1, 1) + 1) * 127.5).astype(np.uint8)
    return (np.moveaxis(whole, 1, -1) if whole.ndim == 4 else whole), notes
