"""`open_dataset`: from a path to a `Dataset`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from edgan.data.dataset import Dataset


def open_dataset(
    path: str | Path,
    *,
    size: int,
    channels: int | None = None,
    attributes: Sequence[str] | None = None,
    cache: Path | None = None,
    layout: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Dataset:
    """Open a folder or .zip of images in any known layout (docs/data.md).

    Args:
        path: the folder or .zip.
        size: height and width to decode to, in pixels.
        channels: 1 (grey), 3 (RGB), or None: 1 when every image is grey, otherwise 3.
        attributes: names of the attributes to carry, in this order; None carries all there are.
        cache: folder for decoded pixels; None is $EDGAN_CACHE, or ~/.cache/edgan.
        layout: the layout's name, where recognising it would guess wrong; None recognises it.
        progress: called with (images done, images in all) while images are decoded.

    Raises:
        UsageError: `size` or `channels` is out of range, or an attribute or layout is not known.
        EdganError: nothing is there, or nothing of it can be used.
    """
    raise NotImplementedError
