"""The crop around the largest face: where it lies, what happens without a face, and that runs keep it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import edgan
from edgan.data import from_uint8, open_dataset
from edgan.data.crops import SQUARE, parse_crop
from edgan.data.faces import face_square, largest_face
from edgan.errors import EdganError, UsageError
from edgan.studio.server.photos import Photo

TINY = {
    "crop": "face",
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.kind": "paper",
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 4,
}


@pytest.fixture(scope="module")
def person() -> Image.Image:
    """A photograph of 512 x 512 px with one face, whose eyes are near (205, 105) and (243, 105)."""
    pytest.importorskip("cv2", reason="the extra faces is not installed")
    data = pytest.importorskip("skimage.data")
    with Image.open(Path(data.__file__).parent / "astronaut.png") as photo:
        return photo.convert("RGB")


@pytest.fixture(scope="module")
def photos(person: Image.Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven photographs of the person, shifted, and one without a face."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(11):
        person.crop((2 * index, index, 460 + 2 * index, 340 + index)).save(folder / f"{index:02}.png")
    Image.new("RGB", (300, 200), (90, 120, 60)).save(folder / "lawn.png")
    return folder


def test_the_square_holds_the_whole_head(person: Image.Image) -> None:
    left, top, right, bottom = face_square(person) or (0, 0, 0, 0)
    assert right - left == bottom - top
    assert 120 < left < 170
    assert 270 < right < 330
    assert top < 30  # the hair begins at about 15
    assert 170 < bottom < 230  # the chin is at about 160


def test_of_several_faces_the_largest_counts(person: Image.Image) -> None:
    wide = Image.new("RGB", (900, 512), "white")
    wide.paste(person.crop((100, 0, 356, 256)).resize((180, 180)), (20, 20))
    wide.paste(person.crop((100, 0, 356, 256)), (500, 40))
    left, _, side = largest_face(wide) or (0, 0, 0)
    assert 500 < left < 756
    assert 80 < side < 130


def test_the_square_stays_inside_the_picture(person: Image.Image) -> None:
    tight = person.crop((165, 50, 290, 175))
    left, top, right, bottom = face_square(tight) or (-1, -1, 0, 0)
    assert (left, top) >= (0, 0)
    assert right <= tight.width
    assert bottom <= tight.height


def test_a_large_photo_and_a_small_one_are_cut_alike(person: Image.Image) -> None:
    boxes = [face_square(person.resize((side, side), Image.Resampling.LANCZOS)) for side in (256, 1024)]
    relative = [np.array(box) / side for box, side in zip(boxes, (256, 1024), strict=True)]
    assert np.abs(relative[0] - relative[1]).max() < 0.03


def test_a_picture_without_a_face_is_its_central_square() -> None:
    pytest.importorskip("cv2", reason="the extra faces is not installed")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))
    for picture in (noise, Image.new("L", (8, 5))):
        assert parse_crop("face").placed(picture) == (SQUARE, False)
        fitted = np.asarray(parse_crop("face").fit(picture, 4))
        assert np.array_equal(fitted, np.asarray(SQUARE.fit(picture, 4)))


def test_a_data_set_says_in_how_many_pictures_no_face_was_found(photos: Path) -> None:
    said = ("No face was found in 1 of 12 pictures, so the central square is used there.",)
    assert open_dataset(photos, size=32, crop="face").notes == said
    assert open_dataset(photos, size=32, crop="face").notes == said  # from the cache


def test_a_run_keeps_it_and_the_verbs_apply_it_and_count(photos: Path, tmp_path: Path) -> None:
    options = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "quiet": True, "report": False, "preset": "small"}
    run = edgan.train("ed-slash-gan", photos, tmp_path / "run", set=TINY, **options)
    model = run.load("cpu")
    assert model.crop.face
    heard: list[str] = []
    written = edgan.reconstruct(run.path, photos, tmp_path / "whole", quiet=True, warn=heard.append)
    assert heard == written.notes == ["No face was found in 1 of 12 pictures, so the central square is used there."]
    with Image.open(photos / "03.png") as photo:
        box = face_square(photo)
        assert box is not None
        cut = photo.crop(box).resize((32, 32), Image.Resampling.LANCZOS)
    assert np.array_equal(open_dataset(photos, size=32, crop="face").images[3], np.asarray(cut))
    assert torch.equal(model.images_of(photos / "03.png"), from_uint8(torch.from_numpy(np.array(cut)[None])))


def test_the_studio_takes_the_face_of_a_photo(person: Image.Image) -> None:
    photo = Photo("id", person)
    assert photo.crop(parse_crop("face")).of(person.size) == face_square(person)
    assert Photo("id", Image.new("RGB", (60, 40))).crop(parse_crop("face")) == SQUARE


def test_threads_that_look_for_the_first_face_at_once_do_not_meet(person: Image.Image, tmp_path: Path) -> None:
    person.save(tmp_path / "person.png")
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
from edgan.data.faces import face_square
picture = Image.open(sys.argv[1]).convert("RGB")
with ThreadPoolExecutor(8) as pool:
    print(len(set(pool.map(lambda _: face_square(picture), range(16)))))
"""
    words = [sys.executable, "-c", program, str(tmp_path / "person.png")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1"]


def test_faces_are_refused_for_pairs(tmp_path: Path, person: Image.Image) -> None:
    for side in "AB":
        (tmp_path / side).mkdir()
        for index in range(3):
            person.resize((32, 32)).save(tmp_path / side / f"{index}.png")
    with pytest.raises(UsageError, match="crop cannot be face for pairs"):
        open_dataset(tmp_path, size=32, crop="face")


def test_without_opencv_the_message_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "one.png")
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(EdganError, match=r"The crop face needs OpenCV\. Install it with: pip install 'edgan\[faces\]'"):
        open_dataset(tmp_path, size=32, crop="face")
