"""`data check --run` and the folder verbs say when photos are unlike what a run was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from api_toys import TINY
from PIL import Image

import edgan
from edgan.api import Run
from edgan.api.data_check import check_data
from edgan.nets import pretrained
from edgan.synthetic import write_folder

pytestmark = pytest.mark.skipif(not pretrained.is_available(), reason=pretrained.MISSING)
OPTIONS = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "quiet": True, "report": False, "preset": "small"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on enough faces for statistics."""
    folder = tmp_path_factory.mktemp("many")
    faces = write_folder("faces", folder / "faces", 120, 32)
    return edgan.train("ed-slash-gan", faces, folder / "run", set=TINY, **OPTIONS)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("noise")
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder


def test_a_verb_says_that_the_photos_look_unlike_the_runs(many: Run, noise: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    written = edgan.reconstruct(many.path, noise, tmp_path / "out", quiet=True, warn=heard.append)
    assert heard == written.notes
    assert heard == [
        f"5 of the 5 photos look unlike the pictures that {many.path} was trained on, so expect poor results."
    ]
    one = edgan.reconstruct(many.path, noise / "0.png", tmp_path / "one", quiet=True)
    assert one.notes[0].startswith("The photo looks unlike the pictures that")


def test_it_says_nothing_of_faces_that_it_has_not_seen(many: Run, tmp_path: Path) -> None:
    fresh = write_folder("faces", tmp_path / "fresh", 30, 32, seed=9)
    assert edgan.reconstruct(many.path, fresh, tmp_path / "out", quiet=True).notes == []
    assert check_data(fresh, run=many.path).warnings == check_data(fresh).warnings


def test_data_check_compares_with_a_run_and_is_silent_without_one(many: Run, noise: Path) -> None:
    plain, compared = check_data(noise), check_data(noise, run=many.path)
    assert set(compared.warnings) - set(plain.warnings) == {
        f"5 of the 5 photos look unlike the pictures that {many.path} was trained on, so expect poor results."
    }


def test_of_many_photos_some_are_looked_at(many: Run, noise: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for index in range(70):
        pixels = np.random.default_rng(index).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / f"{index:02}.png")
    assert any("64 of 64 sampled photos look unlike" in said for said in check_data(photos, run=many.path).warnings)
    notes = edgan.reconstruct(many.path, photos, tmp_path / "out", quiet=True).notes
    assert notes[0].startswith("64 of the first 64 photos look unlike")


def test_it_says_where_a_run_keeps_no_statistics(run: Run, noise: Path, tmp_path: Path) -> None:
    said = check_data(noise, run=run.path).warnings
    assert f"{run.path} keeps no statistics of its training pictures." in " ".join(said)
    assert edgan.reconstruct(run.path, noise, tmp_path / "out", quiet=True).notes == []


def test_the_zoo_knows_its_own_kind(noise: Path, tmp_path: Path) -> None:
    fresh = write_folder("faces", tmp_path / "fresh", 12, 64, seed=5)
    assert not [said for said in check_data(fresh, run="zoo:faces").warnings if "unlike" in said]
    assert [said for said in check_data(noise, run="zoo:faces").warnings if "unlike" in said]
    maps = write_folder("facades", tmp_path / "facades", 12, 64, seed=5)
    assert not [said for said in check_data(maps, run="zoo:facades").warnings if "unlike" in said]
    assert [said for said in check_data(fresh, run="zoo:facades").warnings if "unlike" in said]


def test_a_photograph_is_unlike_the_rendered_faces_of_the_zoo(tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data")
    with Image.open(Path(data.__file__).parent / "astronaut.png") as photo:
        photo.convert("RGB").crop((130, 10, 314, 194)).save(tmp_path / "face.png")
    heard: list[str] = []
    edgan.reconstruct("zoo:faces", tmp_path / "face.png", tmp_path / "out", quiet=True, warn=heard.append)
    assert heard == ["The photo looks unlike the pictures that zoo:faces was trained on, so expect poor results."]
