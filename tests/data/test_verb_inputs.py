"""INPUT of the verbs: a file, a folder, a .zip."""

import zipfile

import numpy as np
import pytest

from edgan.data import images_in, load_image
from edgan.errors import EdganError


def test_a_file_is_one_image_by_its_stem(tmp_path, paint):
    path = paint(tmp_path / "me.at.work.JPG")
    ((stem, load),) = images_in(path)
    assert stem == "me.at.work"
    assert np.array_equal(load(8, 3), load_image(path, 8, 3))


def test_a_folder_and_its_zip_give_the_same_images_in_name_order(tmp_path, paint):
    for name in ("b", "a", "c"):
        paint(tmp_path / "in" / f"{name}.png")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in (tmp_path / "in").iterdir():
            archive.write(path, path.name)
    folder, zipped = images_in(tmp_path / "in"), images_in(tmp_path / "in.zip")
    assert [stem for stem, _ in folder] == [stem for stem, _ in zipped] == ["a", "b", "c"]
    assert all(np.array_equal(f(8, 1), z(8, 1)) for (_, f), (_, z) in zip(folder, zipped, strict=True))


def test_stems_are_unique_and_flat(tmp_path, paint):
    for name in ("x.png", "x.jpg", "one/y.png", "two/y.png", "z.png"):
        paint(tmp_path / name)
    stems = [stem for stem, _ in images_in(tmp_path)]
    assert stems == ["one_y", "two_y", "x_jpg", "x_png", "z"]


def test_an_image_that_cannot_be_decoded_is_named_when_it_is_loaded(tmp_path, paint):
    paint(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("words")
    loaders = dict(images_in(tmp_path))
    assert loaders["a"](8, 3).shape == (8, 8, 3)
    with pytest.raises(EdganError, match=r"b\.png cannot be used: not an image"):
        loaders["b"](8, 3)


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(EdganError, match="nothing at"):
        images_in(tmp_path / "gone.png")
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(EdganError, match="holds no images"):
        images_in(tmp_path)
