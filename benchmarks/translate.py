"""Time the translation of a folder against the network alone, and compare tiles with the whole picture.

    python -m benchmarks.translate folder [--size 256] [--count 106] [--rounds 3] [METHOD ...]
    python -m benchmarks.translate tiles RUN SOURCES [--side 512]

`folder` trains each method for one step (preset small), draws `--count` sources, and times in turn the network on
sources in memory and `edgan translate` from file to file: images per second, and their ratio. `tiles` compares
`--tiles`, with tiles of this side, with one forward pass over the whole picture, in grey levels of 255. SOURCES are
cropped to sides that the method allows.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image

import edgan
from edgan.api.folder_pipeline import Folder, read_chunks
from edgan.data import from_uint8
from edgan.data.sources import sources_in
from edgan.models import tiles
from edgan.synthetic import write_folder

METHODS = ("grit", "pix2pix", "uu-net")
PAIRS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    folder = verbs.add_parser("folder")
    folder.add_argument("methods", nargs="*", default=METHODS)
    folder.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    folder.add_argument("--count", type=int, default=106, help="how many")
    folder.add_argument("--rounds", type=int, default=3, help="how often each is timed")
    near = verbs.add_parser("tiles")
    near.add_argument("run", type=Path)
    near.add_argument("sources", type=Path)
    near.add_argument("--side", type=int, default=tiles.WIDE, help="of the tiles; twice the training's at least")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}")
    if arguments.verb == "tiles":
        closeness(arguments.run, arguments.sources, arguments.side)
        return
    with tempfile.TemporaryDirectory() as scratch:
        pairs = write_folder("facades", Path(scratch) / "pairs", PAIRS, arguments.size)
        drawn = write_folder("facades", Path(scratch) / "drawn", arguments.count, arguments.size)
        sources = _sources_alone(drawn, Path(scratch) / "sources", arguments.size)
        print(f"{'method':10} {'network, images/s':>18} {'folder, images/s':>17} {'ratio':>6}")
        for method in arguments.methods:
            run = edgan.train(
                method,
                pairs,
                Path(scratch) / method,
                size=arguments.size,
                steps=1,
                batch=1,
                preset="small",
                device="cpu",
                report=False,
            )
            print(speed(method, run.path, sources, arguments.rounds, Path(scratch) / f"{method}-out"), flush=True)


def _sources_alone(pairs: Path, out: Path, size: int) -> Path:
    out.mkdir()
    for stem, loader in sources_in(pairs, halves=True)[0]:
        Image.fromarray(loader(size, 3)).save(out / f"{stem}.png")
    return out


def speed(method: str, run: Path, sources: Path, rounds: int, out: Path) -> str:
    """One line: the network alone, and from file to file, in turn so that both see the same machine load."""
    model = edgan.load(run, "cpu")
    folder = Folder(sources, sources_in(sources)[0], model.size, model.shape.source_channels)
    (chunk,) = read_chunks(folder, len(folder.pictures), ahead=False)
    pictures = chunk.images
    model.translate(pictures[:4])
    alone: list[float] = []
    whole: list[float] = []
    for _ in range(rounds):
        alone.append(_seconds(lambda: model.translate(pictures)))
        whole.append(_seconds(lambda: edgan.translate(run, sources, out, device="cpu")))
    rates = [len(pictures) / statistics.median(times) for times in (alone, whole)]
    return f"{method:10} {rates[0]:18.1f} {rates[1]:17.1f} {rates[1] / rates[0]:6.2f}"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def closeness(run: Path, sources: Path, side: int) -> None:
    """Print a line for each source."""
    model = edgan.load(run, "cpu")
    multiple = model.method.multiple
    if multiple is None:
        raise SystemExit(
            f"The networks of {model.method.name} have a fixed size, so there is no forward pass over a whole picture."
        )
    tiles.WIDE = side
    for stem, loader in sources_in(sources)[0]:
        pixels = loader(0, model.shape.source_channels)
        height, width = (length // multiple * multiple for length in pixels.shape[:2])
        source = from_uint8(torch.from_numpy(pixels[:height, :width].copy())[None])
        made, truth = tiles.translate_in_tiles(model, source), model.translate(source)
        base, output = (
            float((a - b).abs().mean()) * 127.5 for a, b in ((made.base, truth.base), (made.output, truth.output))
        )
        print(f"{stem:20} {width} x {height}: base {base:.2f}, output {output:.2f} grey levels")


if __name__ == "__main__":
    main()
