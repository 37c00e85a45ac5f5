"""Compare a method's preset `small` with its preset `quick` at equal processor time, on held-out pictures.

    python -m benchmarks.presets METHOD --data DATA --out OUT [--seconds 240] [--seeds 0 1 2] [--size 64] [--split test]
    python -m benchmarks.presets METHOD --data DATA --out OUT --device cuda --steps small=2940 quick=1730 --budget 1200

A short probe on the CPU measures the processor seconds of a step in every stage of each preset, and gives the most
steps that cost SECONDS. With --steps there is no probe: the same number of steps is the same training wherever it
runs, so a GPU trains in a minute what two CPU cores train in ten. --budget then says which processor time the steps
stand for, and is only recorded. Trainings are in float32 on every device, without TF32.

Rates and stages of `quick` follow from its number of steps. Each preset is trained with every seed into
OUT/PRESET-SEED; a training that is there already is taken as it is. --scratch names another folder for them.
The figures of a seed go to OUT/figures-SEED.json, and a seed whose file is there is not measured again. So each seed
may have a process of its own, and a last call with all seeds joins them: results/bench-presets-METHOD.json has the
seeds of the call. `benchmarks/presets_pool.py` does this for every method on a GPU.

Of each seed OUT/sheet-SEED.png shows the old preset, the new one and the originals; a translator's begins with the
sources, and of a model that only samples each has three rows, which are not pairs. The figures are those of
`edgan evaluate` without its figures of edits, of the last step and at most 300 images; the periodic peak of the
pictures and of the originals; and NRDS (robust) between the two presets. A model with attributes of its own is also
judged by its edits (`benchmarks/preset_edits.py`), and OUT/edits-PRESET-SEED.png shows them.

Processor seconds are those of the whole training: reading the data and evaluating at half and at the end belong to it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.numerics import prepare, tuned
from benchmarks.cuda_parts.record import ROOT, circumstances
from benchmarks.equal_time import Wanted, steps_for
from benchmarks.preset_comparison import PRECISION, PRESETS, compared
from edgan.errors import UsageError
from edgan.models.device import resolve_device
from edgan.storage.durable import write_json_atomic

RESULTS = ROOT / "results"


def kept_figures(
    wanted: Wanted, seed: int, alike: Mapping[str, Any], steps: Mapping[str, int]
) -> dict[str, Any] | None:
    """The figures of a seed that an earlier call left; None where there are none.

    Args:
        wanted: what to compare.
        seed: of the trainings.
        alike: what all seeds of a comparison share.
        steps: by preset, those that were asked for; empty where a probe decides.

    Raises:
        UsageError: they are of another comparison.
    """
    path = figures_path(wanted.out, seed)
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text())
    theirs = {name: kept["comparison"][name] for name in alike}
    of_steps = {preset: kept["result"][preset]["steps"] for preset in steps}
    if theirs != alike or of_steps != steps:
        raise UsageError(
            f"{path} has the figures of another comparison ({theirs}, steps {of_steps}), and this call asks for "
            f"{dict(alike)}, steps {dict(steps)}. Give another --out, or remove the file."
        )
    return kept


def figures_path(out: Path, seed: int) -> Path:
    """Where the figures of a seed are, or will be."""
    return out / f"figures-{seed}.json"


def result_name(method: str, label: str = "") -> str:
    """The file's name of a comparison's result."""
    return "-".join(filter(None, ("bench-presets", method.replace("//", "-twin"), label))) + ".json"


def run(arguments: argparse.Namespace) -> None:
    """Train and measure the seeds that have no figures yet, and join all."""
    settings = dict(assignment.split("=", 1) for assignment in arguments.set)
    wanted = Wanted(
        arguments.method,
        arguments.data,
        arguments.size,
        arguments.seconds,
        arguments.out.resolve(),
        settings,
        str(resolve_device(arguments.device)),
        None if arguments.scratch is None else arguments.scratch.resolve(),
    )
    alike = {
        "method": wanted.method,
        "data": Path(wanted.data).name,
        "split": arguments.split,
        "size": wanted.size,
        "settings": settings,
        "precision": PRECISION,
    }
    given = _steps_given(arguments)
    wanted.out.mkdir(parents=True, exist_ok=True)
    kept = {seed: kept_figures(wanted, seed, alike, given) for seed in arguments.seeds}
    unmeasured = [seed for seed, figures in kept.items() if figures is None]
    steps = given or _probed(wanted, unmeasured)
    origin = {
        "steps_from": "the call" if given else "a probe",
        "processor_seconds_a_training": arguments.budget if given else wanted.seconds,
    }
    for seed in unmeasured:
        result = compared(wanted, seed, arguments.split, steps, int(arguments.weights * 1e6))
        # The folder of the set lies in that of all sets, where the commit is noted on a machine without the history.
        made_with = circumstances(
            resolve_device(wanted.device), Path(wanted.data).resolve().parent, "benchmarks.presets"
        )
        made_with["threads"] = torch.get_num_threads()
        kept[seed] = {"comparison": alike, "result": result | origin | {"made_with": made_with}}
        write_json_atomic(figures_path(wanted.out, seed), kept[seed])
    print(join(wanted.out, arguments.seeds, arguments.results, arguments.label).read_text())


def join(out: Path, seeds: Sequence[int], results: Path, label: str = "") -> Path:
    """Write the result of seeds that all have their figures.

    Args:
        out: folder of figures-SEED.json.
        seeds: at least one.
        results: folder of the result.
        label: ends its name.

    Returns:
        The path of the result.

    Raises:
        UsageError: the seeds are of different comparisons.
    """
    kept = [json.loads(figures_path(out, seed).read_text()) for seed in seeds]
    alike = kept[0]["comparison"]
    if any(figures["comparison"] != alike for figures in kept):
        raise UsageError(f"The figures in {out} are of different comparisons. Remove those of one of them.")
    results.mkdir(parents=True, exist_ok=True)
    path = results / result_name(alike["method"], label)
    write_json_atomic(path, {**alike, "seeds": [figures["result"] for figures in kept]})
    return path


def _steps_given(arguments: argparse.Namespace) -> dict[str, int]:
    """--steps by preset; empty where a probe decides.

    Raises:
        UsageError: not both presets have a number, or there is none on a device that a probe cannot stand for.
    """
    try:
        steps = {preset: int(number) for preset, number in (pair.split("=") for pair in arguments.steps)}
    except ValueError:
        raise UsageError(
            f"must be small=NUMBER quick=NUMBER (got {' '.join(arguments.steps)}).", parameter="steps"
        ) from None
    if not steps and arguments.budget is not None:
        raise UsageError("says what --steps stand for. A probe takes --seconds.", parameter="budget")
    if steps and steps.keys() != set(PRESETS):
        raise UsageError(
            f"must name both presets, {' and '.join(PRESETS)} (got {', '.join(steps)}).", parameter="steps"
        )
    if not steps and resolve_device(arguments.device).type != "cpu":
        raise UsageError("must be given on a GPU, because a probe measures processor time.", parameter="steps")
    return steps


def _probed(wanted: Wanted, seeds: Sequence[int]) -> dict[str, int]:
    """Steps by preset; 0 where every training of a preset is there already."""
    missing = {preset for preset in PRESETS for seed in seeds if not _done(wanted, preset, seed)}
    return {preset: steps_for(wanted, preset) if preset in missing else 0 for preset in PRESETS}


def _done(wanted: Wanted, preset: str, seed: int) -> bool:
    note = wanted.run(preset, seed)
    return note.with_name(f"{note.name}.json").exists()


def main(argv: Sequence[str] | None = None) -> int:
    """Probe, train, measure, write. Exit status 2 for a wrong call."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.presets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("method")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of both presets")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", nargs="+", default=[], metavar="PRESET=NUMBER", help="in place of a probe")
    parser.add_argument("--budget", type=float, help="processor seconds that --steps stand for, for the record")
    parser.add_argument("--scratch", type=Path, help="for the trainings; OUT unless given")
    parser.add_argument("--weights", type=float, default=0.0, help="largest weights to keep, in megabytes")
    parser.add_argument("--results", type=Path, default=RESULTS, help="for bench-presets-METHOD.json")
    parser.add_argument("--label", default="", help="ends the result's name where a method is compared on two sets")
    arguments = parser.parse_args(argv)
    prepare()
    try:
        with tuned(tf32=False):
            run(arguments)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
