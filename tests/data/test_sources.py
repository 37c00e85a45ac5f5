"""INPUT of translate: source pictures, or the source side of pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgan.data import open_dataset, sources_in
from edgan.data.build import PALETTE
from edgan.errors import EdganError, UsageError

RED, BLUE = (200, 10, 10), (0, 0, 250)


def picture(path: Path, colour: tuple[int, int, int] | int, size: tuple[int, int] = (8, 8)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L" if isinstance(colour, int) else "RGB", size, colour).save(path)


def loaded(path: Path, **options: Any) -> tuple[dict[str, np.ndarray], str | None]:
    sources, layout = sources_in(path, **options)
    return {stem: loader(8, 3) for stem, loader in sources}, layout


def test_ordinary_pictures_are_sources(tmp_path: Path) -> None:
    picture(tmp_path / "b.png", BLUE)
    picture(tmp_path / "a.png", RED)
    pictures, layout = loaded(tmp_path)
    assert layout is None
    assert list(pictures) == ["a", "b"]
    assert (pictures["b"] == BLUE).all()
    assert (loaded(tmp_path / "b.png")[0]["b"] == BLUE).all()


def test_of_pictures_twice_as_wide_as_high_the_right_half_is_the_source(tmp_path: Path) -> None:
    pair = Image.new("RGB", (16, 8), RED)
    pair.paste(BLUE, (8, 0, 16, 8))
    pair.save(tmp_path / "1.png")
    pictures, layout = loaded(tmp_path, halves=True)
    assert layout == "side-by-side"
    assert (pictures["1"] == BLUE).all()
    assert (loaded(tmp_path, halves=True, direction="AtoB")[0]["1"] == RED).all()
    picture(tmp_path / "2.png", RED)
    assert loaded(tmp_path, halves=True)[1] is None


def test_wide_pictures_are_no_pairs_unless_the_run_or_the_call_says_so(tmp_path: Path) -> None:
    pair = Image.new("RGB", (16, 8), RED)
    pair.paste(BLUE, (8, 0, 16, 8))
    pair.save(tmp_path / "1.png")
    assert loaded(tmp_path)[1] is None
    assert loaded(tmp_path, layout="side-by-side")[1] == "side-by-side"
    assert loaded(tmp_path, halves=True, layout="images")[1] is None
    with pytest.raises(UsageError, match=r"layout must be one of .*images"):
        sources_in(tmp_path, layout="celeba")


def test_of_a_and_b_the_source_is_b(tmp_path: Path) -> None:
    for side, colour in (("A", RED), ("B", BLUE)):
        picture(tmp_path / side / "1.png", colour)
    pictures, layout = loaded(tmp_path)
    assert layout == "a-b"
    assert (pictures["1"] == BLUE).all()


def test_of_images_and_labels_the_source_is_what_a_training_sees(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / "images" / f"{number}.png", RED)
        picture(tmp_path / "labels" / f"{number}.png", number)
    pictures, layout = loaded(tmp_path)
    assert layout == "images-labels"
    assert (pictures["2"] == PALETTE[2]).all()
    data = open_dataset(tmp_path, size=8)
    assert all((pictures[Path(name).stem] == data.source[i]).all() for i, name in enumerate(data.names))


def test_a_damaged_pair_is_told_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "A" / "1.png", RED)
    (tmp_path / "B").mkdir()
    (tmp_path / "B" / "1.png").write_bytes(b"no image")
    ((_, loader),), _ = sources_in(tmp_path)
    with pytest.raises(EdganError, match=r"A/1\.png cannot be used: not an image"):
        loader(8, 3)


def test_an_empty_folder_has_no_sources(tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="is empty"):
        sources_in(tmp_path)
