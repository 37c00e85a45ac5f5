"""Pictures to try a model on that ships: the package holds no data, so they are rendered when first asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgan.errors import EdganError
from edgan.paths import cache_folder
from edgan.storage.zoo import zoo_folder
from edgan.synthetic import write_folder

KINDS = {"faces": "faces", "ed-faces": "faces", "facades": "facades", "digits": "digits"}
"""The rendered set that is like each model's training pictures."""
COUNT = 160
SEED = 4321
"""None of the seeds that the models were trained or measured with."""


def zoo_pictures(name: str, size: int) -> Path:
    """A folder with rendered pictures like those that a shipped model was trained on, which it has never seen.

    Args:
        name: "zoo:faces", or "faces".
        size: side of the pictures in pixels.

    Returns:
        A folder in the cache, or a temporary one where there is no cache.

    Raises:
        UsageError: there is no such model.
        EdganError: its kind of pictures cannot be rendered, or not be written.
    """
    kind = KINDS.get(zoo_folder(name).name)
    if kind is None:
        raise EdganError(f"No pictures come with {name}. Send a photo.")
    try:
        cache = cache_folder()
    except OSError:
        cache = Path(tempfile.mkdtemp(prefix="edgan-zoo-"))
    folder = cache / "zoo" / f"{kind}-{size}-{COUNT}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_folder(kind, folder, COUNT, size, SEED)
    return folder
