"""Few training pictures: the subset keeps the splits, and the figures tell copies from pictures of their own."""

from __future__ import annotations

import pytest
from PIL import Image

from benchmarks import few_images
from benchmarks.equal_time import Wanted
from benchmarks.few_images import report, write_subset
from edgan.data import open_dataset
from edgan.synthetic import write_folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    write_folder("faces", folder, 120, 32, 0)
    return open_dataset(folder, size=32)


def test_a_subset_has_so_many_training_pictures_and_the_held_out_ones(whole, tmp_path):
    write_subset(whole, 20, tmp_path)
    written = open_dataset(tmp_path, size=32)
    counts = [len(written.indices(split)) for split in ("train", "val", "test")]
    assert counts == [20, len(whole.indices("val")), len(whole.indices("test"))]
    first = whole.images[whole.indices("train")[0]]
    assert (written.images[written.indices("train")[0]] == first).all()


def test_the_figures_say_how_near_pictures_are_to_training_pictures(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(few_images, "steps_for", lambda *_: 2)
    folder = tmp_path / "20" / "pictures"
    write_subset(whole, 20, folder)
    result = report(Wanted("ed-slash-gan", str(folder), 32, 1.0, tmp_path / "20", {"batch": 4}), folder, 20)
    # Two steps draw grey mist: far from every training picture, and all of it nearer to some than to its original.
    assert result["nearest"] > 10
    assert result["nearer_to_training"] > 0.5
    assert result["train"].keys() == result["test"].keys() >= {"psnr_output", "kid_features_output"}
    with Image.open(tmp_path / "sheet-20.png") as page:
        assert page.height == 4 * (3 * 32 + 2 * 2)  # originals, outputs, nearest training pictures
