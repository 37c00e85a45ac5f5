"""Pictures of a folder into memory and out again: in order, ahead of and behind the network, failures told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from edgan.api.pipeline import WAITING, Writing, decoded
from edgan.errors import EdganError


def loader(value: int | None) -> object:
    """Of a grey picture, or of one that cannot be read."""

    def load(size: int, channels: int) -> np.ndarray:
        if value is None:
            raise EdganError("broken.")
        return np.full((size, size, channels), value, dtype=np.uint8)

    return load


FOUND = [(f"p{number}", loader(None if number == 2 else number)) for number in range(7)]


def test_pictures_come_in_order_with_their_positions_and_without_those_that_fail() -> None:
    reads = list(decoded(FOUND, 4, 3, 3))  # type: ignore[arg-type]
    assert [start for start, _ in reads] == [0, 3, 6]
    assert [read.positions for _, read in reads] == [[0, 1], [3, 4, 5], [6]]
    assert [read.stems for _, read in reads] == [["p0", "p1"], ["p3", "p4", "p5"], ["p6"]]
    assert reads[0][1].failed == [("p2", "broken.")]
    assert reads[1][1].images.shape == (3, 3, 4, 4)
    torch.testing.assert_close((reads[1][1].images[:, 0, 0, 0] + 1) * 127.5, torch.tensor([3.0, 4.0, 5.0]))


def test_the_next_pictures_are_decoded_while_these_are_worked_on() -> None:
    second = threading.Event()

    def load(size: int, channels: int) -> np.ndarray:
        second.set()
        return np.zeros((size, size, channels), dtype=np.uint8)

    for start, _ in decoded([("a", loader(0)), ("b", load)], 4, 1, 1):  # type: ignore[list-item]
        if start == 0:
            assert second.wait(timeout=10)


def names(_images: Tensor, stems: Sequence[str], folder: Path) -> list[Path]:
    return [folder / stem for stem in stems]


def test_files_are_told_in_the_order_in_which_they_were_added() -> None:
    with Writing(names) as writing:
        for number in range(2 * WAITING):
            writing.add(torch.zeros(1, 1, 2, 2), [f"{number}"], Path("out"))
    assert [path.name for path in writing.files] == [str(number) for number in range(2 * WAITING)]


def test_a_disk_that_refuses_is_told() -> None:
    def refuse(_images: Tensor, stems: Sequence[str], _folder: Path) -> list[Path]:
        raise EdganError(f"{stems[0]} could not be written: no room.")

    with pytest.raises(EdganError, match="0 could not be written"), Writing(refuse) as writing:
        writing.add(torch.zeros(1, 1, 2, 2), ["0"], Path("out"))


def test_a_failure_of_the_drawing_is_what_is_told() -> None:
    def refuse(_images: Tensor, _stems: Sequence[str], _folder: Path) -> list[Path]:
        raise EdganError("no room.")

    def draw() -> None:
        with Writing(refuse) as writing:
            writing.add(torch.zeros(1, 1, 2, 2), ["0"], Path("out"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw()
