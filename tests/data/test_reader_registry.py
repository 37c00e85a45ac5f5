"""A layout is a reader and a line in the registry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgan.data import KINDS, open_dataset, readers, sources, sources_in
from edgan.data.listing import Listing, Pairing
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree


def read_stacked(tree: Tree) -> Listing:
    """Pairs in a raw format: a byte for the image's grey level, a byte for the source's."""
    names = tree.named("1.toy", "2.toy")

    def read(position: int) -> tuple[np.ndarray]:
        image, source = tree.read(names[position])
        return (np.repeat(np.array([[image, source]], np.uint8), 4, axis=1).repeat(4, axis=0),)

    return Listing("toy", names, read, names, Pairing.HALVES)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    reader = Reader("toy", lambda tree: bool(tree.named("1.toy")), read_stacked)
    monkeypatch.setattr(readers, "READERS", (reader, *readers.READERS))
    for name, levels in (("1.toy", (10, 20)), ("2.toy", (30, 40))):
        (tmp_path / name).write_bytes(bytes(levels))
    return tmp_path


def test_a_registered_layout_is_recognised_and_read(toy: Path) -> None:
    data = open_dataset(toy, size=4)
    assert data.kind == "toy"
    assert data.images[:, 0, 0, 0].tolist() == [10, 30]
    assert data.source[:, 0, 0, 0].tolist() == [20, 40]


def test_a_layout_of_pairs_says_when_a_verbs_input_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(
        "left-right",
        lambda tree: False,
        readers.side_by_side.read,
        recognises_pairs=lambda tree: "pairs" in tree.path.name,
    )
    monkeypatch.setattr(sources, "PAIRS", (reader,))
    (tmp_path / "pairs").mkdir()
    Image.fromarray(np.array([[1, 9]], np.uint8)).save(tmp_path / "pairs" / "1.png")
    ((_, load),), layout = sources_in(tmp_path / "pairs")
    assert layout == "side-by-side"
    assert load(1, 1).item() == 9


def test_layouts_have_different_names() -> None:
    assert len(KINDS) == len(set(KINDS)) == len(readers.READERS) >= 10
