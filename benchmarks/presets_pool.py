"""Every comparison of presets that a GPU has time for: `benchmarks.presets`, a process for each method and seed.

    python -m benchmarks.presets_pool --data DIR --out OUT [--workers 4] [--seconds 400] [--only cdnet grit]
    python -m benchmarks.presets_pool --data DIR --out OUT --device cpu --toy --only dcgan     a rehearsal
    python -m benchmarks.presets_pool list                                      the units, their steps and estimates

DIR is the folder that `python -m benchmarks.on_cuda pack` filled; a unit whose set is not there is left out. Units run
in the order of `list`, the most valuable first. In OUT stay figures, sheets, logs, and the weights of seed 0 of some
methods; trainings and unpacked sets go to a scratch folder that is removed. A unit whose figures are in OUT is skipped.
Results are joined from all seeds in OUT: OUT/results/bench-presets-METHOD.json. Exit status 1: a unit failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cuda_parts.pack import COMMIT
from benchmarks.cuda_parts.unpack import unpack
from benchmarks.preset_comparison import PRESETS
from benchmarks.preset_units import SEEDS, UNITS, Comparison
from benchmarks.presets import join
from benchmarks.process_pool import Pool, Task, last_lines
from edgan.errors import UsageError

MOST_WEIGHTS = 12.0
"""Megabytes of a run's weights that are kept."""
TOY_SIDE, TOY_STEPS, TOY_SECONDS = 32, 20, 120.0
LOG_LINES = 8


@dataclass(frozen=True)
class Call:
    """One call: where it reads and writes, and on which device."""

    out: Path
    scratch: Path
    device: str
    toy: bool
    sets: Mapping[str, Path] = field(default_factory=dict)


def task_of(comparison: Comparison, seed: int, call: Call) -> Task:
    """The process of a unit."""
    steps = (TOY_STEPS, TOY_STEPS) if call.toy else comparison.chosen_steps
    side = min(TOY_SIDE, comparison.side) if call.toy else comparison.side
    settings = [*comparison.settings, *(("batch=4", *comparison.toy) if call.toy else ())]
    words = [
        *(sys.executable, "-m", "benchmarks.presets", comparison.method),
        *("--data", call.sets[comparison.data], "--out", call.out / comparison.name),
        *("--scratch", call.scratch / "runs" / comparison.name, "--results", call.scratch / "results"),
        *("--device", call.device, "--size", side, "--seeds", seed),
        *("--steps", *(f"{preset}={number}" for preset, number in zip(PRESETS, steps, strict=True))),
        *("--budget", comparison.budget),
        *(("--set", *settings) if settings else ()),
        *(("--weights", MOST_WEIGHTS) if comparison.keeps_weights and seed == 0 else ()),
    ]
    return Task(f"{comparison.name}-{seed}", list(map(str, words)), TOY_SECONDS if call.toy else comparison.seconds)


def unpacked(units: Iterable[tuple[Comparison, int]], packs: Path, folder: Path, toy: bool) -> dict[str, Path]:
    """The folders of the sets that units read and that were packed, unpacked now; beside them the commit.

    Raises:
        UsageError: a set is smaller than a unit needs.
    """
    sides: dict[str, int] = {}
    for comparison, _ in units:
        sides[comparison.data] = max(sides.get(comparison.data, 0), comparison.side)
    folder.mkdir(parents=True)
    if (packs / COMMIT).is_file():
        shutil.copy2(packs / COMMIT, folder / COMMIT)
    sets = {}
    for name, side in sides.items():
        pack = packs / f"{name}.npz"
        if not pack.is_file():
            continue
        packed, sets[name] = unpack(pack, folder / name), folder / name
        if packed < side and not toy:
            raise UsageError(f"{pack} holds pictures of {packed} px, and {side} px are needed. Pack it again.")
    return sets


def run(arguments: argparse.Namespace) -> int:
    """Run the units; 1 where one failed."""
    chosen = [unit for unit in UNITS if not arguments.only or unit[0].name in arguments.only]
    unknown = set(arguments.only) - {comparison.name for comparison, _ in UNITS}
    if unknown:
        raise UsageError(f"There is no comparison {sorted(unknown)[0]!r}; list shows them.", parameter="only")
    begun, out = time.monotonic(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edgan-presets-") as scratch:
        sets = unpacked(chosen, arguments.data, Path(scratch) / "sets", arguments.toy)
        call = Call(out, Path(scratch), arguments.device, arguments.toy, sets)
        tasks = []
        for comparison, seed in chosen:
            if comparison.data not in sets:
                print(f"{comparison.name}-{seed}: left out, {arguments.data / comparison.data}.npz is not there")
            elif (out / comparison.name / f"figures-{seed}.json").exists():
                print(f"{comparison.name}-{seed}: skipped, its figures are there")
            else:
                tasks.append(task_of(comparison, seed, call))
        pool = Pool(
            arguments.workers,
            arguments.seconds - (time.monotonic() - begun),
            out / "logs",
            environment(arguments.workers, Path(scratch)),
            lambda text: print(text, flush=True),
        )
        fates = pool.run(tasks)
    for name, fate in fates.items():
        if fate == "failed":
            print(f"--- {name}", *last_lines(out / "logs" / f"{name}.log", LOG_LINES), sep="\n")
    joined(out)
    print(", ".join(f"{fate} {list(fates.values()).count(fate)}" for fate in dict.fromkeys(fates.values())))
    return int("failed" in fates.values())


def environment(workers: int, scratch: Path) -> dict[str, str]:
    """Of a process: its share of the cores, and one cache of decoded pictures for all."""
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    shares = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
    return {**os.environ, **shares, "EDGAN_CACHE": str(scratch / "cache"), "PYTHONUNBUFFERED": "1"}


def joined(out: Path) -> list[Path]:
    """Write the result of each comparison that has figures of some seed in OUT."""
    written = []
    for comparison in {comparison.name: comparison for comparison, _ in UNITS}.values():
        seeds = [seed for seed in SEEDS if (out / comparison.name / f"figures-{seed}.json").exists()]
        if seeds:
            written.append(join(out / comparison.name, seeds, out / "results", comparison.label))
    return written


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 a unit failed, 2 the call was wrong."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["list"]:
        for comparison, seed in UNITS:
            steps = ", ".join(f"{p} {n:,}" for p, n in zip(PRESETS, comparison.chosen_steps, strict=True))
            print(f"{comparison.name}-{seed:<2} {comparison.seconds:4.0f} s  {comparison.data}, steps: {steps}")
        return 0
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.presets_pool",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder that pack filled")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=4, help="processes at a time")
    parser.add_argument("--seconds", type=float, default=400, help="for everything")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="comparisons, as list names them")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--toy", action="store_true", help="20 steps at 32 px")
    try:
        return run(parser.parse_args(words))
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
