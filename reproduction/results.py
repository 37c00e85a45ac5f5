"""results/NAME.json: what a row found, in a strict schema, so that a page can be made of it."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError, model_validator

from edgan.errors import EdganError
from edgan.storage.durable import write_bytes_atomic
from reproduction.verdicts import Check, Figure, Strict, Verdict, verdict_of

USUAL_SCALE = "small"


class Data(Strict):
    """A set that a row read.

    Attributes:
        name: of its folder.
        key: hash of its contents and of how it was decoded.
        images: by part.
    """

    name: str
    key: str
    images: dict[str, int]


class Result(Strict):
    """What a row found.

    Attributes:
        id, claim, paper_figure: of the row.
        scale: "small", "paper" or "toy".
        protocol: how it was measured.
        data: the sets.
        seeds: those that are done.
        done, of: units of work.
        headline: our figure in a line.
        figures: by name, over seeds.
        checks: what the claim says is above 0.
        verdict: follows from the checks and from whether all is done.
        explanation: why a claim does not hold, by hand; "" elsewhere.
        date: ISO 8601, UTC. machine, torch, edgan, commit: with what.
        command: that does it again.
        budget_seconds: what it was given, None: no end. wall_seconds: of the last call.
        compute_seconds: of all units, those included that other rows share.
    """

    format: int = 1
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

    @model_validator(mode="after")
    def _verdict_follows(self) -> Result:
        wanted = verdict_of(self.checks, self.done, self.of)
        if self.verdict != wanted:
            raise ValueError(f"the verdict is {self.verdict!r}, and its checks say {wanted!r}")
        return self


def result_path(folder: Path, row: str, scale: str) -> Path:
    """FOLDER/NAME.json at the usual scale, FOLDER/NAME-SCALE.json at another."""
    return folder / (f"{row}.json" if scale == USUAL_SCALE else f"{row}-{scale}.json")


def write_result(folder: Path, result: Result) -> Path:
    """Write a result so that a crash leaves the old one or the new.

    Raises:
        EdganError: the disk refused.
    """
    path = result_path(folder, result.id, result.scale)
    write_bytes_atomic(path, (result.model_dump_json(indent=1) + "\n").encode())
    return path


def read_results(folder: Path) -> list[Result]:
    """All results in a folder, in the order of their files' names; none where there is no folder.

    Raises:
        EdganError: one of them is damaged.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(Result.model_validate_json(path.read_text(encoding="utf-8")))
        except (ValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
            first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
            where = ".".join(map(str, first["loc"]))
            raise EdganError(
                f"{path} is no result that this edgan reads: {f'{where}: ' if where else ''}{first['msg']}. "
                "Run its row again, or move the file away."
            ) from None
    return found
