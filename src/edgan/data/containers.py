"""What a path holds: a folder, a .zip, a .tar, a table of images, or something that is refused with the reason."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from edgan.data import unread
from edgan.data.files import oddity, read_file
from edgan.errors import EdganError

TABLE_SUFFIXES = (".arrow", ".parquet")
"""Of tables that may hold encoded images, as Hugging Face datasets do."""


def is_folder(path: Path) -> bool:
    """Whether there is a folder at `path`.

    Raises:
        EdganError: the system does not tell.
    """
    try:
        return path.is_dir()
    except OSError as error:
        raise EdganError(f"{path} cannot be read: {error.strerror or error}.") from error


def is_tar(path: Path) -> bool:
    """Whether there is an uncompressed .tar at `path`, which can be read by offset.

    Raises:
        EdganError: it cannot be read.
    """
    try:
        if path.suffix.lower() != ".tar" or not path.is_file():
            return False
        with tarfile.open(path, "r:"):
            return True
    except tarfile.TarError:
        return False
    except OSError as error:
        raise EdganError(f"{path} cannot be read: {error.strerror or error}.") from error


def is_table(path: Path) -> bool:
    """Whether there is a file at `path` that is named like a table of images."""
    return path.suffix.lower() in TABLE_SUFFIXES and path.is_file()


def checked_zip(path: Path) -> Path:
    """The path, which holds a .zip.

    Raises:
        EdganError: it does not.
    """
    try:
        kind = oddity(path.stat().st_mode)
        is_zip = kind is None and zipfile.is_zipfile(path)
        head = b"" if is_zip or kind is not None else read_file(path, count=unread.SIGNATURE_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise EdganError(f"There is nothing at {path}. Check the spelling of the path.") from None
    except OSError as error:
        raise EdganError(f"{path} cannot be read: {error.strerror or error}.") from error
    if is_zip:
        return path
    if kind is not None:
        raise EdganError(f"{path} is {kind}. Pass a folder of images, or a .zip of one.")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        raise EdganError(f"{path} is not a complete .zip; it may be truncated. Copy or download it again.")
    if suffix == ".tar":
        raise EdganError(
            f"{path} is not an uncompressed .tar, or is damaged. Copy it again, or unpack and pack it anew."
        )
    if suffix in unread.SUFFIXES or unread.is_picture(head):
        raise EdganError(unread.single(path, head))
    raise EdganError(f"{path} is a file but not a .zip. Pass a folder of images, or a .zip of one.")
