"""docs/performance.md from results/bench-step.json, and from the results of other machines beside it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.cuda_parts.record import ROOT
from benchmarks.step_kinds import PRODUCTS

PAGE = ROOT / "docs/performance.md"
ELSEWHERE = "bench-step-*.json"
"""The results of other machines, in results/."""
UNSTEADY = 1.25
"""Third quartile of a row's steps over the first, above which other work disturbed the row."""
DATA_SHARE = 0.02

Rows = Mapping[str, Mapping[str, Any]]

TEXT = """# Performance

How fast training steps are on a CPU, what they are compared with, and how to measure your own machine. For a CUDA GPU
see [gpu.md](gpu.md).

## Measure your machine

    python -m benchmarks.step                        # every method at the presets quick and paper
    python -m benchmarks.step cdnet dcgan:paper      # some of them

The whole table takes about a quarter of an hour on two cores.
Close other programs first: they take time from the steps. The command writes `results/bench-step.json` after each row,
and this page at the end. If it stops early, call it again: it measures the rows that are missing. To measure another
machine, give a new file with `--out`; one named `results/bench-step-NAME.json` is shown here too.

A row trains as `edgan train` does, with optimisers, averages and batches from the cache. In each round, one step of
edgan, one of each rival and a large matrix product take turns; a row has at least four rounds, and its figures are
medians.

## Steps on a CPU

{machine}

{table}

- **batch**: images a step. In brackets, the preset's own, where its step would take very long or norms need more.
- **ms a step, by phase**: a step without phases computes all of them in one pass.
- **of matrix rate**: the operations that the step's mathematics needs at least, divided by its time and by the
  machine's own rate of float32 matrix products. Counted are matrix products and convolutions of the plan's forwards
  and backwards, lazy terms at their mean, without frozen networks whose values are kept for each image.
- **products**: the share of the step's time in convolutions and matrix products, by torch's profiler. In brackets,
  what "of matrix rate" would be if nothing else took time.
- **memory**: what the training's first steps add to the process at most.
- **apart**: the time of the same networks and losses with a forward and a backward for each network, the order of many
  released codes, relative to edgan's. In brackets, the operations relative to edgan's.
- **by hand**: the time of a loop written by hand in plain PyTorch (`benchmarks/by_hand/`) with the same
  batches, noise, networks and optimisers, relative to edgan's. Below 1 it is faster. In brackets, the middle half of
  the rounds: where it includes 1, neither is faster. The loop does less: it reads no losses, so it neither logs them
  nor notices NaN, and those of CDNet and VAE/GAN have no rule by which a side waits. Averaged weights are kept by
  neither, because these presets have none.
{notes}{elsewhere}
## What to conclude

{conclusions}
- To train faster on a CPU, use the preset `quick` or smaller pictures (`--size`). A larger batch trains more images a
  second, most of all with large fully connected layers: their weights are read and stepped once, however many images a
  step has.

## What makes a step fast

- Networks whose columns are equal share a backward, also where columns differ only in losses whose gradient does not
  reach the network that lacks them, for instance because of a cut. A pass takes over what an earlier one computed if
  no network behind it has stepped since ([routing.md](routing.md)).
- A loss that takes a gradient itself, such as WGAN-GP's penalty, is computed before the others of its pass. Autograd
  works backwards, so its gradient, in another memory layout, is then the last to reach a weight and not the first.
- Values that depend on frozen networks and the image alone are computed once for each image and kept, up to 512 MiB a
  tap. They are not kept where training pictures are augmented.
- Networks of a phase with equal settings share one fused optimiser, and averaged weights are updated by one call for
  all tensors. RMSProp, which torch does not fuse, does all its operations to a block of weights that fits into a cache
  before the next (`src/edgan/training/rmsprop.py`).
- On CUDA, a step reads nothing back: losses stay on the GPU until the next line of the log
  ([training.md](training.md)).
- With glibc, a training keeps the memory that a step frees (`src/edgan/training/allocator.py`). Otherwise glibc returns
  large blocks to the system and asks for them again at every step, and the system clears each page first.
- Denormal numbers, below 1.2e-38, count as 0 during a training (`src/edgan/training/denormals.py`). The gradients of a
  discriminator that is sure of its answer are that small, and a CPU computes with them many times more slowly.
- A discriminator judges real and generated pictures one after the other. In one batch they were not faster on a CPU at
  the batch of `quick`, and batch norm and spectral norm would give other weights.
"""


TITLES = (
    "method",
    "px",
    "batch",
    "images/s",
    "ms a step, by phase",
    "data, ms",
    "of matrix rate",
    "products",
    "memory, MiB",
    "apart",
    "by hand",
)


def page(result: Mapping[str, Any], elsewhere: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page's text.

    Args:
        result: of the machine whose table comes first.
        elsewhere: results of other machines.
    """
    rows = _measured(result)
    not_run = {name: row["not_run"] for name, row in result["rows"].items() if "not_run" in row}
    loops = {f"{name} on {other['cpu']}": row for other in elsewhere for name, row in _measured(other).items()}
    return TEXT.format(
        machine=_machine(result),
        table=_table(rows),
        notes=_notes(rows, not_run),
        elsewhere="".join(_elsewhere(other) for other in elsewhere),
        conclusions="\n".join([*_conclusions(rows), *_of_released(rows | loops), *_of_loops(rows | loops)]),
    )


def _elsewhere(result: Mapping[str, Any]) -> str:
    rows = _measured(result)
    return f"\n{_machine(result)}\n\n{_table(rows)}\n{_notes(rows, {})}"


def _measured(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: row for name, row in result["rows"].items() if "not_run" not in row}


def _machine(result: Mapping[str, Any]) -> str:
    commits = " and ".join(sorted({row["commit"] for row in _measured(result).values()}))
    made = f"torch {result['torch']}, {result['date'][:10]}, commit {commits}"
    return f"{result['machine']}, {result['threads']} threads, {result['cpu']}; {made}."


def _table(rows: Rows) -> str:
    lines = (_line(name, row) for name, row in rows.items())
    return "\n".join([f"| {' | '.join(TITLES)} |", "|---" * len(TITLES) + "|", *lines])


def _line(name: str, row: Mapping[str, Any]) -> str:
    phases = ", ".join(f"{phase.replace('+', ' + ')} {ms:.0f}" for phase, ms in row["ms_phases"].items())
    whole = f"{row['ms_step']:.0f}"
    other = row["batch"] != row["batch_of_preset"]
    cells = (
        f"`{name}`",
        f"{row['side']}",
        f"{row['batch']} ({row['batch_of_preset']})" if other else f"{row['batch']}",
        f"{row['images_s']:.1f}",
        f"{whole}: {phases}" if len(row["ms_phases"]) > 1 else whole,
        f"{row['ms_data']:.1f}",
        f"{row['ratio']:.2f}",
        f"{_products(row):.2f} ({row['ratio'] / _products(row):.2f})",
        f"{row['peak_mib']:.0f}",
        f"{row['apart_ratio']:.2f} ({row['gflop_apart'] / row['gflop_step']:.2f})",
        _by_hand(row),
    )
    return f"| {' | '.join(cells)} |"


def _products(row: Mapping[str, Any]) -> float:
    return sum(row["shares"][kind] for kind in PRODUCTS)


def _by_hand(row: Mapping[str, Any]) -> str:
    if "plain_loop_ratio" not in row:
        return ""
    low, high = row["plain_loop_quartiles"]
    return f"{row['plain_loop_ratio']:.2f} ({low:.2f} to {high:.2f})"


def _notes(rows: Rows, not_run: Mapping[str, str]) -> str:
    """What the table lacks, and which of its rows to measure again."""
    notes = [f"\n`{name}` is not measured: {reason}\n" for name, reason in not_run.items()]
    unsteady = [name for name, row in rows.items() if _disturbed(row)]
    if unsteady:
        notes.append(
            f"\nThe steps of {_names(unsteady)} took very different times, or less than the matrix rate allows, as "
            f"happens beside other work. Measure these rows again: `python -m benchmarks.step {' '.join(unsteady)}`.\n"
        )
    return "".join(notes)


def _disturbed(row: Mapping[str, Any]) -> bool:
    first, third = row["ms_usual_step"]
    return bool(third > UNSTEADY * first or row["ratio"] > 1)


def _conclusions(rows: Rows) -> list[str]:
    """What the figures say, as items of a list."""
    said = []
    if rows:
        apart = {name: row["apart_ratio"] for name, row in rows.items()}
        most = max(apart, key=lambda name: apart[name])
        said.append(
            f"- A pass for each network takes {statistics.median(apart.values()):.2f} times as long as edgan's shared "
            f"passes in the median, and {apart[most]:.2f} times for `{most}`. Sharing pays most where many networks "
            "read the same taps."
        )
        share = max(rows, key=lambda name: rows[name]["ratio"])
        least = min(rows, key=lambda name: rows[name]["ratio"])
        said.append(
            f"- Steps reach {rows[least]['ratio']:.2f} (`{least}`) to {rows[share]['ratio']:.2f} (`{share}`) of the "
            "matrix rate. It is low where reading memory takes the time: large fully connected layers with few "
            "images, norms, and convolutions with few channels at full size."
        )
        said.append(_of_kinds(rows))
        said.append(_of_data(rows))
    return said


def _of_kinds(rows: Rows) -> str:
    """Whether the products or what is beside them keep steps from the matrix rate."""
    shares = [_products(row) for row in rows.values()]
    rates = [row["ratio"] / _products(row) for row in rows.values()]
    return (
        f"- Convolutions and matrix products take {statistics.median(shares):.2f} of a step in the median, and reach "
        f"{statistics.median(rates):.2f} of the rate of one large matrix product (at most {max(rates):.2f}). A step "
        "cannot come nearer to the matrix rate than its products do."
    )


def _of_data(rows: Rows) -> str:
    waits = {name: row["ms_data"] / row["ms_step"] for name, row in rows.items()}
    most = max(waits, key=lambda name: waits[name])
    start = f"- Reading a batch takes at most {100 * waits[most]:.1f} % of a step (`{most}`)"
    return f"{start}: faster storage would not help." if waits[most] < DATA_SHARE else f"{start}."


def _of_released(rows: Rows) -> list[str]:
    """How long the order of passes of a released code takes."""
    return [
        f"- `{name}` in the order of the released code takes {row['released_ratio']:.2f} times as long "
        f"({row['released_quartiles'][0]:.2f} to {row['released_quartiles'][1]:.2f}): a forward for each network, and "
        "backwards that also compute gradients of weights that no optimiser then takes "
        "(`benchmarks/by_hand/released.py`)."
        for name, row in rows.items()
        if "released_ratio" in row
    ]


def _of_loops(rows: Rows) -> list[str]:
    loops = {name: row for name, row in rows.items() if "plain_loop_ratio" in row}
    said = []
    for text, names in {
        "faster than the loop by hand": [name for name, row in loops.items() if row["plain_loop_quartiles"][0] > 1],
        "slower than the loop by hand": [name for name, row in loops.items() if row["plain_loop_quartiles"][1] < 1],
        "as fast as the loop by hand, within the scatter of the rounds": [
            name for name, row in loops.items() if row["plain_loop_quartiles"][0] <= 1 <= row["plain_loop_quartiles"][1]
        ],
    }.items():
        if names:
            said.append(f"- {_names(names)}: {text}.")
    return said


def _names(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
