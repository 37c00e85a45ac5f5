"""The layouts that data sets come in, one file each. The first layout that knows the files reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from edgan.data.listing import Listing
from edgan.data.readers import celeba, cifar, folder, idx, metadata, pairs, side_by_side, utkface
from edgan.data.tree import Tree
from edgan.errors import EdganError, UsageError, near_miss


class Reader(NamedTuple):
    """A layout: its name, whether files are laid out so, and what they hold."""

    kind: str
    recognises: Callable[[Tree], bool]
    read: Callable[[Tree], Listing]


# From the most particular to the most general: the last one takes any image.
READERS = (
    Reader("celeba", celeba.recognises, celeba.read),
    Reader("idx", idx.recognises, idx.read),
    Reader("cifar10-batches", cifar.recognises, cifar.read),
    Reader("images-labels", pairs.recognises_images_labels, pairs.read_images_labels),
    Reader("a-b", pairs.recognises_a_b, pairs.read_a_b),
    Reader("metadata", metadata.recognises, metadata.read),
    Reader("utkface", utkface.recognises, utkface.read),
    Reader("side-by-side", side_by_side.recognises, side_by_side.read),
    Reader("class-folders", folder.recognises_classes, folder.read_classes),
    Reader("images", folder.recognises_images, folder.read_images),
)
KINDS = tuple(reader.kind for reader in READERS)


def read_layout(tree: Tree, layout: str | None = None) -> Listing:
    """What `tree` holds, by its own layout or by the one that is asked for.

    Raises:
        UsageError: there is no layout of that name.
        EdganError: no layout fits, nothing is left, or the layout's own files (metadata, labels) are wrong.
    """
    if layout is not None and layout not in KINDS:
        raise UsageError(f"There is no layout {layout!r}. {near_miss(layout, KINDS)}")
    fits = (r for r in READERS if (r.recognises(tree) if layout is None else r.kind == layout))
    reader = next(fits, None)
    if reader is None:
        raise EdganError(
            f"{tree.path} holds {len(tree.stats)} files but no images (.jpg, .png, ...) and no known data set. "
            "Give the folder or .zip that holds the images; docs/data.md shows the layouts."
        )
    listing = reader.read(tree)
    if not listing.names:
        raise EdganError(f"Nothing in {tree.path} can be used as {listing.kind!r}: {reasons(listing.skipped)}.")
    return listing


def reasons(skipped: list[tuple[str, str]], most: int = 3) -> str:
    """The first reasons why files were left out, as part of a sentence."""
    if not skipped:
        return "no images were found"
    shown = "; ".join(f"{name}: {why}" for name, why in skipped[:most])
    return shown + (f"; and {len(skipped) - most} more" if len(skipped) > most else "")
