"""How the command line shows results: JSON, tables, counts."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from edgan.cli import is_follower, note
from edgan.errors import counted, printable

if TYPE_CHECKING:
    from edgan.api import Written


def as_json(value: Any) -> None:
    """One JSON object on stdout, by the first process; a number that is not finite becomes null."""
    if not is_follower():
        print(json.dumps(_finite(value)))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def say(line: object) -> None:
    """One line on stdout, by the first process."""
    if not is_follower():
        print(printable(str(line)))


def data_check(report: dict[str, Any]) -> None:
    """The report of `data check`, for a reader."""
    images, channels = counted(report["count"], "image"), counted(report["channels"], "channel")
    say(f"{report['path']}: {images}, layout {report['kind']}, {channels}")
    if report["sides"]:
        say(f"  pairs: {'; '.join(f'{name} {side}' for name, side in report['sides'].items())}")
    for name in ("splits", "sizes", "modes", "attributes", "labels"):
        values = list(report[name].items())
        if values:
            shown = ", ".join(
                f"{key} {value:.2f}" if name == "attributes" else f"{key} {value}" for key, value in values[:12]
            )
            say(f"  {name}: {shown}{' ...' if len(values) > 12 else ''}")
    for file, reason in report["skipped"]:
        say(f"  left out {file}: {reason}")
    for group in report["duplicates"][:20]:
        say(f"  equal files: {', '.join(group)}")
    for warning in report["warnings"]:
        say(f"  note: {warning}")


def written_files(written: Written, as_object: bool) -> None:
    """The files that a verb wrote, and the inputs that it could not use."""
    if as_object:
        as_json({"out": str(written.out), **written_paths(written)})
        return
    for stem, reason in written.failed:
        note(f"left out {stem}: {reason}")
    say(f"{counted(len(written.files), 'image')} in {written.out}{already_there(written)}{also_written(written)}")


def written_paths(written: Written) -> dict[str, Any]:
    """The files that a verb wrote, and the inputs that it could not use, for JSON."""
    files, shown = [str(path) for path in written.files], [str(path) for path in written.shown]
    paths = {"files": files, "shown": shown, "failed": dict(written.failed)}
    return {**paths, "existing": written.existing} if written.existing else paths


def already_there(written: Written) -> str:
    """A clause that counts the inputs that were left out: "; 3 inputs skipped, because ..."; empty where none was."""
    if not written.existing:
        return ""
    return f"; {counted(written.existing, 'input')} skipped, because the pictures are there already"


def also_written(written: Written) -> str:
    """A clause that names the sheet and the animations: "; also sheet.png"; empty where there are none."""
    return f"; also {', '.join(map(str, written.shown))}" if written.shown else ""
