"""Which checkpoint of a run is used: the best, the newest, or that of a step."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from edgan.errors import EdganError, UsageError
from edgan.storage import checkpoint
from edgan.storage.checkpoint import GROUPS, Snapshot, step_of

BEST, NEWEST = "best", "newest"


def chosen_checkpoint(
    folder: Path, which: str | int = BEST, groups: Collection[str] = GROUPS
) -> tuple[Snapshot, bool, list[str]] | None:
    """Read the checkpoint that was asked for.

    Args:
        folder: the checkpoints' folder; it may be missing.
        which: "best": the one that held-out images judged best, or the newest where none was judged. "newest". Or a
            step.
        groups: the tensor groups to read, as for `checkpoint.load`.

    Returns:
        The snapshot, whether it is the best, and a sentence for each damaged checkpoint that was passed over; None if
        there is no checkpoint at all.

    Raises:
        UsageError: there is no checkpoint of that step; the message lists those that are kept.
        EdganError: the checkpoint of that step, or every checkpoint, is damaged.
    """
    best = checkpoint.best(folder, groups)
    reports: list[str] = []
    if which not in (BEST, NEWEST):
        path = _of_step(folder, which, best)
        return checkpoint.load(path, groups), path == best, []
    if which == BEST and best is not None:
        try:
            return checkpoint.load(best, groups), True, []
        except EdganError as error:
            reports.append(f"{error} The newest checkpoint is used in place of the best.")
    newest = checkpoint.newest(folder, groups)
    if newest is None:
        return None
    snapshot, damaged = newest
    return snapshot, best is not None and step_of(best) == snapshot.step, [*reports, *damaged]


def _of_step(folder: Path, which: str | int, best: Path | None) -> Path:
    kept = checkpoint.list_checkpoints(folder)
    step = int(which) if isinstance(which, int) or which.isdecimal() else None
    found = next((path for path in kept if step_of(path) == step), None)
    if found is None:
        steps = ", ".join(f"{step_of(path)}{' (the best)' if path == best else ''}" for path in kept)
        raise UsageError(
            f"must be best, newest or the step of a checkpoint that is kept: {steps or 'there is none'} (got {which}).",
            parameter="checkpoint",
        )
    return found
