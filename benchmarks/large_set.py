"""Open a set of very many small pictures in WebDataset shards: time, memory, and the order of a resumed run.

    python -m benchmarks.large_set FOLDER [--count 1000000] [--start 0]

FOLDER/shards is filled with `--count` constant pictures of 16 px with a class each, 10,000 a shard, where it is missing
(2 KB a picture on disk). Then the set is opened with FOLDER/cache as its cache, and the batches of 128 from step
`--start` up to step 6,050 are drawn. Each line gives seconds by the clock and of the processors, the process's own
memory (without mapped files), and the last line a hash of the pictures of steps 6,000 to 6,049. A second call with
`--start 6000` shows the time of a later opening, and must print the same hash. After it stands what ten million
pictures would need at these rates: all of it grows with the number of pictures, but for what the program itself takes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tarfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from edgan.data import open_dataset
from edgan.training.distributed import World
from edgan.training.feed import Feed

SIDE, CLASSES, SHARD, BATCH = 16, 32, 10_000, 128
BEGUN = time.perf_counter()
HASHED = range(6000, 6050)
MANY = 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1_000_000, help="pictures")
    parser.add_argument("--start", type=int, default=0, help="the step to begin with, as a resumed run does")
    call = parser.parse_args()
    shards = call.folder / "shards"
    if not shards.exists():
        write_shards(shards, call.count)
    before = say("begin")
    data = open_dataset(shards, size=SIDE, cache=call.folder / "cache")
    after = say(f"{len(data):,} pictures are open")
    feed = Feed(data, BATCH, 0, World(0, 1, torch.device("cpu")))
    state = hashlib.blake2b(digest_size=8)
    for step in range(call.start, HASHED.stop):
        images = feed.inputs(step).fields["image"]
        if step == call.start:
            say("the first batch is there")
        if step in HASHED:
            state.update(images.numpy().tobytes())
    say(f"steps {HASHED.start:,} to {HASHED.stop - 1:,} hash to {state.hexdigest()}")
    print(for_ten_million(call.folder / "cache", len(data), before, after))


def for_ten_million(cache: Path, count: int, before: tuple[float, float], after: tuple[float, float]) -> str:
    """A sentence on what `MANY` pictures need, from what `count` took.

    Args:
        cache: the cache of the `count` pictures.
        count: pictures.
        before, after: seconds of the processors and MiB, as `say` returns them, around the opening.
    """
    index = sum(path.stat().st_size for path in (cache / "index").iterdir())
    pixels = sum(path.stat().st_size for path in cache.glob("*/*.npy"))
    seconds, memory = ((late - early) / count for early, late in zip(before, after, strict=True))
    return (
        f"At these rates {MANY:,} pictures need {MANY * seconds / 60:.0f} minutes of processors for this opening, "
        f"{before[1] + MANY * memory:,.0f} MiB of memory, {MANY * index / count / 1e9:.1f} GB for the index "
        f"({index / count:.0f} bytes a picture) and {MANY * pixels / count / 1e9:.1f} GB for the pixels "
        f"({pixels / count:.0f} bytes a picture)."
    )


def write_shards(folder: Path, count: int) -> None:
    """Fill a folder with shards; the pictures repeat, their names do not."""
    folder.mkdir(parents=True)
    pictures = [constant_picture(number) for number in range(CLASSES)]
    for start in range(0, count, SHARD):
        with tarfile.open(folder / f"{start // SHARD:06d}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for number in range(start, min(start + SHARD, count)):
                label = number % CLASSES
                for suffix, data in (("png", pictures[label]), ("cls", str(label).encode())):
                    info = tarfile.TarInfo(f"{number:08d}.{suffix}")
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))


def constant_picture(number: int) -> bytes:
    """A PNG of one colour, which the number chooses."""
    colour = np.random.default_rng(number).integers(0, 256, 3)
    stream = io.BytesIO()
    Image.fromarray(np.full((SIDE, SIDE, 3), colour, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def say(what: str) -> tuple[float, float]:
    """Print a line with the time since the beginning, and the memory of this process without mapped files (Linux).

    Returns:
        Seconds of the processors, and MiB.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own = int(status["RssAnon"].split()[0]) / 2**10
    elapsed = time.perf_counter() - BEGUN
    processors = time.process_time()
    print(f"{what}: {elapsed:.1f} s, {processors:.1f} s of processors, {own:.0f} MiB", flush=True)
    return processors, own


if __name__ == "__main__":
    main()
