"""A run on another machine, where its data is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import edgan
from edgan.api import Run
from edgan.errors import EdganError
from edgan.studio.server.run_list import RunList
from edgan.synthetic import write_folder

OPTIONS = {"size": 32, "batch": 4, "device": "cpu", "preset": "small", "quiet": True}


@pytest.fixture(scope="module")
def photo(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(faces / "images" / "000003.png", tmp_path_factory.mktemp("photo") / "me.png"))


@pytest.fixture
def moved(run: Run, tmp_path: Path) -> Path:
    """The run's folder under another name; its data folder is not read."""
    return shutil.copytree(run.path, tmp_path / "moved")


@pytest.fixture
def without_data(faces: Path) -> Path:
    """Where the run's data was; it is away during the test."""
    away = faces.with_name("away")
    faces.rename(away)
    yield faces
    away.rename(faces)


def test_all_verbs_that_need_no_data_work(moved: Path, without_data: Path, photo: Path, tmp_path: Path) -> None:
    assert not without_data.exists()
    quiet = {"quiet": True, "device": "cpu"}
    assert len(edgan.reconstruct(moved, photo, tmp_path / "a", what="all", **quiet).files) == 3
    assert len(edgan.edit(moved, photo, tmp_path / "b", set={"Smiling": 1}, **quiet).files) == 1
    assert len(edgan.edit(moved, photo, tmp_path / "c", sweep="Smiling=0:1:3", **quiet).files) == 1
    assert len(edgan.sample(moved, tmp_path / "d", count=2, **quiet).files) == 2
    assert len(edgan.invert(moved, photo, tmp_path / "e", steps=1, **quiet).files) >= 1
    model = edgan.load(moved, "cpu")
    assert model.encode(photo).shape == (1, 8)
    assert len(model.reconstruct(photo, as_pil=True).output) == 1
    other = write_folder("faces", tmp_path / "other", 8, 32)
    assert edgan.evaluate(moved, other, split="train", device="cpu")["images"] > 0


def test_a_translator_works_without_its_pairs(tmp_path: Path) -> None:
    pairs = write_folder("facades", tmp_path / "pairs", 8, 32)
    network = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4}
    edgan.train("pix2pix", pairs, tmp_path / "run", steps=2, set=network, **OPTIONS)
    source = shutil.copy(next(pairs.rglob("*.png")), tmp_path / "source.png")
    shutil.rmtree(pairs)
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    assert len(edgan.translate(moved, source, tmp_path / "out", variants=2, quiet=True).files) == 2
    assert len(edgan.load(moved).translate(source, as_pil=True).output) == 1


def test_verbs_that_need_the_data_say_what_is_missing_and_where_to_give_it(
    moved: Path, without_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(EdganError, match=str(without_data)):
        edgan.train("ed-slash-gan", without_data, moved, steps=6, resume=True, quiet=True)
    with pytest.raises(EdganError, match=str(without_data)):
        edgan.evaluate(moved, without_data)


def test_resuming_with_the_data_elsewhere_goes_on(moved: Path, faces: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(faces, tmp_path / "elsewhere")
    assert edgan.train("ed-slash-gan", elsewhere, moved, steps=6, resume=True, quiet=True).step == 6


def test_the_studio_says_which_data_is_missing_and_how_to_train_on(
    moved: Path, without_data: Path, tmp_path: Path
) -> None:
    runs = RunList(tmp_path)
    stored = runs.get("moved")
    with pytest.raises(EdganError, match="--resume") as caught:
        _ = stored.data_folder
    assert f"{without_data} is missing" in str(caught.value)
    assert f"edgan train ed-slash-gan --data DATA --out {moved}" in str(caught.value)
