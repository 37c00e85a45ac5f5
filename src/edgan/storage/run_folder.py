"""A run's folder: RUN/ run.json  log.jsonl  previews/  checkpoints/  report.html  .lock, and two safetensors files.

These are directions.safetensors (`edgan.models.directions`) and pictures.safetensors (`picture_statistics`).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgan._version import __version__
from edgan.errors import EdganError, UsageError
from edgan.paths import expand
from edgan.storage import durable
from edgan.storage.checkpoint import FIRST, list_checkpoints
from edgan.storage.durable import write_json_atomic
from edgan.storage.hub import hub_folder, is_hub_name
from edgan.storage.run_lock import NAME as LOCK
from edgan.storage.zoo import is_zoo_name, zoo_folder

FORMAT = 2
UNSEALED = 1
"""The format before run.json carried a checksum."""

__all__ = ["RunFolder", "write_json_atomic"]


class RunFolder:
    """The files of one training. Making the object does not touch the disk; `create` and `open` do.

    Attributes:
        path: the run's folder.
        run_json, log, previews, checkpoints, report: paths in it; `previews` and `checkpoints` are folders that are
            made with their first contents.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = expand(path)
        self.run_json = self.path / "run.json"
        self.log = self.path / "log.jsonl"
        self.previews = self.path / "previews"
        self.checkpoints = self.path / "checkpoints"
        self.report = self.path / "report.html"

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> RunFolder:
        """A folder for a new run. It becomes a run when `write_run` is called.

        Args:
            path: an empty folder, or one that does not exist yet.

        Raises:
            UsageError: the folder holds a run or other files.
            EdganError: the folder cannot be made.
        """
        run = cls(path)
        run.refuse_taken()
        try:
            durable.make_folder(run.path)
        except OSError as error:
            raise EdganError(
                f"The run's folder {run.path} cannot be made: {durable.reason(error)}. "
                f"{durable.remedy(error, run.path.parent)}"
            ) from error
        return run

    def refuse_taken(self) -> None:
        """Check that a new run can be made here. Writes nothing.

        Raises:
            UsageError: the path is a file or a name of the zoo or the hub, or the folder holds a run or other files.
            EdganError: the folder cannot be read.
        """
        if is_hub_name(self.path):
            raise UsageError(
                f"cannot be {self.path}: a run on the hub is not trained in place. Give a folder; edgan push puts it "
                "there.",
                parameter="out",
            )
        if is_zoo_name(self.path):
            raise UsageError(
                f"cannot be {self.path}: the zoo's models are part of the package and cannot be trained or resumed. "
                "Give a folder.",
                parameter="out",
            )
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"must be a folder, but {self.path} is a file.", parameter="out")
        if self.run_json.exists():
            raise UsageError(f"{self.path} already holds a run. Resume it, or choose another folder.")
        try:
            entries = sorted(entry.name for entry in self.path.iterdir()) if self.path.exists() else []
        except OSError as error:
            raise EdganError(f"The folder {self.path} cannot be read: {durable.reason(error)}.") from error
        if any(path.name != FIRST for path in list_checkpoints(self.checkpoints)):
            raise UsageError(
                f"{self.path} holds checkpoints but no run.json. Copy run.json back, or choose another folder."
            )
        others = [name for name in entries if not name.startswith(durable.ASIDE) and not self._is_of_a_start(name)]
        if others:
            raise UsageError(
                f"{self.path} is not empty and not a run (it holds {others[0]!r}). Choose a new or an empty folder."
            )

    def _is_of_a_start(self, name: str) -> bool:
        """Whether a training that ended before its first step leaves this: its lock, empty log, first checkpoint."""
        return name in (LOCK, self.checkpoints.name) or (name == self.log.name and not self.log.stat().st_size)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """The folder of an existing run.

        Args:
            path: the folder, "zoo:NAME" for a model that ships with the package, or "hub:USER/NAME" for one on the
                Hugging Face Hub, which is fetched into a cache.

        Raises:
            UsageError: the zoo has no model of that name, or it is no name of a repository.
            EdganError: it is not a run; the message says what is missing and lists the runs one level below. Or it
                cannot be fetched.
        """
        if is_hub_name(path):
            return cls.open(hub_folder(os.fspath(path)))
        run = cls(zoo_folder(path) if is_zoo_name(path) else path)
        if not run.path.exists():
            raise EdganError(f"There is no run at {run.path}: the folder does not exist.")
        if not run.path.is_dir():
            raise EdganError(f"{run.path} is a file, but a run is a folder. Give the folder that holds run.json.")
        if not run.run_json.is_file():
            below = sorted(entry.parent.name for entry in run.path.glob("*/run.json"))
            hint = f" It holds runs: {', '.join(below)}." if below else ""
            raise EdganError(f"{run.path} is not a run: run.json is missing.{hint}")
        return run

    def write_run(self, contents: Mapping[str, Any]) -> None:
        """Write or replace run.json atomically, with its format and checksum.

        A new run's first checkpoint is written before it. So a run always holds what it starts from, and a folder
        without run.json is no run yet.

        Raises:
            EdganError: it could not be written; run.json is then unchanged.
        """
        whole = {"format": FORMAT, "edgan": __version__, **contents}
        write_json_atomic(self.run_json, {**whole, "sha256": durable.checksum(whole)})

    def read_run(self) -> dict[str, Any]:
        """The contents of run.json, as they were given to `write_run`.

        Raises:
            EdganError: it is missing, damaged or written by a newer edgan.
        """
        try:
            contents = json.loads(self.run_json.read_bytes())
        except OSError as error:
            raise EdganError(f"{self.run_json} cannot be read: {durable.reason(error)}.") from error
        except (ValueError, RecursionError) as error:
            raise EdganError(f"{self.run_json} is damaged: it is not JSON ({error}).") from error
        if not isinstance(contents, dict):
            raise EdganError(f"{self.run_json} is damaged: it is not a JSON object.")
        seal = contents.pop("sha256", None)
        version, written_by = contents.get("format"), contents.get("edgan")
        if version == UNSEALED and seal is None:  # before run.json had a checksum
            return contents
        if seal != durable.checksum(contents):
            newer = isinstance(version, int) and version > FORMAT
            if newer and isinstance(written_by, str) and written_by != __version__:
                raise EdganError(
                    f"{self.run_json} was written by edgan {written_by}, which is newer than this edgan {__version__}. "
                    "Update edgan."
                )
            raise EdganError(
                f"{self.run_json} is damaged: its checksum (sha256) differs. Restore it from a copy; it must not be "
                "edited."
            )
        return {name: value for name, value in contents.items() if name not in ("format", "edgan")}

    def write_preview(self, step: int, png: bytes) -> None:
        """Write or replace previews/step-00001000.png atomically.

        Raises:
            EdganError: it could not be written.
        """
        path = self.preview(step)
        try:
            durable.make_folder(self.previews)
        except OSError as error:
            raise EdganError(f"{path} could not be written: {durable.reason(error)}.") from error
        durable.write_bytes_atomic(path, png)

    def preview(self, step: int) -> Path:
        """Where the preview of a step lies."""
        return self.previews / f"step-{step:08d}.png"

    def preview_steps(self) -> list[int]:
        """The steps of which there are previews, ascending."""
        return sorted(int(p.stem[5:]) for p in self.previews.glob("step-*.png") if p.stem[5:].isdecimal())

    def append_log(self, step: int, values: Mapping[str, Any]) -> None:
        """Add one line to log.jsonl: {"step": step, **values}. A step's lines are written before its checkpoint.

        Args:
            step: number of steps done.
            values: JSON. A number that is not finite becomes null, so that any JSON reader can read the log.

        Raises:
            EdganError: it could not be written. The next call drops an incomplete line that this one left.
        """
        line = (json.dumps(_finite({"step": step, **values}), allow_nan=False) + "\n").encode()
        try:
            with self.log.open("ab+") as file:
                if file.tell() and not _ends_whole(file):
                    file.truncate(_whole_length(self.log.read_bytes()))
                file.write(line)
        except OSError as error:
            raise self._write_failed(error) from error

    def sync_log(self) -> None:
        """Wait until the disk has the log. Called before a checkpoint, so that no earlier line can be lost.

        Raises:
            EdganError: the log could not be synced.
        """
        try:
            with self.log.open("ab") as file:
                os.fsync(file.fileno())
            durable.sync_folder(self.path)
        except OSError as error:
            raise self._write_failed(error) from error

    def read_log(self) -> list[dict[str, Any]]:
        """The lines of log.jsonl, oldest first; empty if there is none. An incomplete last line is left out.

        Raises:
            EdganError: the log cannot be read, or a line before the last is damaged; the message gives its number.
        """
        return [record for record, _ in self._lines()]

    def seconds(self) -> float:
        """Seconds of training up to the last line of the log, over all sessions of the run.

        Raises:
            EdganError: as `read_log`.
        """
        return next((float(line["seconds"]) for line in reversed(self.read_log()) if "seconds" in line), 0.0)

    def truncate_log(self, step: int) -> None:
        """Drop the lines after a step, so that the log of a resumed run equals that of an uninterrupted one.

        Args:
            step: the step of the checkpoint that the run resumes from; its own lines stay.

        Raises:
            EdganError: the log is damaged or could not be written. It is then unchanged.
        """
        if self.log.exists():
            kept = b"".join(line for record, line in self._lines() if record["step"] <= step)
            durable.write_bytes_atomic(self.log, kept)

    def _lines(self) -> list[tuple[dict[str, Any], bytes]]:
        try:
            lines = self.log.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise EdganError(f"{self.log} cannot be read: {durable.reason(error)}.") from error
        records = []
        for number, line in enumerate(lines, start=1):
            record = _record(line)
            if record is not None:
                records.append((record, line))
            elif number < len(lines):
                raise EdganError(f"Line {number} of {self.log} is damaged. Remove that line and try again.")
        return records

    def _write_failed(self, error: OSError) -> EdganError:
        return EdganError(
            f"{self.log} could not be written: {durable.reason(error)}. {durable.remedy(error, self.path)} "
            "Then resume the run."
        )


def _record(line: bytes) -> dict[str, Any] | None:
    """The record of a complete line of the log; None for an incomplete one."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    whole = line.endswith(b"\n") and isinstance(record, dict) and isinstance(record.get("step"), int)
    return record if whole else None


def _ends_whole(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _whole_length(data: bytes) -> int:
    """The length up to and including the last line break."""
    return data.rfind(b"\n") + 1


def _finite(value: Any) -> Any:
    """The value with None in place of every number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
