"""Pictures of a folder into memory and out again: in order, ahead of and behind the network, failures told."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from edgan.api.pipeline import WAITING, Writing, decoded
from edgan.errors import EdganError


def loader(value: int | None) -> object:
    """Of a grey picture, or of one that cannot be read."""

    def load(size: int, channels: int) -> np.ndarray:
        if value is None:
            raise EdganError("broken.")
        return np.full((size, size, channels), value, dtype=np.uint8)

    return load


PIXELS = np.zeros((1, 2, 2, 1), np.uint8)
FOUND = [(f"p{number}", loader(None if number == 2 else number)) for number in range(7)]


@pytest.mark.parametrize("ahead", [False, True])
def test_pictures_come_in_order_with_their_positions_and_without_those_that_fail(ahead: bool) -> None:
    reads = list(decoded(FOUND, 4, 3, 3, ahead=ahead))  # type: ignore[arg-type]
    assert [start for start, _ in reads] == [0, 3, 6]
    assert [read.positions for _, read in reads] == [[0, 1], [3, 4, 5], [6]]
    assert [read.stems for _, read in reads] == [["p0", "p1"], ["p3", "p4", "p5"], ["p6"]]
    assert reads[0][1].failed == [("p2", "broken.")]
    assert reads[1][1].pixels.shape == (3, 4, 4, 3)
    assert reads[1][1].pixels[:, 0, 0, 0].tolist() == [3, 4, 5]


def test_the_next_pictures_are_decoded_while_these_are_worked_on() -> None:
    second = threading.Event()

    def load(size: int, channels: int) -> np.ndarray:
        second.set()
        return np.zeros((size, size, channels), dtype=np.uint8)

    for start, _ in decoded([("a", loader(0)), ("b", load)], 4, 1, 1, ahead=True):  # type: ignore[list-item]
        if start == 0:
            assert second.wait(timeout=10)


def test_pictures_of_a_set_are_decoded_at_once() -> None:
    """Each waits for the other, so one after another would never end."""
    both = threading.Barrier(2, timeout=10)

    def load(size: int, channels: int) -> np.ndarray:
        both.wait()
        return np.zeros((size, size, channels), dtype=np.uint8)

    (_, read), *_ = decoded([("a", load), ("b", load)], 4, 1, 2, ahead=False)  # type: ignore[list-item]
    assert read.stems == ["a", "b"]


def named(_pixels: np.ndarray, stem: str, folder: Path) -> Path:
    return folder / stem


@pytest.mark.parametrize("beside", [False, True])
def test_files_are_told_in_the_order_in_which_they_were_added(beside: bool) -> None:
    stems = [f"{number}" for number in range(10)]
    with Writing(named, beside=beside) as writing:
        writing.add(np.repeat(PIXELS, 4, 0), stems[:4], Path("out"))
        assert beside or len(writing.files) == 4
        writing.add(np.repeat(PIXELS, 6, 0), stems[4:], Path("out"))
    assert [path.name for path in writing.files] == stems


def test_no_more_pictures_wait_than_memory_should_hold() -> None:
    with Writing(named, beside=True) as writing:
        for _ in range(2):
            writing.add(np.repeat(PIXELS, WAITING, 0), ["0"] * WAITING, Path("out"))
        assert len(writing.files) == WAITING


def refused(_pixels: np.ndarray, stem: str, _folder: Path) -> Path:
    raise EdganError(f"{stem} could not be written: no room.")


@pytest.mark.parametrize("beside", [False, True])
def test_a_disk_that_refuses_is_told(beside: bool) -> None:
    with pytest.raises(EdganError, match="0 could not be written"), Writing(refused, beside=beside) as writing:
        writing.add(PIXELS, ["0"], Path("out"))


def test_a_failure_of_the_drawing_is_what_is_told() -> None:
    def draw() -> None:
        with Writing(refused, beside=True) as writing:
            writing.add(PIXELS, ["0"], Path("out"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw()
