"""Start-up: processor time (user and system) of `edgan --help` and `edgan methods`, the least of several runs.

    python -m benchmarks.startup [--runs 5]

`import torch` is measured too, because `edgan methods` cannot be faster.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys

CALLS = {
    "import torch": ("-c", "import torch"),
    "edgan --help": ("-m", "edgan", "--help"),
    "edgan methods": ("-m", "edgan", "methods"),
}
LIMITS = {"edgan --help": 0.3, "edgan methods": 1.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command, after one that fills the caches")
    arguments = parser.parse_args()
    for name, words in CALLS.items():
        processor_seconds(words)
        least = min(processor_seconds(words) for _ in range(arguments.runs))
        limit = f"   limit {LIMITS[name]:.1f} s" if name in LIMITS else ""
        print(f"{name:14} {least:.2f} s{limit}")


def processor_seconds(words: tuple[str, ...]) -> float:
    """The user and system time of one Python process with one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
