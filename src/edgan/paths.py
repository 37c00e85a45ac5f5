"""Paths as a person writes them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def expand(path: str | os.PathLike[str]) -> Path:
    """The path with ~ and ~user replaced by the home folder; as it is where there is no home folder."""
    return Path(os.path.expanduser(path))


def cache_folder() -> Path:
    """$EDGAN_CACHE, or this system's folder for caches.

    That is ~/.cache/edgan on Linux ($XDG_CACHE_HOME/edgan where that is set), ~/Library/Caches/edgan on macOS, and
    %LOCALAPPDATA%/edgan/Cache on Windows.

    Raises:
        OSError: the variable is not set and this user has no home folder.
    """
    homeless = "this user has no home folder, and EDGAN_CACHE is not set"
    try:
        folder = expand(os.environ.get("EDGAN_CACHE") or platformdirs.user_cache_dir("edgan", appauthor=False))
    except RuntimeError as error:
        raise OSError(homeless) from error
    if folder.parts[:1] == ("~",):
        raise OSError(homeless)
    return folder
