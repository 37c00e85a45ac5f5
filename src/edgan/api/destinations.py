"""Where a verb may write: a folder of its own, never over an input, and never outside that folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from edgan.data.tree import image_suffixes
from edgan.errors import EdganError, UsageError
from edgan.paths import expand
from edgan.storage.durable import reason, remedy


def out_folder(out: str | Path) -> Path:
    """The folder that a verb writes to, with ~ expanded.

    Raises:
        UsageError: its name ends like that of a picture.
        EdganError: it is a file.
    """
    target = expand(out)
    if target.is_dir():
        return target
    if os.path.lexists(target):
        kind = "a file" if target.exists() else "a broken link"
        raise EdganError(f"The folder {target} cannot be made: there is {kind} of this name. Give another name.")
    if target.suffix.lower() in image_suffixes():
        raise UsageError(
            f"must be a folder: pictures are written as {target.with_suffix('').name}/STEM.png. The name {target.name} "
            "ends like that of a picture; give it without the suffix.",
            parameter="out",
        )
    return target


def files_below(out: Path, names: Sequence[str], source: str | Path) -> list[Path]:
    """The files of these names below OUT, after a check that none of them does harm.

    Args:
        out: the folder to write to.
        names: relative, with '/' between folders.
        source: the input: a file, a folder or a .zip.

    Raises:
        UsageError: OUT is the input folder or lies inside it, or a file would replace the input.
        EdganError: a name leads out of OUT.
    """
    origin, target = expand(source).resolve(), out.resolve()
    if origin.is_dir() and (target == origin or origin in target.parents):
        where = "is the input folder" if target == origin else f"lies inside the input folder {origin}"
        raise UsageError(
            f"must be another folder: {out} {where}, and what is written there would be read as input the next time.",
            parameter="out",
        )
    files = []
    for name in names:
        if os.path.isabs(name) or ".." in name.split("/"):
            raise EdganError(f"The name {name!r} leads out of {out}; nothing is written.")
        file = out / name
        if file.exists() and file.resolve() == origin:
            raise UsageError(f"must be another folder: {file} is the input and would be replaced.", parameter="out")
        files.append(file)
    return files


def make_folder(path: str | Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        EdganError: it cannot be made, or cannot be written to.
    """
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EdganError(
            f"The folder {target} cannot be made: {reason(error)}. {remedy(error, target.parent)}"
        ) from None
    if not os.access(target, os.W_OK):
        raise EdganError(f"The folder {target} cannot be written to. Choose another place, or change its permissions.")
    return target
