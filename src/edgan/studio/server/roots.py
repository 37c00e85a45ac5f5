"""The folders that were named at start. No path of a client leads out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from edgan.errors import UsageError
from edgan.paths import expand

MOST_LISTED = 500


class Roots:
    """Folders that clients may name.

    Args:
        runs: where runs are, and where new ones are made.
        data: more folders that trainings and rankings may read.

    Raises:
        UsageError: one is not a folder.
    """

    def __init__(self, runs: str | Path, data: Sequence[str | Path] = ()) -> None:
        self.runs = _folder(runs, "runs")
        self.all = tuple(dict.fromkeys([self.runs, *(_folder(path, "data") for path in data)]))

    def resolve(self, text: str) -> Path:
        """The path that a client names: an absolute one, or one below the runs' folder. Links are followed first.

        Raises:
            UsageError: it lies outside of the folders, or does not exist.
        """
        allowed = ", ".join(map(str, self.all))
        outside = f"{text!r} is not in {allowed}. Start the studio with --data FOLDER to add a folder."
        if "\0" in text or not text.strip():
            raise UsageError(f"Give the path of a folder in {allowed}.")
        try:
            path = (self.runs / expand(text.strip())).resolve()
        except (OSError, RuntimeError, ValueError):
            raise UsageError(outside) from None
        if not self.hold(path):
            raise UsageError(outside)
        if not path.exists():
            raise UsageError(f"There is nothing at {path}.")
        return path

    def hold(self, path: Path) -> bool:
        """Whether a path, links followed, lies in one of the folders."""
        return any(path.is_relative_to(root) for root in self.all)

    def below(self, folder: Path) -> Iterator[Path]:
        """The folders and .zip files in a folder that `resolve` returned, by name; hidden ones are left out."""
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name.lower())
        shown = (entry for entry in entries if not entry.name.startswith("."))
        chosen = [entry for entry in shown if entry.is_dir() or entry.suffix.lower() == ".zip"]
        yield from chosen[:MOST_LISTED]


def _folder(path: str | Path, parameter: str) -> Path:
    folder = expand(path)
    if not folder.is_dir():
        raise UsageError(f"must be a folder that exists ({folder} is none).", parameter=parameter)
    return folder.resolve()
