"""The pipeline of every verb that reads a folder and writes pictures: read, leave out bad files, draw, write.

A few pictures are in memory at a time, however many the folder holds.

With an accelerator the next pictures are decoded, and the last ones written, while the networks work. On a CPU the
networks use all cores already, and whatever runs at the same time makes their threads wait for each other: there
reading, drawing and writing take turns, each on all cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.api.destinations import files_below, out_folder
from edgan.api.photo_notes import PhotoNotes
from edgan.api.shard import Shard
from edgan.api.showing import Gallery
from edgan.api.writing import THREADS, Pictures, Writer, Written
from edgan.data import from_uint8
from edgan.data.inputs import Loader
from edgan.errors import EdganError, none_can
from edgan.processes import ALONE, Processes


@dataclass(frozen=True)
class Folder:
    """The pictures that a verb reads.

    Attributes:
        path: a file, a folder or a .zip, as the caller gave it.
        pictures: (stem, loader) of each, in name order.
        size: side in pixels that they are decoded to; 0 keeps each picture's own size.
        channels: that they are decoded to.
        notes: looks at the pictures as a model reads them; None where there is nothing to say of them.
        places: of these pictures in the whole input, where they are a part of it; None: they are the whole.
        processes: that share the input, of which these are the pictures of one.
    """

    path: str | Path
    pictures: Sequence[tuple[str, Loader]]
    size: int
    channels: int
    notes: PhotoNotes | None = None
    places: Sequence[int] | None = None
    processes: Processes = ALONE

    @property
    def stems(self) -> list[str]:
        """Of all pictures, readable or not."""
        return [stem for stem, _ in self.pictures]

    def place(self, index: int) -> int:
        """Where the picture at `index` stands in the whole input; its noise is drawn by that."""
        return index if self.places is None else self.places[index]

    def shard(self, shard: Shard, processes: Processes = ALONE) -> Folder:
        """The pictures of one shard; of several processes each takes turns, and may have none.

        Raises:
            UsageError: the shard has none.
        """
        positions = shard.positions(len(self.pictures))
        return replace(self.subset(positions[processes.rank :: processes.size]), processes=processes)

    def subset(self, indices: Sequence[int]) -> Folder:
        """The pictures at these indices, which keep their places in the whole input."""
        return replace(
            self,
            pictures=[self.pictures[index] for index in indices],
            places=[self.place(index) for index in indices],
        )


@dataclass(frozen=True)
class Chunk:
    """Pictures that were read together.

    Attributes:
        positions: in the whole input, of those that could be decoded.
        stems: of these.
        pixels: (n, H, W, channels) uint8; n is 0 where none could be decoded.
        failed: (stem, reason) of the others.
        end: the number of pictures read so far, this chunk's included.
    """

    positions: list[int]
    stems: list[str]
    pixels: np.ndarray
    failed: list[tuple[str, str]]
    end: int

    @property
    def images(self) -> Tensor:
        """(n, channels, H, W) in [-1, 1]."""
        return from_uint8(torch.from_numpy(self.pixels))


class NothingReadableError(EdganError):
    """No picture of an input could be decoded."""

    everywhere = True


Drawn = Iterator[tuple[Sequence[str], Pictures]]
Draw = Callable[[Chunk], Drawn]
"""What a verb makes of a chunk: names of files below OUT and a picture for each, in as many batches as it likes."""


def process_folder(
    folder: Folder,
    out: str | Path,
    outputs: Callable[[str], Sequence[str]],
    draw: Draw,
    *,
    count: int,
    overlap: bool,
    progress: Callable[[int, int], None],
    gallery: Gallery | None = None,
    also: Sequence[str] = (),
    skip_existing: bool = False,
) -> Written:
    """Read the pictures of a folder in chunks, draw from each chunk, and write what was drawn.

    Several processes write their own pictures, and return what all of them wrote. One of them writes the gallery.

    Args:
        folder: what to read. Pictures that cannot be decoded are left out and reported.
        out: the folder to write to, made when there is something to write.
        outputs: a picture's stem -> names of the files below `out` that are written for it.
        draw: what to write for a chunk. It is not called for a chunk without readable pictures.
        count: pictures in a chunk.
        overlap: decode the next chunk and write the last one while this one is drawn.
        progress: called with (pictures done, pictures in all).
        gallery: what is shown of the pictures besides; `draw` adds them to it.
        also: names of other files below `out` that the verb writes.
        skip_existing: leave out pictures all of whose files are there. A file appears only when it is whole.

    Raises:
        UsageError: `out` is a file, lies inside the input folder, or a file to write is the input.
        EdganError: no picture could be read, or one could not be written.
    """
    target = out_folder(out)
    failed: list[tuple[str, str]] = []
    names = [*also, *(name for stem in folder.stems for name in outputs(stem))]
    files = files_below(target, names, folder.path)
    if gallery is not None:
        gallery.wanted.refuse_taken(files)
    existing = _existing(folder, target, outputs) if skip_existing else set()
    if existing:
        folder = folder.subset([index for index in range(len(folder.pictures)) if index not in existing])
    with Writer(overlap=overlap) as writer:
        for chunk in read_chunks(folder, count, ahead=overlap):
            failed += chunk.failed
            if folder.notes is not None:
                folder.notes.look(chunk.pixels)
            if gallery is not None:
                gallery.count(len(chunk.stems))
            for drawn_names, pictures in draw(chunk) if chunk.stems else ():
                writer.add([target / name for name in drawn_names], pictures)
            progress(chunk.end, len(folder.pictures))
    return _of_all(folder, Written(target, writer.files, failed, existing=len(existing)), gallery)


def _of_all(folder: Folder, own: Written, gallery: Gallery | None) -> Written:
    """What all processes wrote, with the gallery and the notes."""
    processes = folder.processes
    gathered = processes.gathered(own)
    files = [file for written in gathered for file in written.files]
    failed = [failure for written in gathered for failure in written.failed]
    existing = sum(written.existing for written in gathered)
    if failed and not files and not existing:
        raise NothingReadableError(nothing_readable(folder.path, failed))
    shown: list[Path] = []
    if gallery is not None and files:
        gallery.gather(processes)
        (shown, *_) = processes.gathered(gallery.write() if processes.is_main else [])
    if folder.notes is not None:
        folder.notes.gather(processes)
    notes = [] if folder.notes is None else folder.notes.sentences()
    return Written(own.out, files, failed, shown, notes, existing)


def _existing(folder: Folder, out: Path, outputs: Callable[[str], Sequence[str]]) -> set[int]:
    """The indices of the pictures whose files are all there."""
    return {index for index, stem in enumerate(folder.stems) if all((out / name).is_file() for name in outputs(stem))}


def nothing_readable(path: str | Path, failed: Sequence[tuple[str, str]]) -> str:
    """The message for an input of which no picture could be decoded."""
    first = "" if len(failed) == 1 else "the first one: "
    return f"{none_can(len(failed), 'image', path, 'used')}: {first}{failed[0][1]}"


def read_chunks(folder: Folder, count: int, *, ahead: bool) -> Iterator[Chunk]:
    """The pictures of a folder, `count` at a time.

    Args:
        folder: what to read.
        count: pictures in a chunk.
        ahead: decode the next chunk while the caller works on this one.
    """
    pictures = folder.pictures
    with ThreadPoolExecutor(THREADS, "decode") as readers:

        def submitted(start: int) -> list[Future[np.ndarray]]:
            chosen = pictures[start : start + count]
            return [readers.submit(loader, folder.size, folder.channels) for _, loader in chosen]

        coming = submitted(0)
        for start in range(0, len(pictures), count):
            now = coming
            coming = submitted(start + count) if ahead else []
            yield _gathered(folder, start, now)
            coming = coming or submitted(start + count)


def _gathered(folder: Folder, start: int, coming: Sequence[Future[np.ndarray]]) -> Chunk:
    """The pictures that could be decoded, and the reasons for the others."""
    positions: list[int] = []
    pixels: list[np.ndarray] = []
    failed: list[tuple[str, str]] = []
    stems: list[str] = []
    for index, picture in enumerate(coming, start):
        stem, _ = folder.pictures[index]
        try:
            pixels.append(picture.result())
            positions.append(folder.place(index))
            stems.append(stem)
        except EdganError as error:
            failed.append((stem, str(error)))
    stacked = np.stack(pixels) if pixels else np.empty((0, 1, 1, folder.channels), np.uint8)
    return Chunk(positions, stems, stacked, failed, start + len(coming))
