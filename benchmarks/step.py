"""Time training steps beside their rivals and the machine's matrix products; write results/bench-step.json.

    python -m benchmarks.step [--budget 900] [METHOD[:PRESET] ...]
    python -m benchmarks.step --page            write docs/performance.md from the result, and measure nothing

For each method at the presets quick and paper: images a second, milliseconds of each phase and of the data, the least
GFLOP that the step's mathematics needs, their share of the machine's own float32 matrix-product rate, peak memory; and
the same step with a pass for each network, and as a loop written by hand where benchmarks/by_hand/ has one.
Everything takes turns within a row, so that all meet the same machine, and every row has a process of its own. Steps
are whole: batches from the cache, optimisers, averages.

Every row is written when it is measured. Called again, the command measures the rows that this commit still lacks; rows
that are named are measured in any case. Each call that writes into results/ also writes docs/performance.md, which
shows the rows of other machines too, from results/bench-step-NAME.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.record import ROOT, circumstances, commit
from benchmarks.performance_page import ELSEWHERE, PAGE, page
from benchmarks.step_row import WORK, Wanted, measure
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES
from edgan.storage.durable import write_json_atomic

RESULT = ROOT / "results/bench-step.json"
PRESETS = ("quick", "paper")
SECONDS = 4.0
SAME = ("machine", "torch", "python", "threads", "cpu", "settings")
"""What two rows of one result have in common."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", help="METHOD or METHOD:PRESET; all at quick and paper unless given")
    parser.add_argument("--budget", type=float, default=900.0, help="seconds after which no further row starts")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the rounds of a row; at least four run")
    parser.add_argument("--side", type=int, help="of the pictures in pixels; the preset's unless given")
    parser.add_argument("--batch", type=int, help="images a step; the preset's, or fewer where a step is long")
    parser.add_argument("--out", type=Path, default=RESULT, help="the result")
    parser.add_argument(
        "--page", action="store_true", help="write docs/performance.md from the result, and measure nothing"
    )
    arguments = parser.parse_args()
    if not arguments.page:
        try:
            run(arguments)
        except UsageError as error:
            parser.error(str(error))
    if arguments.page or arguments.out.resolve().parent == RESULT.parent:
        elsewhere = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULT.parent.glob(ELSEWHERE))]
        PAGE.write_text(page(json.loads(RESULT.read_text(encoding="utf-8")), elsewhere), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the rows that are named, or those still missing, as many as the budget has room for.

    Raises:
        UsageError: the result was measured in other circumstances, or a name is unknown.
    """
    started = time.monotonic()
    wanted = chosen(arguments.methods)
    result = begun(arguments.out, arguments.side, arguments.batch)
    rows, at = result["rows"], commit_of_code()
    missing = [row for row in wanted if arguments.methods or rows.get(_name(row), {}).get("commit") != at]
    with tempfile.TemporaryDirectory(prefix="edgan-step-") as scratch:
        while missing and time.monotonic() - started < arguments.budget:
            method, preset = row = missing.pop(0)
            asked = Wanted(
                method,
                preset,
                arguments.seconds,
                torch.get_num_threads(),
                Path(scratch),
                arguments.side,
                arguments.batch,
            )
            rows[_name(row)] = {**_alone(asked), "commit": at}
            result["rows"] = rows = {name: rows[name] for name in map(_name, chosen([])) if name in rows} | rows
            write_json_atomic(arguments.out, result)
            print(in_words(_name(row), rows[_name(row)]), flush=True)
    if missing:
        print(f"The time is over. Not measured: {', '.join(map(_name, missing))}.")
    return result


def begun(out: Path, side: int | None = None, batch: int | None = None) -> dict[str, Any]:
    """The result to go on with: an earlier one, or one without rows.

    Args:
        out: where it is, if there is one.
        side: of the pictures of every row; None is each preset's.
        batch: images a step of every row; None is each preset's.

    Raises:
        UsageError: the earlier one cannot be compared with what would be measured now.
    """
    now = {
        **circumstances(torch.device("cpu"), None, "python -m benchmarks.step"),
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "settings": {
            "flops": "matrix products and convolutions of the plan's forwards and backwards, lazy terms at their mean, "
            "without frozen networks whose values are kept for each image",
            "apart": "the same networks and losses, a forward and a backward for each network that steps",
            "side": side or "the preset's",
            "batch": batch or f"the preset's, or fewer where a step would take more than {WORK / 1e9:.0f} GFLOP",
            "stage": "the last of each method's stages",
            "denormals": "flushed to 0, as in a training",
        },
    }
    del now["commit"]  # each row has its own
    if not out.exists():
        return {**now, "rows": {}}
    earlier = json.loads(out.read_text(encoding="utf-8"))
    differ = [name for name in SAME if earlier.get(name) != now[name]]
    if differ:
        raise UsageError(
            f"{out} was measured with other values of: {', '.join(differ)}. Give another file with --out, or delete it."
        )
    return {**now, "rows": earlier["rows"]}


def commit_of_code() -> str:
    """The commit, "-dirty" where the code was changed: a result that was rewritten does not count as a change."""
    clean = subprocess.run(["git", "-C", str(ROOT), "diff", "--quiet", "HEAD", "--", "src", "benchmarks"], check=False)
    return commit().removesuffix("-dirty") + ("" if clean.returncode == 0 else "-dirty")


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


def _name(row: tuple[str, str]) -> str:
    return ":".join(row)


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
