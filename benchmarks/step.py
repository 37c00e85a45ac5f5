"""Time training steps beside their rivals and the machine's matrix products; write results/bench-step.json.

    python -m benchmarks.step [--budget 420] [METHOD[:PRESET] ...]
    python -m benchmarks.step --page            write docs/performance.md from the result

For each method at the presets quick and paper: images a second, milliseconds of each phase and of the data, the least
GFLOP that the step's mathematics needs, their share of the machine's own float32 matrix-product rate, peak memory; and
the same step with a pass for each network, and as a loop written by hand where benchmarks/rivals.py has one. Everything
takes turns within a row, so that all meet the same machine, and every row has a process of its own. Steps are whole:
batches from the cache, optimisers, averages.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.record import ROOT, circumstances
from benchmarks.performance_page import PAGE, page
from benchmarks.step_row import WORK, Wanted, measure
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES

RESULT = ROOT / "results/bench-step.json"
PRESETS = ("quick", "paper")
SECONDS = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", help="METHOD or METHOD:PRESET; all at quick and paper unless given")
    parser.add_argument("--budget", type=float, default=420.0, help="seconds after which no further row starts")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the blocks of a row; at least two run")
    parser.add_argument("--side", type=int, help="of the pictures in pixels; the preset's unless given")
    parser.add_argument("--batch", type=int, help="images a step; the preset's, or fewer where a step is long")
    parser.add_argument("--out", type=Path, default=RESULT, help="the result")
    parser.add_argument(
        "--page", action="store_true", help="write docs/performance.md from the result, and measure nothing"
    )
    arguments = parser.parse_args()
    if arguments.page:
        PAGE.write_text(page(json.loads(arguments.out.read_text(encoding="utf-8"))), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
        return
    result = run(arguments)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {arguments.out}")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the rows asked for, as many as the budget has room for."""
    started = time.monotonic()
    rows: dict[str, Any] = {}
    left_out: list[str] = []
    with tempfile.TemporaryDirectory(prefix="edgan-step-") as scratch:
        for method, preset in chosen(arguments.methods):
            name = f"{method}:{preset}"
            if time.monotonic() - started > arguments.budget:
                left_out.append(name)
                continue
            threads = torch.get_num_threads()
            wanted = Wanted(method, preset, arguments.seconds, threads, Path(scratch), arguments.side, arguments.batch)
            rows[name] = _alone(wanted)
            print(in_words(name, rows[name]), flush=True)
    return {
        **circumstances(torch.device("cpu"), None, "python -m benchmarks.step"),
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "settings": {
            "flops": "matrix products and convolutions of the plan's forwards and backwards, lazy terms at their mean, "
            "without frozen networks whose values are kept for each image",
            "apart": "the same networks and losses, a forward and a backward for each network that steps",
            "batch": f"the preset's, or fewer where a step would take more than {WORK / 1e9:.0f} GFLOP",
            "stage": "the last of each method's stages",
        },
        "left_out": left_out,
        "rows": rows,
    }


def chosen(names: list[str]) -> list[tuple[str, str]]:
    """(method, preset) of each row; a method without a preset has a row for each.

    Raises:
        UsageError: there is no such method or preset.
    """
    rows = []
    for name in names or list(PAGES):
        method, _, preset = name.partition(":")
        if method not in PAGES or (preset and preset not in PAGES[method].presets):
            raise UsageError(f"There is no {name}; edgan methods lists the methods and their presets.")
        rows += [(method, p) for p in ([preset] if preset else PRESETS) if p in PAGES[method].presets]
    return rows


def in_words(name: str, row: dict[str, Any]) -> str:
    """A row as a line."""
    if "not_run" in row:
        return f"{name:24} not run: {row['not_run']}"
    phases = ", ".join(f"{phase} {ms:.0f}" for phase, ms in row["ms_phases"].items())
    rivals = f"apart x{row['apart_ratio']:.2f}" + (
        f", by hand x{row['plain_loop_ratio']:.2f}" if "plain_loop_ratio" in row else ""
    )
    return (
        f"{name:24} {row['images_s']:7.1f} images/s, {row['ms_step']:.0f} ms ({phases}; data {row['ms_data']:.1f}), "
        f"{row['gflop_step']:.1f} GFLOP, {row['ratio']:.2f} of {row['matrix_gflop_s']:.0f} GFLOP/s, "
        f"{row['peak_mib']:.0f} MiB; {rivals}"
    )


def _alone(wanted: Wanted) -> dict[str, Any]:
    """`measure` in a new process. It begins with torch imported but not used, so that its memory is its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.step_row"])
    try:
        with ProcessPoolExecutor(1, context) as pool:
            return pool.submit(measure, wanted).result()
    except EdganError as error:  # the other rows are still to be measured
        return {"not_run": str(error)}


if __name__ == "__main__":
    main()
