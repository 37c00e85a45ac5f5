"""What a report shows of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class RunView:
    """One run as a report shows it.

    Attributes:
        name: in the report; should be different for every run.
        method: its method's name.
        paper: the method's source, in a line.
        table: `routing.Table.as_dict()`.
        plan_text: the compiled plan as `edgan explain` prints it, or None.
        log: the lines of log.jsonl, oldest first. Numbers that are None are left out of the curves.
        rows: pictures by kind, in the order of the columns ("input", "base", "residual", "output"), each (N, C, H, W)
            float in [-1, 1] with the same N; other values are clipped. "residual" has a signed scale around 0.
        figures: held-out figures by name: "psnr_base" in dB, "ssim_output", ...
        checkpoint: whose weights drew the pictures: "step 1,250, the best by KID (features)"; "" leaves it out.
        started_from: the run whose weights the training started from, and those before it; "" leaves it out.
        seconds: training time.
        images_per_second: training rate, or None.
        command: the exact command of the training; "" leaves it out.
    """

    name: str
    method: str
    paper: str
    table: Mapping[str, Any]
    plan_text: str | None = None
    log: list[dict[str, Any]] = field(default_factory=list)
    rows: Mapping[str, Tensor] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    checkpoint: str = ""
    started_from: str = ""
    seconds: float = 0.0
    images_per_second: float | None = None
    command: str = ""


def duration(seconds: float) -> str:
    """Seconds as text: "48 s", "4 min 12 s", "1 h 02 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
