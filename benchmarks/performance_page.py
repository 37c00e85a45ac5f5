"""docs/performance.md from results/bench-step.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.cuda_parts.record import ROOT

PAGE = ROOT / "docs/performance.md"

TEXT = """# Performance

This page is written by `python -m benchmarks.step --page` from [results/bench-step.json](../results/bench-step.json).

    python -m benchmarks.step

measures every method at the presets `quick` and `paper` in under eight minutes on two cores. It trains with the same
settings as `edgan train`, except that the batch is smaller where a step of the preset's own batch would take very
long. [gpu.md](gpu.md) has the same table for a CUDA GPU.

## Steps on a CPU

{machine}

{table}

- **of matrix rate**: the least operations that the step's mathematics needs, divided by its time and by the machine's
  own rate of float32 matrix products, measured in the same row. Counted are matrix products and convolutions of the
  plan's forwards and backwards, lazy terms at their mean, without frozen networks whose values are kept for each
  image.
- **apart**: the time of the same networks and losses with a forward and a backward for each network, the order of
  many released codes, relative to edgan's. In brackets, the operations relative to edgan's.
- **by hand**: the time of a loop written by hand in plain PyTorch (`benchmarks/rivals.py`), relative to edgan's.
  Below 1 it is faster.
- **memory**: what the training's first steps add to the process at most.
{left_out}
## What makes a step fast

- Networks whose columns are equal share a backward, and a pass takes over what an earlier one computed if no network
  behind it has stepped since ([routing.md](routing.md)).
- Values that depend on frozen networks and the image alone are computed once for each image and kept, up to 512 MiB a
  tap. They are not kept where training pictures are augmented.
- Networks of a phase with equal settings share one fused optimiser, and averaged weights are updated by one call for
  all tensors.
- On CUDA, a step reads nothing back: losses stay on the GPU until the next line of the log
  ([training.md](training.md)).
- With glibc, a training keeps the memory that a step frees (`src/edgan/training/allocator.py`). Without that, glibc
  returns large blocks to the system at every step. For `ed-slash-gan` with the preset `small` on 64 px images, this
  cost about 19,000 page faults a step and a tenth of a core's time.
- A discriminator judges real and generated pictures one after the other. In one batch they were not faster on a CPU at
  the batch of `quick`, and batch norm and spectral norm would give other weights.
"""


def page(result: Mapping[str, Any]) -> str:
    """The page's text."""
    rows = {name: row for name, row in result["rows"].items() if "not_run" not in row}
    made = f"torch {result['torch']}, {result['date'][:10]}, commit {result['commit']}"
    machine = f"{result['machine']}, threads of torch: {result['threads']}, {result['cpu']}, {made}."
    titles = (
        "method",
        "px",
        "batch",
        "images/s",
        "ms a step, by phase",
        "data, ms",
        "of matrix rate",
        "memory, MiB",
        "apart",
        "by hand",
    )
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *(_line(name, row) for name, row in rows.items())]
    missing = [*result["left_out"], *(name for name, row in result["rows"].items() if "not_run" in row)]
    left_out = f"\nNot measured: {', '.join(f'`{name}`' for name in missing)}.\n" if missing else ""
    return TEXT.format(machine=machine, table="\n".join(lines), left_out=left_out)


def _line(name: str, row: Mapping[str, Any]) -> str:
    phases = ", ".join(f"{phase} {ms:.0f}" for phase, ms in row["ms_phases"].items())
    cells = (
        f"`{name}`",
        f"{row['side']}",
        f"{row['batch']}",
        f"{row['images_s']:.1f}",
        f"{row['ms_step']:.0f}: {phases}",
        f"{row['ms_data']:.1f}",
        f"{row['ratio']:.2f}",
        f"{row['peak_mib']:.0f}",
        f"{row['apart_ratio']:.2f} ({row['gflop_apart'] / row['gflop_step']:.2f})",
        f"{row['plain_loop_ratio']:.2f}" if "plain_loop_ratio" in row else "",
    )
    return f"| {' | '.join(cells)} |"
