"""The INPUT of the verbs: every image of a file, a folder or a .zip, in name order."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from edgan.data import decode
from edgan.data.crops import SQUARE, Crop, CropCount
from edgan.data.files import MAX_IMAGE_BYTES, read_file
from edgan.data.tree import Tree, image_suffixes
from edgan.data.turns import turn
from edgan.errors import EdganError
from edgan.paths import expand

Loader = Callable[[int, int], np.ndarray]


def images_in(
    path: str | Path,
    crop: Crop = SQUARE,
    count: CropCount | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[tuple[str, Loader]]:
    """The images at `path`, in name order, as (stem, loader).

    The stem is the file's name without its suffix. Where two would be equal, the folders and then the suffix are added
    with '_', so that stems are unique and contain no '/'. `loader(size, channels)` decodes one image by the rules of
    `edgan.data.decode` to (size, size, channels) uint8, and raises EdganError if that fails.

    Args:
        path: a file, a folder or a .zip.
        crop: which part of each image is used.
        count: is told of each image that a loader decodes whether the crop was found in it.
        tell: called with a sentence that counts pictures in formats that are not read, by suffix.

    Raises:
        EdganError: there is nothing at `path`, or no image in it, or what the crop needs is not installed.
    """
    path = expand(path)
    crop.require()
    cutter = _Cutter(crop, CropCount() if count is None else count)
    if path.is_file() and path.suffix.lower() in image_suffixes():
        return [(path.stem, _loader(str(path), partial(read_file, path, most=MAX_IMAGE_BYTES), cutter))]
    tree = Tree(path)
    names = tree.images()
    unread = tree.unread_pictures()
    if not names:
        raise EdganError(
            f"{path} holds no images (.jpg, .png, ...). {unread or 'Give an image, a folder or a .zip of images.'}"
        )
    if unread is not None:
        tell(unread)
    loaders = [_loader(str(tree.path / name), partial(tree.read, name), cutter) for name in names]
    return list(zip(unique_stems(names), loaders, strict=True))


@dataclass(frozen=True)
class _Cutter:
    """A crop, and who counts where it was found."""

    crop: Crop
    count: CropCount

    def pixels(self, picture: Image.Image, size: int, channels: int) -> np.ndarray:
        """(size, size, channels) uint8."""
        crop, found = self.crop.placed(picture)
        self.count.add(found)
        return decode.pixels(picture, size, channels, crop)


def _loader(name: str, read: Callable[[], bytes], cutter: _Cutter) -> Loader:
    def load(size: int, channels: int) -> np.ndarray:
        decode.check_size(size, channels)
        try:
            with turn():
                return cutter.pixels(decode.picture(read()), size, channels)
        except OSError as error:
            raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
        except decode.UndecodableError as error:
            raise EdganError(f"{name} cannot be used: {error}.") from error

    return load


def unique_stems(names: list[str]) -> list[str]:
    """A unique stem for each name: the first unused of stem, path without suffix, path with suffix, and numbered.

    Stems that a file system may take for one (by case, or by Unicode's forms) count as equal. A stem holds no '/'.
    """
    candidates = [_stems(PurePosixPath(name)) for name in names]
    counts = [Counter(_folded(options[level]) for options in candidates) for level in range(3)]
    stems: list[str] = []
    taken: set[str] = set()
    for options in candidates:
        free = [stem for level, stem in enumerate(options) if counts[level][_folded(stem)] == 1]
        stem = next((stem for stem in free if _folded(stem) not in taken), options[2])
        number = 2
        while _folded(stem) in taken:
            stem, number = f"{options[2]}_{number}", number + 1
        taken.add(_folded(stem))
        stems.append(stem)
    return stems


def _stems(path: PurePosixPath) -> list[str]:
    """What a file's output may be called, without and with its folders, and with its suffix."""
    folders = [folder for folder in path.parts[:-1] if folder.strip("/") not in ("", "..")]
    whole = "_".join([*folders, path.stem])
    return [path.stem, whole, f"{whole}_{path.suffix.lstrip('.')}"]


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()
