"""The runs in the folders of the studio and the models that ship, each as a card."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgan.api.model_zoo import read_card
from edgan.config import Configuration
from edgan.errors import EdganError
from edgan.methods import Method
from edgan.models.directions import FILE as DIRECTIONS
from edgan.models.inverting import ways_of_method
from edgan.models.stored_run import stored_configuration, stored_shape
from edgan.storage.checkpoint import list_checkpoints
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_lock import holder
from edgan.storage.run_log import lines_after
from edgan.storage.zoo import FOLDER as ZOO
from edgan.storage.zoo import PREFIX, zoo_folder, zoo_names

DEPTH = 2
TAIL = 2**16
STEP = re.compile(r"(\d+)$")


class UnknownRunError(EdganError):
    """There is no run of this id."""


@dataclass(frozen=True)
class StoredRun:
    """A run as its run.json describes it.

    Attributes:
        id: in addresses.
        path: its folder.
        contents: of run.json.
        configuration: what it was trained with.
        method: bound to its settings and data.
        shipped: whether it is one of the zoo's models, which cannot be trained on.
    """

    id: str
    path: Path
    contents: dict[str, Any]
    configuration: Configuration
    method: Method
    shipped: bool = False

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What its trained model can do, "invert" and editing by directions included."""
        able = list(self.method.capabilities)
        if "edit" not in able and (self.path / DIRECTIONS).exists():
            able.append("edit")
        return (*able, "invert") if ways_of_method(self.method) else tuple(able)

    @property
    def data_folder(self) -> Path:
        """The data set that it was trained on.

        Raises:
            EdganError: it is not where it was, as on another machine.
        """
        path = Path(str(self.contents["data"]["path"]))
        if path.exists():
            return path
        raise EdganError(
            f"The data of this run is not on this machine: {path} is missing. Use photos of your own, or put the data "
            f"there. To train on with the data elsewhere: edgan train {self.method.name} --data DATA --out {self.path} "
            "--resume."
        )


class RunList:
    """The runs in and below a folder, looked up at each request, and the zoo's. What a run.json says is read once.

    Args:
        root: a run, or a folder of runs or of folders of runs.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[Path, tuple[float, StoredRun | EdganError]] = {}
        self._known: dict[str, Path] = {}
        self._lock = threading.Lock()

    def paths(self) -> dict[str, Path]:
        """The folders of all runs by id, in the order of their names; then the zoo's."""
        found = {self._id(path): path for path in _runs_below(self.root, DEPTH)}
        shipped = {f"{PREFIX}{name}": zoo_folder(name) for name in zoo_names()}
        self._known = {**dict(sorted(found.items())), **{name: shipped[name] for name in shipped if name not in found}}
        return self._known

    def get(self, run_id: str) -> StoredRun:
        """A run by its id.

        Raises:
            UnknownRunError: there is none.
            EdganError: it cannot be read.
        """
        path = self._known.get(run_id)  # a slider asks often; the folders are searched again only for an unknown run
        if path is None or not (path / "run.json").is_file():
            path = self.paths().get(run_id)
        if path is None:
            raise UnknownRunError(f"There is no run {run_id!r} in {self.root}.")
        return self._stored(run_id, path)

    def cards(self) -> list[dict[str, Any]]:
        """Every run as `card` describes it; one that cannot be read has the state "damaged" and says why."""
        cards = []
        for run_id, path in self.paths().items():
            try:
                cards.append(card(self._stored(run_id, path)))
            except EdganError as error:
                cards.append({"id": run_id, "name": path.name, "state": "damaged", "trouble": str(error)})
        return cards

    def _id(self, path: Path) -> str:
        """The path below the root with ":" between folders: "/" cannot stand in a part of an address."""
        return path.name if path == self.root else ":".join(path.relative_to(self.root).parts)

    def _stored(self, run_id: str, path: Path) -> StoredRun:
        folder = RunFolder(path)
        try:
            changed = folder.run_json.stat().st_mtime
        except OSError:
            raise UnknownRunError(f"There is no run {run_id!r} in {self.root}.") from None
        with self._lock:
            known = self._read.get(path)
            if known is None or known[0] != changed:
                known = (changed, _read(run_id, folder))
                self._read[path] = known
        if isinstance(known[1], EdganError):
            raise known[1]
        return known[1]


def card(run: StoredRun) -> dict[str, Any]:
    """What a run's card shows: what it is, how far it is, and its last figures."""
    if run.shipped:
        return _shipped_card(run)
    configuration, folder = run.configuration, RunFolder(run.path)
    lines, _ = lines_after(folder.log, -TAIL)
    saved = [int(found[1]) for path in list_checkpoints(folder.checkpoints) if (found := STEP.search(path.name))]
    step = max([*saved, *(line["step"] for line in lines[-1:])], default=0)
    owner = holder(run.path)
    looked: dict[str, Any] = next((line for line in reversed(lines) if "held_out" in line), {})
    return {
        **_description(run),
        "name": run.path.name,
        "step": step,
        "steps": configuration.steps,
        "state": _state(owner, step, configuration.steps, bool(saved)),
        "seconds_left": _seconds_left(lines, configuration.steps) if owner is not None else None,
        "previews": folder.preview_steps(),
        "held_out": looked.get("held_out", {}),
        "health": looked.get("health", []),
        "ready": bool(saved),
    }


def _description(run: StoredRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "path": str(run.path),
        "method": run.method.name,
        "preset": run.configuration.preset,
        "size": run.configuration.size,
        "data": Path(str(run.contents["data"]["path"])).name,
        "images": run.contents["data"]["images"],
        "capabilities": list(run.capabilities),
    }


def _shipped_card(run: StoredRun) -> dict[str, Any]:
    about, steps = read_card(run.path.name), run.configuration.steps
    return {
        **_description(run),
        "name": about.name,
        "title": about.title,
        "step": steps,
        "steps": steps,
        "state": "shipped",
        "seconds_left": None,
        "previews": [steps],
        "held_out": dict(about.figures),
        "health": [],
        "ready": True,
    }


def preview_file(run: StoredRun, step: int) -> Path:
    """The sheet of pictures that a training drew at a step; that of a shipped model, whatever the step."""
    return read_card(run.path.name).preview if run.shipped else RunFolder(run.path).preview(step)


def owner_process(path: Path) -> int | None:
    """The process on this machine that trains in a run's folder; None where none does, or one of another machine."""
    number, _, host = (holder(path) or "").partition(" ")
    return int(number) if number.isdecimal() and host == socket.gethostname() else None


def _state(owner: str | None, step: int, steps: int, saved: bool) -> str:
    if owner is not None:
        return "training"
    if step >= steps:
        return "finished"
    return "stopped" if saved else "empty"


def _seconds_left(lines: list[dict[str, Any]], steps: int) -> float | None:
    """By the rate of the last logged steps."""
    timed = [line for line in lines if "seconds" in line][-20:]
    if len(timed) < 2 or timed[-1]["step"] == timed[0]["step"]:
        return None
    rate = (timed[-1]["seconds"] - timed[0]["seconds"]) / (timed[-1]["step"] - timed[0]["step"])
    return max(0.0, rate * (steps - timed[-1]["step"]))


def _read(run_id: str, folder: RunFolder) -> StoredRun | EdganError:
    try:
        contents = folder.read_run()
        configuration = stored_configuration(contents, folder)
        method = configuration.build(stored_shape(contents, configuration))
    except EdganError as error:
        return error
    return StoredRun(run_id, folder.path, contents, configuration, method, folder.path.parent == ZOO)


def _runs_below(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / "run.json").is_file():
        yield folder
        return
    if depth == 0:
        return
    try:
        with os.scandir(folder) as entries:
            inner = [Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except OSError:
        return
    for path in inner:
        yield from _runs_below(path, depth - 1)
