"""results/NAME.json: the result of a row in a strict schema; the pages are made from it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from edgan.errors import EdganError
from edgan.storage.durable import write_bytes_atomic
from reproduction.framework.verdict import Check, Figure, Strict, Verdict, verdict_of

SCALES = ("toy", "small", "cpu", "gpu", "paper")
"""From the smallest to the largest."""
CORES = ("small", "cpu")
"""Scales for two cores: `small` is older and shorter."""
FORMAT = 2
"""1 had neither the kinds of checks nor the ends of losses, and gave equal values an interval of width zero."""
COUNTS = re.compile(r"number of|parameters")
"""What the names of counts had in common in format 1."""


class Data(Strict):
    """A data set that a row read.

    Attributes:
        name: of its folder.
        key: hash of its contents and of how it was decoded.
        images: number of images by split.
    """

    name: str
    key: str
    images: dict[str, int]


class Result(Strict):
    """The result of a row at a scale.

    Attributes:
        id, claim, paper_figure: of the claim.
        scale: one of `SCALES`.
        protocol: how it was measured.
        data: the sets that were read.
        seeds: those that are done.
        done, of: units of work done and needed.
        headline: our figures in one line.
        figures: by name, over seeds.
        falls: by what share the loss of each training still fell at its end (`fall_of_loss`), by the unit's name.
        checks: the quantities on which the claim depends.
        verdict: follows from the checks and from whether all is done; the row's gates are read separately.
        explanation: why it came out as it did, written by hand; "" if there is none.
        date: ISO 8601, UTC. machine, torch, edgan, commit: what it was made with.
        command: that repeats it.
        budget_seconds: the time budget, None: none. wall_seconds: of the last call.
        compute_seconds: of all units, including those shared with other rows.
    """

    format: int = FORMAT
    id: str
    claim: str
    paper_figure: str
    scale: str
    protocol: str
    data: tuple[Data, ...]
    seeds: tuple[int, ...]
    done: int
    of: int
    headline: str
    figures: dict[str, Figure]
    falls: dict[str, float] = Field(default_factory=dict)
    checks: tuple[Check, ...]
    verdict: Verdict
    explanation: str
    date: str
    machine: str
    torch: str
    edgan: str
    commit: str
    command: str
    budget_seconds: float | None
    wall_seconds: float
    compute_seconds: float

    @model_validator(mode="before")
    @classmethod
    def _from_format_1(cls, value: Any) -> Any:
        return _upgraded(value) if isinstance(value, Mapping) and value.get("format") == 1 else value

    @model_validator(mode="after")
    def _verdict_follows(self) -> Result:
        computed = verdict_of(self.checks, self.done, self.of)
        if self.verdict != computed:
            raise ValueError(f"the verdict is {self.verdict!r}, but the checks give {computed!r}")
        return self


def _upgraded(value: Mapping[str, Any]) -> dict[str, Any]:
    """A result of format 1 in format 2: equal values get no interval, and the verdict is computed anew."""
    checks = []
    for old in value["checks"]:
        check = dict(old)
        point = check["low"] is not None and check["low"] == check["high"]
        if point and COUNTS.search(check["name"]):
            check["kind"] = "count"
        else:
            check |= {"seeds": len(value["seeds"])} | ({"low": None, "high": None} if point else {})
        checks.append(check)
    figures = {
        name: {**old, "low": None, "high": None} if old["low"] is not None and old["low"] == old["high"] else old
        for name, old in value["figures"].items()
    }
    verdict = verdict_of([Check.model_validate(check) for check in checks], value["done"], value["of"])
    return {**value, "format": FORMAT, "checks": checks, "figures": figures, "verdict": verdict}


def result_path(folder: Path, row: str, scale: str) -> Path:
    """FOLDER/NAME.json at scale "small", FOLDER/NAME-SCALE.json at another."""
    return folder / (f"{row}.json" if scale == "small" else f"{row}-{scale}.json")


def write_result(folder: Path, result: Result) -> Path:
    """Write a result atomically: a crash leaves either the old file or the new one.

    Raises:
        EdganError: it could not be written.
    """
    path = result_path(folder, result.id, result.scale)
    write_bytes_atomic(path, (result.model_dump_json(indent=1) + "\n").encode())
    return path


def read_results(folder: Path) -> list[Result]:
    """All results in a folder, in the order of their file names; none if the folder does not exist.

    A row's file begins with its number. Other files, such as those of the benchmarks, are not read.

    Raises:
        EdganError: a file is damaged.
    """
    results = []
    for path in sorted(folder.glob("[0-9]*.json")):
        try:
            results.append(Result.model_validate_json(path.read_text(encoding="utf-8")))
        except (ValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
            first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
            where = ".".join(map(str, first["loc"]))
            raise EdganError(
                f"{path} is not a valid result: {f'{where}: ' if where else ''}{first['msg']}. "
                "Run its row again, or move the file away."
            ) from None
    return results
