"""Time training steps and compare them with the machine's matrix products.

    python -m benchmarks.step [--data PATH] [--size 64] [--seconds 20] [METHOD[:PRESET] ...]

Printed for each method: images per second; GFLOP per step (matrix products and convolutions as torch counts them,
averaged over lazy terms); the resulting rate; the machine's own float32 matrix-product rate, measured in the same run;
and their ratio. A step includes everything that training does at every step: batches from the cache, optimisers,
averages.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch

from edgan.api.machine import matrix_rate
from edgan.config import configure
from edgan.data import Dataset, open_dataset
from edgan.methods import Shape
from edgan.routing.inspect import cost_of_step, meta_inputs, on_meta
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

METHODS = ("ed-slash-gan:small", "ed-plus-gan:small", "ed-slash-gan:paper", "ed-plus-gan:paper")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", default=METHODS, help="METHOD or METHOD:PRESET")
    parser.add_argument("--data", help="a folder of images; rendered faces unless given")
    parser.add_argument("--size", type=int, default=64, help="side of the images in pixels")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each method is timed")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.data or write_folder("faces", Path(scratch) / "faces", 256, arguments.size)
        dataset = open_dataset(folder, size=arguments.size)
        print(
            f"{'method':22} {'batch':>5} {'images/s':>9} {'GFLOP/step':>11} {'GFLOP/s':>8} {'matrix':>7} {'ratio':>6}"
        )
        for name in arguments.methods:
            print(measure(name, dataset, arguments.seconds, Path(scratch)), flush=True)


def measure(name: str, dataset: Dataset, seconds: float, scratch: Path) -> str:
    """One line of the benchmark. Steps and matrix products take turns, so that both see the same machine load."""
    method, _, preset = name.partition(":")
    configuration = configure(method, preset or None, size=dataset.size, device="cpu")
    bound = configuration.build(Shape.of(dataset))
    trainer = Trainer(configuration, bound, dataset, RunFolder(scratch / "none"), World(0, 1, torch.device("cpu")))
    meta, fields = on_meta(trainer.networks), meta_inputs(trainer.feed.inputs(0).fields)
    lazy = max(term.every for term in bound.plan.table.terms)
    usual = sum(cost_of_step(bound.plan, meta, fields, step=1).flops.values())
    full = sum(cost_of_step(bound.plan, meta, fields, step=0).flops.values())
    flops = (usual * (lazy - 1) + full) / lazy
    for _ in range(2):
        trainer.advance()
    times: list[float] = []
    rates = [matrix_rate()]
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 3:
        block = time.perf_counter()
        for _ in range(lazy):
            trainer.advance()
        times.append((time.perf_counter() - block) / lazy)
        rates.append(matrix_rate(seconds=0.2))
    step, rate = statistics.median(times), statistics.median(rates)
    done = flops / step / 1e9
    batch = configuration.batch
    return f"{name:22} {batch:5d} {batch / step:9.1f} {flops / 1e9:11.1f} {done:8.1f} {rate:7.1f} {done / rate:6.2f}"


if __name__ == "__main__":
    main()
