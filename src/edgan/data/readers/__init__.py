"""The layouts of data sets, a file each. The first layout that recognises the files reads them."""

from __future__ import annotations

from edgan.data.listing import Listing
from edgan.data.readers import (
    celeba,
    cifar,
    folder,
    huggingface,
    idx,
    metadata,
    pairs,
    side_by_side,
    utkface,
    webdataset,
)
from edgan.data.readers.annotation import AnnotationError
from edgan.data.readers.near_layouts import archives_in, notes_on
from edgan.data.tree import Tree
from edgan.errors import EdganError, UsageError, near_miss

# From the most specific to the most general: the last one takes any image.
READERS = (
    celeba.READER,
    idx.READER,
    cifar.READER,
    webdataset.READER,
    huggingface.READER,
    pairs.IMAGES_LABELS,
    pairs.A_B,
    metadata.READER,
    utkface.READER,
    side_by_side.READER,
    folder.CLASSES,
    folder.IMAGES,
)
KINDS = tuple(reader.kind for reader in READERS)


def read_layout(tree: Tree, layout: str | None = None) -> Listing:
    """What `tree` holds.

    Lists and tables that cannot be used are passed over with a note, so that they never keep anyone from the images;
    where `layout` asks for them, they are an error.

    Args:
        tree: the files.
        layout: the name of the layout to read them by; None: the first that recognises them.

    Raises:
        UsageError: there is no layout of that name.
        EdganError: no layout fits, nothing is left, or the lists of the layout asked for are wrong.
    """
    if layout is not None and layout not in KINDS:
        raise UsageError(f"{layout!r} is not a known layout. {near_miss(layout, KINDS)}")
    notes: list[str] = []
    for reader in READERS:
        if reader.kind == layout or (layout is None and reader.recognises(tree)):
            try:
                listing = reader.read(tree)
            except AnnotationError as error:
                if layout is not None:
                    raise
                notes.append(str(error))
                continue
            break
    else:
        raise EdganError(" ".join([_nothing(tree), *notes[:1]]))
    listing.skipped = [*tree.left_out, *listing.skipped]
    if not listing.names:
        raise EdganError(f"Nothing in {tree.path} can be used as {listing.kind!r}: {reasons(listing.skipped)}.")
    listing.notes = [
        *(f"{note} The images are read on their own." for note in notes),
        *listing.notes,
        *notes_on(tree, listing),
    ]
    return listing


def _nothing(tree: Tree) -> str:
    archives = archives_in(tree)
    if archives and not tree.images():
        return f"{tree.path} holds no images. {archives[0]}"
    pictures = tree.unread_pictures()
    if pictures is not None:
        return f"{tree.path} holds no images in a format that is read. {pictures}"
    return (
        f"{tree.path} holds no images (.jpg, .png, ...) and no known data set. "
        "Give the folder or .zip that holds the images; docs/data.md shows the layouts."
    )


def reasons(skipped: list[tuple[str, str]], most: int = 3) -> str:
    """The first reasons why files were left out, as part of a sentence."""
    if not skipped:
        return "no images were found"
    shown = "; ".join(f"{name}: {why}" for name, why in skipped[:most])
    return shown + (f"; and {len(skipped) - most} more" if len(skipped) > most else "")
