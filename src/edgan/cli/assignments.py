"""NAME=VALUE as the command line writes it."""

from __future__ import annotations

from edgan.errors import UsageError


def parse_assignments(texts: list[str], form: str) -> dict[str, str]:
    """Read ["name=value", ...] from the command line.

    Args:
        texts: as given.
        form: how the option is written, for the message: "--set NAME=VALUE".

    Raises:
        UsageError: a text without an equals sign, or with nothing on one side of it.
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise UsageError(f"{form.split()[0]} {text!r} is not complete: write {form}.")
        pairs[name.strip()] = value.strip()
    return pairs
