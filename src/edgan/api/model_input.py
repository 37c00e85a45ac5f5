"""The photos that a verb reads for a model."""

from __future__ import annotations

from pathlib import Path

from edgan.api.folder_pipeline import Folder
from edgan.api.photo_notes import PhotoNotes
from edgan.api.shard import WHOLE, Shard
from edgan.data import images_in
from edgan.models.model import Model
from edgan.processes import ALONE, Processes


def photos_for(
    model: Model, run: str | Path, input: str | Path, shard: Shard = WHOLE, processes: Processes = ALONE
) -> Folder:
    """The photos of a file, a folder or a .zip, cropped and resized as a run's model reads them.

    Args:
        model: the run's.
        run: the run's folder or zoo name, for messages.
        input: a file, a folder or a .zip.
        shard: which of its photos.
        processes: that share these.

    Raises:
        UsageError: the shard has none.
        EdganError: there is nothing at `input`, or no image in it, or what the run's crop needs is not installed.
    """
    notes = PhotoNotes(model, run)
    pictures = images_in(input, model.crop, notes.crops, notes.of_files.append)
    return Folder(input, pictures, model.size, model.channels, notes).shard(shard, processes)
