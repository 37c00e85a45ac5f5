"""Rankings that `edgan rank` or the studio wrote, and pairs of their pictures for a blind test of one's own."""

from __future__ import annotations

import json
import random
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgan.data import sources_in
from edgan.errors import EdganError, UsageError
from edgan.studio.server.roots import Roots

MOST_BYTES, MOST_PAIRS = 2**22, 2000
FOLDER = "rankings"


class UnknownRankingError(EdganError):
    """There is no such ranking, or no such pair."""


@dataclass(frozen=True)
class Pair:
    """Two pictures of different models: the ranking, and for left and right the model and what loads its picture."""

    id: str
    ranking: str
    models: tuple[str, str]
    loaders: tuple[Callable[[], np.ndarray], Callable[[], np.ndarray]]


class Rankings:
    """The rankings in the runs' folder, one folder below it, and those that the studio made.

    Args:
        roots: pictures outside of these folders are not opened.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._pairs: OrderedDict[str, Pair] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where the studio writes rankings."""
        return self._roots.runs / FOLDER

    def files(self) -> dict[str, Path]:
        """Rankings by id."""
        found: dict[str, Path] = {}
        for folder in (self._roots.runs, *(path for path in sorted(self._roots.runs.iterdir()) if path.is_dir())):
            if (folder / "run.json").exists():
                continue
            for path in sorted(folder.glob("*.json")):
                if path.stat().st_size < MOST_BYTES and _read(path) is not None:
                    parts = path.relative_to(self._roots.runs).with_suffix("").parts
                    found[":".join(parts)] = path
        return found

    def get(self, ranking_id: str) -> dict[str, Any]:
        """A ranking: the object that `edgan rank --json` prints, with the judgements of the blind test so far.

        Raises:
            UnknownRankingError: there is none of this id.
        """
        path = self._path(ranking_id)
        contents = _read(path) or {}
        testable = len(self._folders(path, contents)) > 1
        return {**contents, "id": ranking_id, "testable": testable, "judged": self._judged(path)}

    def draw_pair(self, ranking_id: str) -> Pair:
        """Two pictures of different models, in random order; of the same input where both models have it.

        Raises:
            UsageError: the ranking does not say where its pictures are.
        """
        path = self._path(ranking_id)
        folders = self._folders(path, _read(path) or {})
        if len(folders) < 2:
            raise UsageError("This ranking does not say where the pictures of two models are. Rank them in the studio.")
        names = random.sample(sorted(folders), 2)
        first, second = (dict(sources_in(folders[name], layout="images")[0]) for name in names)
        shared = sorted(first.keys() & second.keys())
        chosen = [random.choice(shared)] * 2 if shared else [random.choice(sorted(side)) for side in (first, second)]
        loaders = (first[chosen[0]], second[chosen[1]])
        pair = Pair(
            secrets.token_urlsafe(8),
            ranking_id,
            (names[0], names[1]),
            (lambda: loaders[0](0, 3), lambda: loaders[1](0, 3)),
        )
        with self._lock:
            self._pairs[pair.id] = pair
            while len(self._pairs) > MOST_PAIRS:
                self._pairs.popitem(last=False)
        return pair

    def pair(self, pair_id: str) -> Pair:
        """A pair that was drawn.

        Raises:
            UnknownRankingError: there is none.
        """
        with self._lock:
            if pair_id not in self._pairs:
                raise UnknownRankingError("There is no such pair, or it was judged already.")
            return self._pairs[pair_id]

    def judge(self, pair_id: str, right: bool) -> dict[str, Any]:
        """Record which picture of a pair looks more real, and say what the scores say.

        Args:
            pair_id: of the pair; it can be judged once.
            right: whether it is the right one.
        """
        pair = self.pair(pair_id)
        path = self._path(pair.ranking)
        scores = (_read(path) or {})["scores"]
        chosen, other = pair.models[::-1] if right else pair.models
        agrees = scores[chosen] > scores[other]
        line = json.dumps({"chosen": chosen, "other": other, "agrees": agrees})
        with self._lock:
            self._pairs.pop(pair_id, None)
            with _judgements(path).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return {"left": pair.models[0], "right": pair.models[1], "agrees": agrees, "judged": self._judged(path)}

    def _path(self, ranking_id: str) -> Path:
        path = self.files().get(ranking_id)
        if path is None:
            raise UnknownRankingError(f"There is no ranking {ranking_id!r} in {self._roots.runs}.")
        return path

    def _folders(self, path: Path, contents: dict[str, Any]) -> dict[str, Path]:
        """The folders of a ranking's pictures that lie inside the roots."""
        folders = {}
        for name, text in contents.get("pictures", {}).items():
            folder = (path.parent / str(text)).resolve()
            if name in contents["scores"] and folder.exists() and self._roots.hold(folder):
                folders[name] = folder
        return folders

    def _judged(self, path: Path) -> dict[str, int]:
        try:
            lines = [json.loads(line) for line in _judgements(path).read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            lines = []
        return {"pairs": len(lines), "agreed": sum(bool(line["agrees"]) for line in lines)}


def _judgements(path: Path) -> Path:
    return path.with_suffix(".judgements.jsonl")


def _read(path: Path) -> dict[str, Any] | None:
    """A ranking's contents; None where the file is something else."""
    try:
        contents = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    whole = isinstance(contents, dict) and isinstance(contents.get("scores"), dict) and "real_curve" in contents
    return contents if whole else None
