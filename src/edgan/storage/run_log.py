"""Reading a run's log.jsonl while a training writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def lines_after(log: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The whole lines of a log from a byte offset on, and the offset after them; a damaged line is left out.

    Args:
        log: the file; where it is missing there are no lines.
        offset: of the first byte to read, as an earlier call returned it. A negative one counts from the end, and the
            line that it cuts is left out. An offset beyond the end, of a log that was shortened since, reads it all.
    """
    try:
        size = log.stat().st_size
        with log.open("rb") as file:
            start = offset if 0 <= offset <= size else max(0, size + offset) if offset < 0 else 0
            file.seek(start)
            data = file.read(size - start)
    except OSError:
        return [], 0
    end = data.rfind(b"\n") + 1
    lines = data[:end].splitlines()
    if offset < 0 and start > 0:
        lines = lines[1:]
    return [record for record in map(_record, lines) if record is not None], start + end


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("step"), int) else None
