"""Runs parts in their order within a given time; each leaves its result, or the reason why it has none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts import record
from benchmarks.cuda_parts.job import Figures, Job, NotRunError, Outcome, Part
from edgan.errors import EdganError

TOY_SHARE = 0.25
"""A toy part is expected to take this share of the real one's time. A rehearsal stops none that takes longer."""


@dataclass(frozen=True)
class Call:
    """One call of the quarter hour.

    Attributes:
        device: where everything computes.
        seconds: how long it may take.
        results: for `cuda-PART.json`.
        out: for pictures and weights.
        scratch: for what may go afterwards.
        data: the folder of packed sets, or None.
        toy: sizes for a rehearsal.
        again: repeat parts whose results exist.
        command: what was called, for the record.
        say: called with a sentence as work goes on.
        weights_limit: no weights of more bytes than this are kept.
        beside: parts that run at the same time, which makes this call's times longer.
    """

    device: torch.device
    seconds: float
    results: Path
    out: Path
    scratch: Path
    data: Path | None = None
    toy: bool = False
    again: bool = False
    command: str = ""
    say: Callable[[str], None] = print
    weights_limit: int = 100_000_000
    beside: tuple[str, ...] = ()

    def estimate(self, part: Part) -> float:
        """Seconds that a part is expected to take; outside a rehearsal it is given no more."""
        return part.seconds * (TOY_SHARE if self.toy else 1.0)


def run(parts: Iterable[Part], call: Call) -> dict[str, str]:
    """Run parts, the first first, and begin none whose estimate is more than the time left.

    A part that fails is recorded and the next one runs. A part whose result is there and whole is skipped.

    Returns:
        What became of each part: "done", "unfinished", "failed", "skipped", "not run" or "no time".
    """
    ends, fates = time.monotonic() + call.seconds, dict[str, str]()
    for part in parts:
        before = record.read(call.results, part.name)
        left = ends - time.monotonic()
        if before.get("whole") and not call.again:
            fates[part.name] = "skipped"
            call.say(f"{part.name}: skipped, {record.path_of(call.results, part.name)} exists; --again repeats it")
        elif call.estimate(part) > left:
            fates[part.name] = "no time"
            call.say(
                f"{part.name}: not started, it takes {call.estimate(part):.0f} s and {max(left, 0):.0f} s are left"
            )
        else:
            until = ends if call.toy else time.monotonic() + call.estimate(part)
            fates[part.name] = _run_part(part, call, {} if call.again else before, until)
    return fates


def _run_part(part: Part, call: Call, before: Figures, until: float) -> str:
    start = time.monotonic()
    circumstances = record.circumstances(call.device, call.data, call.command)
    same = all(before.get(name) == circumstances[name] for name in ("machine", "torch", "commit"))

    kept: Figures = {}

    def write(figures: Figures, whole: bool, **more: Any) -> None:
        kept.update(figures)
        head = {"part": part.name, "about": part.about, "whole": whole, "toy": call.toy, "beside": list(call.beside)}
        body = {"seconds": record.since(start), **more, "figures": figures}
        record.write(call.results, part.name, {**head, **circumstances, **body})

    job = Job(
        part,
        call.device,
        call.toy,
        call.data,
        call.out / part.name,
        call.scratch,
        until,
        before.get("figures", {}) if same and "error" not in before else {},
        lambda figures: write(figures, whole=False),
        lambda text: call.say(f"{part.name}: {text}"),
        call.weights_limit,
    )
    call.say(f"{part.name}: {part.about} (about {call.estimate(part):.0f} s)")
    try:
        outcome: Outcome = part.work(job)
    except NotRunError as error:
        call.say(f"{part.name}: not run. {error}")
        return "not run"
    except Exception as error:
        sentence = str(error) if isinstance(error, EdganError) else f"{type(error).__name__}: {error}"
        write(kept, whole=False, error=sentence, traceback=record.trace())
        call.say(f"{part.name}: failed after {record.since(start):.0f} s. {sentence}")
        return "failed"
    finally:
        if job.is_cuda:
            torch.cuda.empty_cache()
    write(outcome.figures, outcome.whole, settings=outcome.settings)
    call.say(f"{part.name}: {'done' if outcome.whole else 'unfinished'} in {record.since(start):.0f} s")
    return "done" if outcome.whole else "unfinished"
