"""The folder pipeline: in order, ahead of and behind the network, bad files reported, memory bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgan.api import writing
from edgan.api.folder_pipeline import Chunk, Drawn, Folder, process_folder, read_chunks
from edgan.api.writing import WAITING, RowWriter, Writer
from edgan.errors import EdganError


def loader(value: int | None) -> Callable[[int, int], np.ndarray]:
    """Of a grey picture, or of one that cannot be read."""

    def load(size: int, channels: int) -> np.ndarray:
        if value is None:
            raise EdganError("broken.")
        return np.full((size, size, channels), value, dtype=np.uint8)

    return load


PIXELS = np.zeros((1, 2, 2, 1), np.uint8)
SEVEN = Folder("in", [(f"p{number}", loader(None if number == 2 else number)) for number in range(7)], 4, 3)


@pytest.mark.parametrize("ahead", [False, True])
def test_pictures_come_in_order_with_their_positions_and_without_those_that_fail(ahead: bool) -> None:
    chunks = list(read_chunks(SEVEN, 3, ahead=ahead))
    assert [chunk.end for chunk in chunks] == [3, 6, 7]
    assert [chunk.positions for chunk in chunks] == [[0, 1], [3, 4, 5], [6]]
    assert [chunk.stems for chunk in chunks] == [["p0", "p1"], ["p3", "p4", "p5"], ["p6"]]
    assert chunks[0].failed == [("p2", "broken.")]
    assert chunks[1].pixels.shape == (3, 4, 4, 3)
    assert chunks[1].pixels[:, 0, 0, 0].tolist() == [3, 4, 5]


def test_the_next_pictures_are_decoded_while_these_are_worked_on() -> None:
    second = threading.Event()

    def load(size: int, channels: int) -> np.ndarray:
        second.set()
        return np.zeros((size, size, channels), dtype=np.uint8)

    chunks = read_chunks(Folder("in", [("a", loader(0)), ("b", load)], 4, 1), 1, ahead=True)
    next(chunks)
    assert second.wait(timeout=10)
    assert len(list(chunks)) == 1


def test_the_pictures_of_a_chunk_are_decoded_in_parallel() -> None:
    """Each waits for the other, so decoding one after another would never end."""
    both = threading.Barrier(2, timeout=10)

    def load(size: int, channels: int) -> np.ndarray:
        both.wait()
        return np.zeros((size, size, channels), dtype=np.uint8)

    (chunk,) = read_chunks(Folder("in", [("a", load), ("b", load)], 4, 1), 2, ahead=False)
    assert chunk.stems == ["a", "b"]


def png(stem: str) -> list[str]:
    return [f"{stem}.png"]


def copies(chunk: Chunk) -> Drawn:
    yield [f"{stem}.png" for stem in chunk.stems], chunk.pixels


@pytest.mark.parametrize("overlap", [False, True])
def test_a_folder_is_written_with_its_stems_and_what_was_left_out_is_reported(tmp_path: Path, overlap: bool) -> None:
    steps: list[tuple[int, int]] = []
    progress = lambda done, total: steps.append((done, total))  # noqa: E731
    written = process_folder(SEVEN, tmp_path / "out", png, copies, count=3, overlap=overlap, progress=progress)
    assert [path.name for path in written.files] == [f"p{number}.png" for number in (0, 1, 3, 4, 5, 6)]
    assert written.failed == [("p2", "broken.")]
    assert steps == [(3, 7), (6, 7), (7, 7)]
    assert np.asarray(Image.open(tmp_path / "out" / "p5.png"))[0, 0].tolist() == [5, 5, 5]


def test_a_folder_without_a_readable_picture_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    folder = Folder("in", [("a", loader(None)), ("b", loader(None))], 4, 3)
    with pytest.raises(EdganError, match=r"None of the 2 images in in can be used: the first one: broken\."):
        process_folder(folder, tmp_path / "out", png, copies, count=1, overlap=False, progress=lambda *_: None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("overlap", [False, True])
def test_files_are_listed_in_the_order_in_which_they_were_added(tmp_path: Path, overlap: bool) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(10)]
    with Writer(overlap=overlap) as writer:
        writer.add(paths[:4], np.repeat(PIXELS, 4, 0))
        assert overlap or len(writer.files) == 4
        writer.add(paths[4:], np.repeat(PIXELS, 6, 0))
    assert writer.files == paths
    assert all(path.exists() for path in paths)


def test_only_a_bounded_number_of_pictures_waits_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "save_picture", lambda _picture, path: path)
    with Writer(overlap=True) as writer:
        for _ in range(2):
            writer.add([tmp_path / "a.png"] * WAITING, np.repeat(PIXELS, WAITING, 0))
        assert len(writer.files) == WAITING


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_picture: np.ndarray, path: Path) -> Path:
        raise EdganError(f"{path.name} could not be written: no room.")

    monkeypatch.setattr(writing, "save_picture", refuse)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("overlap", [False, True])
def test_a_disk_that_refuses_is_reported(tmp_path: Path, overlap: bool) -> None:
    with pytest.raises(EdganError, match=r"0\.png could not be written"), Writer(overlap=overlap) as writer:
        writer.add([tmp_path / "0.png"], PIXELS)


@pytest.mark.usefixtures("full_disk")
def test_a_failure_of_the_caller_comes_before_one_of_writing(tmp_path: Path) -> None:
    def draw() -> None:
        with Writer(overlap=True) as writer:
            writer.add([tmp_path / "0.png"], PIXELS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw()


def test_rows_written_in_turn_are_the_file_that_numpy_saves(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((1234, 7)).astype(np.float32)
    np.save(tmp_path / "whole.npy", rows)
    with RowWriter(tmp_path / "out" / "rows.npy") as writer:
        for start in range(0, len(rows), 100):
            writer.add(rows[start : start + 100])
    assert (tmp_path / "out" / "rows.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_rows_of_a_failed_caller_leave_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def fail() -> None:
        with RowWriter(tmp_path / "rows.npy") as writer:
            writer.add(np.zeros((2, 3), np.float32))
            raise ZeroDivisionError

    (tmp_path / "rows.npy").write_text("old")
    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["rows.npy"]
    assert (tmp_path / "rows.npy").read_text() == "old"
