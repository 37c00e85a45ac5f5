"""A ranking as a JSON file that also says where its pictures are, so that they can be looked at later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from edgan.metrics import Ranking
from edgan.storage.durable import write_json_atomic


def save_ranking(ranking: Ranking, path: Path, fakes: Mapping[str, str | Path]) -> Path:
    """Write a ranking with the folders of its models' pictures, relative to the file where they can be.

    Args:
        ranking: the result of `rank`.
        path: the file; its folder exists.
        fakes: model to folder, as `rank` was called.

    Returns:
        The file: the object that `edgan rank --json` prints, with "pictures": {model: folder}.

    Raises:
        EdganError: the file could not be written.
    """
    here = path.resolve().parent
    folders = {name: Path(folder).resolve() for name, folder in fakes.items()}
    pictures = {
        name: os.fspath(folder.relative_to(here) if folder.is_relative_to(here) else folder)
        for name, folder in folders.items()
    }
    write_json_atomic(path, json.loads(json.dumps({**ranking.to_dict(), "pictures": pictures})))
    return path
