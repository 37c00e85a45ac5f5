"""Contact sheets: every picture once, in its place and whole, on a page of a readable shape."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from edgan.models.contact_sheet import CELL, LARGEST, MOST_CELLS, MOST_ROWS, Row, contact_sheet, most_rows, shown_size
from edgan.models.frames import grid_frame


def plain(number: int, size: tuple[int, int] = (8, 8)) -> Image.Image:
    """A picture of one colour, another one for each number."""
    return Image.new("RGB", size, (255, 3 * number, 255 - 3 * number))


def places(page: Image.Image, number: int) -> np.ndarray:
    """The rows and columns of the pixels that show a picture."""
    colour = plain(number).getpixel((0, 0))
    return np.argwhere((np.asarray(page) == colour).all(2))


def test_every_picture_is_drawn_once_enlarged_and_under_its_column() -> None:
    rows = [Row(f"row {row}", (plain(2 * row), plain(2 * row + 1))) for row in range(5)]
    page = contact_sheet("Title", "A note.", ["left", "right"], rows)
    for row in range(5):
        left, right = places(page, 2 * row), places(page, 2 * row + 1)
        assert len(left) == len(right) == CELL**2
        assert left[:, 1].max() < right[:, 1].min()
        assert (left[:, 0].min(), left[:, 0].max()) == (right[:, 0].min(), right[:, 0].max())


def test_a_grid_of_single_pictures_reads_from_left_to_right() -> None:
    page = contact_sheet("Title", "A note.", [""], [Row(str(number), (plain(number),)) for number in range(12)])
    corners = [tuple(places(page, number).min(0)) for number in range(12)]
    assert corners == sorted(corners)


@pytest.mark.parametrize(("columns", "count"), [(1, 64), (2, 60), (5, 32), (16, 10), (16, 1), (1, 1)])
def test_a_page_is_never_a_long_strip_where_another_layout_is_possible(columns: int, count: int) -> None:
    rows = [Row("name", (plain(1),) * columns) for _ in range(count)]
    page = contact_sheet("Title", "A note.", ["x"] * columns, rows)
    assert count * columns <= MOST_CELLS
    assert page.width / page.height < (20 if count == 1 else 3)
    assert page.height / page.width < 2


def test_a_long_note_makes_more_lines_and_not_a_wider_page() -> None:
    rows = [Row("name", (plain(1), plain(2)))] * 2
    short, long = (contact_sheet("Title", note, ["a", "b"], rows) for note in ("A note.", "words and more " * 30))
    assert long.width < short.width + 40
    assert long.height > short.height


def test_pictures_of_several_sizes_share_a_sheet() -> None:
    sizes = [(8, 8), (40, 20), (600, 300)]
    page = contact_sheet("T", "N.", ["a"], [Row("", (plain(n, size),)) for n, size in enumerate(sizes)])
    assert [len(places(page, number)) for number in range(3)] == [CELL**2, 160 * 80, LARGEST * LARGEST // 2]


@pytest.mark.parametrize(
    ("size", "enlarge", "expected"),
    [
        (64, 1, 128),
        (64, 3, 192),
        (64, 16, 512),
        (100, 1, 200),
        (256, 1, 256),
        (256, 2, 512),
        (300, 4, 256),
        (1, 1, 128),
    ],
)
def test_small_pictures_are_enlarged_by_whole_factors_and_large_ones_reduced(
    size: int, enlarge: int, expected: int
) -> None:
    assert shown_size(size, size, CELL, enlarge) == (expected, expected)


def test_more_columns_leave_place_for_fewer_rows() -> None:
    assert most_rows(1) == most_rows(2) == MOST_ROWS
    assert most_rows(16) == 10
    assert most_rows(1000) == 1


def test_a_picture_alone_in_its_frame_is_large() -> None:
    sizes = [grid_frame([plain(1, (side, side))]).size for side in (32, 300, 512, 2000)]
    assert sizes == [(256, 256), (300, 300), (512, 512), (1024, 1024)]


def test_a_frame_holds_all_pictures_and_has_even_sides() -> None:
    frame = grid_frame([plain(number, (33, 31)) for number in range(5)], "Smiling=1")
    assert [len(places(frame, number)) for number in range(5)] == [4 * 33 * 4 * 31] * 5
    assert frame.width % 2 == frame.height % 2 == 0
