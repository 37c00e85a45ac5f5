"""The INPUT of the verbs: every image of a file, a folder or a .zip, in name order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np

from edgan.data import decode
from edgan.data.tree import IMAGE_SUFFIXES, Tree
from edgan.errors import EdganError

Loader = Callable[[int, int], np.ndarray]


def images_in(path: str | Path) -> list[tuple[str, Loader]]:
    """The images at `path`, in name order, as (stem, loader).

    The stem is the file's name without its suffix. Where two would be equal, the folders and then the suffix are added
    with '_', so that stems are unique and contain no '/'. `loader(size, channels)` decodes one image by the rules of
    `edgan.data.decode` to (size, size, channels) uint8, and raises EdganError if that fails.

    Raises:
        EdganError: there is nothing at `path`, or no image in it.
    """
    path = Path(path).expanduser()
    if path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES:
        return [(path.stem, lambda size, channels: decode.load_image(path, size, channels))]
    tree = Tree(path)
    names = tree.images()
    if not names:
        raise EdganError(f"{path} holds no images (.jpg, .png, ...). Give an image, a folder or a .zip of images.")
    return [(stem, _loader(tree, name)) for stem, name in zip(unique_stems(names), names, strict=True)]


def _loader(tree: Tree, name: str) -> Loader:
    def load(size: int, channels: int) -> np.ndarray:
        try:
            data = tree.read(name)
        except OSError as error:
            raise EdganError(f"{tree.path / name} cannot be read: {error.strerror or error}.") from error
        try:
            return decode.load_image(data, size, channels)
        except EdganError as error:
            reason = str(error).removeprefix("The image ")
            raise type(error)(f"{tree.path / name} {reason}") from error

    return load


def unique_stems(names: list[str]) -> list[str]:
    """A unique stem for each name: the first unused of stem, path without suffix, path with suffix, and numbered."""
    candidates = [
        [
            path.stem,
            "_".join([*path.parts[:-1], path.stem]),
            "_".join([*path.parts[:-1], path.stem, path.suffix.lstrip(".")]),
        ]
        for path in map(PurePosixPath, names)
    ]
    counts = [Counter(options[level] for options in candidates) for level in range(3)]
    stems: list[str] = []
    taken: set[str] = set()
    for options in candidates:
        free = [stem for level, stem in enumerate(options) if counts[level][stem] == 1 and stem not in taken]
        stem = free[0] if free else options[2]
        number = 2
        while stem in taken:
            stem, number = f"{options[2]}_{number}", number + 1
        taken.add(stem)
        stems.append(stem)
    return stems
