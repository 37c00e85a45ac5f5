"""How fast a loaded model answers, and what memory it takes.

    python -m benchmarks.serving [--calls N] [--out FILE]

For each model of the zoo, in a process of its own with one thread of torch: seconds to load it, milliseconds from a
Pillow image to a Pillow image by its main verb, for one picture and for eight in a call, and the memory of the process
before the model is loaded and at its end. "processor_ms" is the processor's time, which other work on the machine
hardly changes; "ms" is the clock's. The figures go to results/bench-serving.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgan.storage.durable import write_json_atomic
from edgan.storage.zoo import PREFIX, zoo_names

RESULTS = Path(__file__).parents[1] / "results" / "bench-serving.json"
TOGETHER = 8
LOAD = os.getloadavg()[0]
"""Processes that computed in the minute before: above 0 the machine was not idle."""


def measured(run: str, calls: int) -> dict[str, Any]:
    """The figures of one model, taken in this process."""
    import numpy as np
    import torch
    from PIL import Image

    import edgan

    torch.set_num_threads(1)
    before, begun = memory(), time.process_time()
    model = edgan.load(run, device="cpu")
    loaded = time.process_time() - begun
    noise = np.random.default_rng(0).integers(0, 256, (model.size, model.size, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    verb, answer = main_verb(model)
    return {
        "verb": verb,
        "size": model.size,
        "parameters": model.parameters,
        "load_processor_s": loaded,
        "one": times(lambda: answer([picture]), calls),
        "eight": times(lambda: answer([picture] * TOGETHER), calls),
        "memory_mib_before": before,
        "memory_mib_end": memory(),
        "torch": torch.__version__,
    }


def main_verb(model: Any) -> tuple[str, Callable[[list[Any]], Any]]:
    """The verb that the model was trained for: edit, translate, reconstruct or sample."""
    if model.can("edit"):
        changes = {model.controls.names[0]: 1.0}
        return "edit", lambda pictures: model.edit(pictures, changes, as_pil=True)
    if model.can("translate"):
        return "translate", lambda pictures: model.translate(pictures, as_pil=True)
    if model.can("reconstruct"):
        return "reconstruct", lambda pictures: model.reconstruct(pictures, as_pil=True)
    return "sample", lambda pictures: model.sample(len(pictures), as_pil=True)


def times(work: Callable[[], Any], calls: int) -> dict[str, float]:
    """Median milliseconds of a call, by the clock and by the processor, after a first one that is not counted."""
    work()
    taken = []
    for _ in range(calls):
        clock, processor = time.monotonic(), time.process_time()
        work()
        taken.append((time.monotonic() - clock, time.process_time() - processor))
    clocks, processors = zip(*taken, strict=True)
    return {"ms": 1000 * statistics.median(clocks), "processor_ms": 1000 * statistics.median(processors)}


def memory() -> float:
    """MiB of this process that are in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Measure each model in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=50, help="of each measurement")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.one, given.calls)))
        return
    results: dict[str, Any] = {}
    for name in zoo_names():
        command = [sys.executable, "-m", "benchmarks.serving", "--one", PREFIX + name, "--calls", str(given.calls)]
        results[PREFIX + name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(PREFIX + name, results[PREFIX + name])
    made_with = {"cores": os.cpu_count(), "load_before": LOAD, "device": "cpu"}
    write_json_atomic(given.out, {**results, "made_with": made_with})


if __name__ == "__main__":
    main()
