"""Trained models and data sets in memory: loaded when first asked for, the least used ones dropped."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from edgan.api.zoo_pictures import zoo_pictures
from edgan.data import Dataset, open_dataset
from edgan.models.edit_session import EditSession
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.storage.checkpoint import list_checkpoints
from edgan.storage.run_folder import RunFolder
from edgan.studio.server.run_list import StoredRun

MODELS, DATASETS, SESSIONS = 6, 6, 64
Value = TypeVar("Value")


class Newest(Generic[Value]):
    """The values of the keys that were used last."""

    def __init__(self, most: int) -> None:
        self._values: OrderedDict[object, Value] = OrderedDict()
        self._most, self._lock = most, threading.Lock()

    def get(self, key: object, make: Callable[[], Value]) -> Value:
        """The value of a key, made where it is missing. Two threads may make the same one; the first is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            value = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


@dataclass
class LoadedModel:
    """A trained model, with the pictures of it that are under edit."""

    model: Model
    sessions: Newest[EditSession] = field(default_factory=lambda: Newest(SESSIONS))


class Shelf:
    """Models and data sets by run.

    Args:
        device: where models compute.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._models: Newest[LoadedModel] = Newest(MODELS)
        self._datasets: Newest[Dataset] = Newest(DATASETS)

    def model(self, run: StoredRun, lane: str) -> LoadedModel:
        """The model of a run's newest checkpoint, one for each lane: a lane's thread has its models to itself.

        Raises:
            EdganError: the run has no intact checkpoint.
        """
        return self._models.get((run.path, lane, _newest(run.path)), lambda: LoadedModel(load(run.path, self._device)))

    def dataset(self, run: StoredRun) -> Dataset:
        """The data set that a run was trained on, where run.json says that it lay; rendered pictures for the zoo's.

        Raises:
            EdganError: it is not there any more.
        """
        options = run.configuration.data_options

        def opened() -> Dataset:
            folder = zoo_pictures(run.id, run.configuration.size) if run.shipped else run.data_folder
            return open_dataset(folder, **options)

        return self._datasets.get(run.path, opened)


def _newest(run: Path) -> str:
    """What changes with each checkpoint."""
    paths = list_checkpoints(RunFolder(run).checkpoints)
    return max((f"{path.stat().st_mtime_ns} {path.name}" for path in paths if path.exists()), default="")
