"""HEIC photos, as phones take them, where the optional package pillow-heif is installed (the extra `heic`)."""

from __future__ import annotations

import importlib.util
import threading

from PIL import Image

from edgan.extras import install_command

SUFFIXES = frozenset({".heic", ".heif", ".hif"})
BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""What such a file names as its kind, in its first bytes. An AVIF file may be of the kind mif1 too."""
FORMAT = "HEIF"

_once = threading.Lock()


def is_available() -> bool:
    """Whether HEIC files can be read."""
    return importlib.util.find_spec("pillow_heif") is not None


def formats(data: bytes) -> tuple[str, ...]:
    """Pillow's name of the format where a file is HEIC and can be read; it is registered by the first such file."""
    if not (data[4:8] == b"ftyp" and data[8:12] in BRANDS and is_available()):
        return ()
    with _once:
        if FORMAT not in Image.OPEN:
            import pillow_heif

            pillow_heif.register_heif_opener()
    return (FORMAT,)


def remedy() -> str:
    """A sentence for someone whose HEIC files are not read."""
    return f"HEIC files are read once pillow-heif is there: {install_command('heic')}"
