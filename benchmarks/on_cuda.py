"""The GPU quarter hour: everything that a CUDA machine should do for this project, in one command.

    python -m benchmarks.on_cuda [--seconds 540] [--data DIR] [--out DIR] [--parts NAME ...] [--again]
    python -m benchmarks.on_cuda list                                       the parts, and what each needs
    python -m benchmarks.on_cuda pack --from SETS --to DIR [--parts NAME ...]   carry these sets along
    python -m benchmarks.on_cuda wheels --to DIR                            carry these packages along
    python -m benchmarks.on_cuda --together --parts NAME ...                these parts at once, a process each
    python -m benchmarks.on_cuda --device cpu --toy                         a rehearsal in a minute

Parts run in the order of `list`. Each writes results/cuda-PART.json when it ends, and a part whose result is there is
skipped. Pictures and weights go to --out and never to results/. docs/gpu.md has the steps from a bare machine on.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from benchmarks.cuda_parts import numerics, pack, wheels
from benchmarks.cuda_parts.job import Part
from benchmarks.cuda_parts.record import ROOT
from benchmarks.cuda_parts.registry import all_parts, chosen
from benchmarks.cuda_parts.schedule import Call, run
from edgan.errors import EdganError, UsageError

COMMANDS = ("run", "list", "pack", "wheels")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked. Exit status: 0 done, 1 a part failed or the work did, 2 the call was wrong."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0] not in COMMANDS and words[0] not in ("-h", "--help")):
        words.insert(0, "run")
    arguments = _parser().parse_args(words)
    arguments.words = words
    try:
        return int(arguments.do(arguments))
    except UsageError as error:
        print(f"usage error: {error}", file=sys.stderr)
        return 2
    except EdganError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.on_cuda",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    do = commands.add_parser("run", help="run parts; the command where none is named")
    do.set_defaults(do=_run)
    do.add_argument(
        "--seconds",
        type=float,
        default=540.0,
        help="total time; a part whose estimate is longer than the time left is not started",
    )
    do.add_argument("--device", default="cuda", help="cuda, cuda:1, or cpu for a rehearsal")
    do.add_argument("--toy", action="store_true", help="toy sizes")
    do.add_argument("--data", type=Path, help="the folder that pack filled")
    do.add_argument("--out", type=Path, default=Path("runs/cuda"), help="for pictures and weights")
    do.add_argument("--results", type=Path, default=ROOT / "results", help="for cuda-PART.json")
    do.add_argument("--again", action="store_true", help="repeat parts whose results exist")
    do.add_argument("--together", action="store_true", help="run the parts at once; their times are then not the GPU's")
    do.add_argument("--beside", nargs="*", default=[], metavar="NAME", help="parts that run at once, for the record")
    do.add_argument("--weights-limit", type=float, default=100.0, help="largest weights to keep, in megabytes")
    listing = commands.add_parser("list", help="the parts, what each takes and which sets it reads")
    listing.set_defaults(do=_list)
    packing = commands.add_parser("pack", help="pack the sets of parts")
    packing.set_defaults(do=_pack)
    packing.add_argument("--from", dest="source", type=Path, required=True, help="the folder of the sets' .npz files")
    packing.add_argument("--to", dest="target", type=Path, required=True, help="a folder that git ignores")
    packing.add_argument("--wheels", type=Path, default=ROOT / "carried/wheels", help="what else is carried along")
    packing.add_argument("--limit", type=float, default=pack.LIMIT, help="megabytes that may be carried in all")
    for command in (do, packing):
        command.add_argument(
            "--parts", nargs="+", default=[], metavar="NAME", help="names or patterns, such as 'show-*'"
        )
    fetching = commands.add_parser("wheels", help="download the packages that the machine lacks")
    fetching.set_defaults(do=_wheels)
    fetching.add_argument("--to", dest="target", type=Path, required=True, help="a folder that git ignores")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    device = _device(arguments.device)
    numerics.prepare()
    parts = chosen(arguments.parts, all_parts(), arguments.toy)
    if arguments.together:
        return _together(arguments.words, parts)
    with tempfile.TemporaryDirectory(prefix="edgan-on-cuda-") as scratch:
        # Decoded pictures go with the rest, so that nothing stays on a borrowed machine.
        os.environ.setdefault("EDGAN_CACHE", f"{scratch}/cache")
        call = Call(
            device,
            arguments.seconds,
            arguments.results,
            arguments.out,
            Path(scratch),
            arguments.data,
            arguments.toy,
            arguments.again,
            shlex.join(["python", "-m", "benchmarks.on_cuda", *sys.argv[1:]]),
            lambda text: print(text, flush=True),
            int(arguments.weights_limit * pack.MEGABYTE),
            tuple(arguments.beside),
        )
        fates = run(parts, call)
    print(", ".join(f"{fate} {list(fates.values()).count(fate)}" for fate in dict.fromkeys(fates.values())))
    return int("failed" in fates.values())


def _together(words: Sequence[str], parts: Iterable[Part]) -> int:
    """Run each part in a process of its own. Most wait for Python more than for the GPU, so they share it well."""
    names = [part.name for part in parts]
    call = [sys.executable, "-m", "benchmarks.on_cuda", *(word for word in words if word != "--together")]
    processes = [
        subprocess.Popen([*call, "--parts", name, "--beside", *(other for other in names if other != name)])
        for name in names
    ]
    return max(process.wait() for process in processes)


def _device(name: str) -> torch.device:
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(
            "There is no CUDA device here. Rehearse with --device cpu --toy, or run on a machine that has one."
        )
    return device


def _list(_: argparse.Namespace) -> int:
    for part in all_parts():
        sets = ", ".join(f"{need.name} at {need.side} px" for need in part.needs)
        print(f"{part.name:26} {part.seconds:4.0f} s  {part.about}{f' [{sets}]' if sets else ''}")
    return 0


def _pack(arguments: argparse.Namespace) -> int:
    parts = chosen(arguments.parts, all_parts())
    beside = pack.size_of_tree() + pack.size_of_folder(arguments.wheels)
    pack.pack(parts, arguments.source, arguments.target, beside=beside, limit=arguments.limit, say=print)
    return 0


def _wheels(arguments: argparse.Namespace) -> int:
    for path in wheels.download(arguments.target):
        print(f"{path.name}: {path.stat().st_size / pack.MEGABYTE:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
