"""HEIC photos: read where pillow-heif is installed, counted with a remedy where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgan.data import check_folder, images_in, open_dataset
from edgan.errors import EdganError

pillow_heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two PNG files, and a HEIC file that is red above and blue below."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (40, 40), "lime").save(folder / f"{name}.png")
    pixels = np.zeros((48, 48, 3), np.uint8)
    pixels[:24, :, 0] = pixels[24:, :, 2] = 255
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(folder / "IMG_1.HEIC", quality=95)
    return folder


def test_a_heic_photo_is_an_image_of_the_set_and_of_every_verb(photos: Path) -> None:
    dataset = open_dataset(photos, size=16)
    assert dataset.names == ["IMG_1.HEIC", "a.png", "b.png"]
    assert dataset.notes == ()
    picture = dict(images_in(photos))["IMG_1"](16, 3)
    assert picture[2].mean(0)[0] > 200
    assert picture[13].mean(0)[2] > 200
    assert dict(images_in(photos / "IMG_1.HEIC"))["IMG_1"](16, 3).shape == (16, 16, 3)


def test_a_turned_photo_is_turned_once(tmp_path: Path) -> None:
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[:, :32] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn to the right: the left half comes on top
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(tmp_path / "a.heic", quality=95, exif=exif.tobytes())
    loaded = dict(images_in(tmp_path / "a.heic"))["a"](16, 1)[..., 0]
    assert loaded[:6].mean() > 200
    assert loaded[10:].mean() < 50


def test_without_the_package_heic_photos_are_counted_and_the_remedy_is_said(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgan.data.heic.is_available", lambda: False)
    (note,) = (warning for warning in check_folder(photos).warnings if "not looked at" in warning)
    assert "1 picture is not looked at because of the suffix (1 .heic)" in note
    assert "pip install 'edgan[heic]'" in note
    heard: list[str] = []
    assert len(images_in(photos, tell=heard.append)) == 2
    assert heard == [note]
    with pytest.raises(EdganError, match=r"a format that is not read.*edgan\[heic\]"):
        images_in(photos / "IMG_1.HEIC")


def test_a_damaged_heic_file_is_left_out_by_name(photos: Path) -> None:
    whole = (photos / "IMG_1.HEIC").read_bytes()
    (photos / "half.heic").write_bytes(whole[: len(whole) // 2])
    assert [name for name, _ in check_folder(photos).skipped] == ["half.heic"]


def test_the_package_is_imported_by_the_first_heic_file_only(photos: Path) -> None:
    code = (
        "import sys; from edgan.data import images_in; loaders = dict(images_in(sys.argv[1]));"
        "loaders['a'](16, 3); print('pillow_heif' in sys.modules); loaders['IMG_1'](16, 3);"
        "print('pillow_heif' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code, str(photos)], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "True"]
