"""The errors a person can cause, written for that person: what, where, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EdganError(Exception):
    """The work failed: a file, a folder, a disk, a run. The command line prints it and exits with status 1.

    Attributes:
        everywhere: where several processes share a run, each of them meets this error, and one of them tells it.
    """

    exit_status = 1
    everywhere = False


class UsageError(EdganError):
    """The call was wrong: a name, a value, a combination. The command line prints it and exits with status 2."""

    exit_status = 2
    everywhere = True


def near_miss(name: str, known: Iterable[str]) -> str:
    """A sentence that helps with a name that is not known: the nearest ones, or all of them.

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
