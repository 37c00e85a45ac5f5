"""Errors that a person can cause. The message says what is wrong, where, and what to do.

Rules for the code that raises them:

- `UsageError` is for a wrong argument: a name, a value, a combination. It is a `ValueError`, so Python callers may
  catch either. Its message is worded for a Python caller and names no flag.
- Where a single argument is wrong, `parameter` names it and the message is the rest of the sentence:
  `UsageError("must be at least 1 (got 0).", parameter="steps")` reads "steps must be at least 1 (got 0)." in Python
  and "--steps must be at least 1 (got 0)." on the command line, which puts its own name for the argument in front.
- `EdganError` is for work that failed although the call was right: a file, a folder, a disk, a run.
- Anything else that escapes, a plain `ValueError` or `TypeError` included, is a defect of edgan and is reported as one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EdganError(Exception):
    """The work failed: a file, a folder, a disk, a run. The command line prints it and exits with status 1.

    Attributes:
        everywhere: whether every process of a distributed run meets this error; then only the first one prints it.
        consequence: whether another process of a distributed run met the error that led to this one.
        on_request: whether the work did not fail but was stopped by the person, who then reads no "error".
    """

    exit_status = 1
    everywhere = False
    consequence = False
    on_request = False


class UsageError(EdganError, ValueError):
    """An argument is wrong: a name, a value, a combination. The command line prints it and exits with status 2.

    Args:
        message: one or more sentences for a Python caller; with `parameter`, without the subject of the first.
        parameter: the argument that is wrong, as Python spells it ("steps"), where it is a single one.

    Attributes:
        message, parameter: as given. `str(error)` is the whole text.
    """

    exit_status = 2
    everywhere = True

    def __init__(self, message: str, *, parameter: str | None = None) -> None:
        super().__init__(message if parameter is None else f"{parameter} {message}")
        self.message, self.parameter = message, parameter


def near_miss(name: str, known: Iterable[str]) -> str:
    """A sentence that helps with an unknown name: the nearest known names, or all of them.

    Args:
        name: what was written.
        known: what could have been written.

    Returns:
        "Did you mean 'a'?" or "There are: a, b, c."
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(repr(c) for c in close)}?"
    return f"There are: {', '.join(names)}." if names else "There are none."


def printable(text: str) -> str:
    """Text for a terminal: control characters of a file's name or content are escaped, so that none is obeyed.

    Args:
        text: a line of output, whatever it quotes.
    """
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 image", "2,000 images".

    Args:
        count: how many.
        noun: in the singular.
        plural: where it is not the noun with an s.
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {plural or noun + 's'}"


def none_can(count: int, noun: str, where: object, done: str) -> str:
    """A clause that covers a single one: "None of the 3 images in PATH can be decoded"."""
    if count == 1:
        return f"The only {noun} in {where} cannot be {done}"
    return f"None of the {counted(count, noun)} in {where} can be {done}"


def listed(names: Iterable[str], shown: int, separator: str = ", ") -> str:
    """The first few names, and how many there are beyond: "a, b, c and 4 more"."""
    names = list(names)
    more = len(names) - shown
    return separator.join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")
