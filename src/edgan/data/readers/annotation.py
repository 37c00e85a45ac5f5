"""What all readers of lists and tables share: their error, and one line for many files with one trouble."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edgan.errors import EdganError, printable

LISTED = 5
EXAMPLES = 3
GROUP = re.compile(r"([0-9,]+) files \(")


class AnnotationError(EdganError):
    """A list or table of annotations cannot be used. The images can: they are then read without it."""


def left_out(names: Sequence[str], reason: str) -> list[tuple[str, str]]:
    """(file, reason) for a few files one by one, for many files in one line."""
    if len(names) <= LISTED:
        return [(name, reason) for name in names]
    return [(f"{len(names):,} files ({', '.join(names[:EXAMPLES])}, ...)", reason)]


def how_many(skipped: Sequence[tuple[str, str]]) -> int:
    """The number of files behind the entries of `left_out`."""
    groups = (GROUP.match(file) for file, _ in skipped)
    return sum(int(group[1].replace(",", "")) if group else 1 for group in groups)


def visible(text: object, most: int = 80) -> str:
    """Text from a file for a message: control characters escaped, and cut at `most` characters."""
    shown = printable(str(text))
    return shown if len(shown) <= most else f"{shown[:most]}..."
