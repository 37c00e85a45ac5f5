"""Folders and .zips of images, with classes and without; what is left out, and what is refused."""

import os
import zipfile

import numpy as np
import pytest

from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError
from systems import posix_files


@pytest.fixture
def photos(tmp_path, paint):
    for number in range(6):
        paint(tmp_path / "photos" / ("deep/er" if number % 2 else "") / f"{number}.png")
    return tmp_path / "photos"


def test_nested_images_open_in_name_order(photos):
    data = open_dataset(photos, size=8)
    assert data.kind == "images"
    assert data.names == ["0.png", "2.png", "4.png", "deep/er/1.png", "deep/er/3.png", "deep/er/5.png"]
    assert data.images.shape == (6, 8, 8, 3)


def test_a_zip_opens_as_the_folder_it_holds(photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(photos.rglob("*.png")):
            archive.write(path, f"photos/{path.relative_to(photos)}")
        archive.writestr("__MACOSX/._0.png", b"")
    zipped, folder = open_dataset(tmp_path / "photos.zip", size=8), open_dataset(photos, size=8)
    assert zipped.names == folder.names
    assert np.array_equal(zipped.images, folder.images)
    assert zipped.key == folder.key


def test_one_folder_for_each_class_gives_labels(tmp_path, paint):
    for name in ("cat", "ant"):
        for number in range(3):
            paint(tmp_path / name / f"{number}.jpg")
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "class-folders"
    assert data.label_names == ("ant", "cat")
    assert data.label.tolist() == [0, 0, 0, 1, 1, 1]


def test_train_and_test_folders_are_splits_and_not_classes(tmp_path, paint):
    for split in ("train", "test"):
        for name in ("ant", "cat"):
            for number in range(4):
                paint(tmp_path / split / name / f"{number}.jpg")
    data = open_dataset(tmp_path, size=8)
    assert data.label_names == ("ant", "cat")
    assert [data.names[i].split("/")[0] for i in data.indices("test")] == ["test"] * 8


def test_only_grey_images_make_a_set_of_one_channel(tmp_path, paint):
    for number in range(3):
        paint(tmp_path / f"{number}.png", mode="L")
    assert open_dataset(tmp_path, size=8).channels == 1
    assert open_dataset(tmp_path, size=8, channels=3).channels == 3
    paint(tmp_path / "colour.png")
    assert open_dataset(tmp_path, size=8).channels == 3


def test_a_file_that_cannot_be_decoded_is_left_out_with_its_reason(photos):
    (photos / "3bad.jpg").write_text("words")
    cut = (photos / "2.png").read_bytes()[:-40]
    (photos / "2cut.png").write_bytes(cut)
    data = open_dataset(photos, size=8)
    assert len(data) == len(data.images) == 6
    assert [name for name, _ in data.skipped] == ["2cut.png", "3bad.jpg"]
    assert "not an image" in dict(data.skipped)["3bad.jpg"]
    assert "damaged" in dict(data.skipped)["2cut.png"]


@posix_files
def test_a_broken_link_is_left_out(photos):
    os.symlink(photos / "gone.png", photos / "link.png")
    data = open_dataset(photos, size=8)
    assert data.skipped == [("link.png", "a link to a file that is not there")]


@posix_files
def test_links_within_the_folder_are_followed_but_not_in_circles(photos, tmp_path, paint):
    paint(photos / ".hidden" / "extra.png")
    os.symlink(photos / ".hidden", photos / "more")
    os.symlink(photos, photos / "deep" / "circle")
    assert "more/extra.png" in open_dataset(photos, size=8).names
    assert len(open_dataset(photos, size=8)) == 7


@posix_files
def test_links_out_of_the_folder_are_left_out_unless_asked_for(photos, tmp_path, paint, monkeypatch):
    os.symlink(paint(tmp_path / "elsewhere" / "extra.png").parent, photos / "more")
    os.symlink(tmp_path / "elsewhere" / "extra.png", photos / "secret.png")
    data = open_dataset(photos, size=8)
    assert len(data) == 6
    assert [name for name, reason in data.skipped if "EDGAN_LINKS=follow" in reason] == ["more", "secret.png"]
    monkeypatch.setenv("EDGAN_LINKS", "follow")
    assert {"more/extra.png", "secret.png"} <= set(open_dataset(photos, size=8).names)


@posix_files
def test_a_folder_of_nothing_but_links_out_of_it_says_how_many(tmp_path, paint):
    links = tmp_path / "links"
    links.mkdir()
    for number in range(3):
        os.symlink(paint(tmp_path / "elsewhere" / f"{number}.png"), links / f"{number}.png")
    with pytest.raises(EdganError, match=r"is empty.*0\.png, a link that leaves the folder.*; and 2 more\."):
        open_dataset(links, size=8)


def test_a_set_of_which_nothing_is_left_says_the_first_reasons(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_text("words")
    with pytest.raises(EdganError, match=r"None of the 5 images.*0\.jpg: not an image.*and 2 more"):
        open_dataset(tmp_path, size=8)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EdganError, match=r"nothing at .*faces"):
        open_dataset(tmp_path / "faces", size=8)


def test_an_empty_folder_is_called_empty(tmp_path):
    with pytest.raises(EdganError, match="is empty"):
        open_dataset(tmp_path, size=8)


def test_a_folder_without_images_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("none here")
    with pytest.raises(EdganError, match="no images"):
        open_dataset(tmp_path, size=8)


@pytest.mark.parametrize(
    ("name", "sentence"), [("faces.zip", r"not a complete \.zip"), ("faces.tar", r"not an uncompressed \.tar")]
)
def test_a_file_that_is_no_zip_says_so(tmp_path, name, sentence):
    (tmp_path / name).write_text("not really")
    with pytest.raises(EdganError, match=sentence):
        open_dataset(tmp_path / name, size=8)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": 8, "channels": 2}, {"size": 8, "layout": "imagess"}])
def test_a_wrong_option_is_a_wrong_call(photos, wrong):
    with pytest.raises(UsageError):
        open_dataset(photos, **wrong)


def test_an_attribute_of_a_set_without_any_is_a_wrong_call(photos):
    with pytest.raises(UsageError, match="no attribute 'Male'"):
        open_dataset(photos, size=8, attributes=["Male"])


def test_attributes_given_as_one_text_are_a_wrong_call(photos):
    with pytest.raises(UsageError, match="attributes must be a list of names"):
        open_dataset(photos, size=8, attributes="Male")


def test_a_data_set_prints_on_one_line(photos):
    assert repr(open_dataset(photos, size=8)).count("\n") == 0


def classes(root, paint, prefix=""):
    for number in range(12):
        paint(root / prefix / ("cat", "dog")[number % 2] / f"{number}.png")


@pytest.mark.parametrize("stray", ["preview.png", "train/preview.png"])
def test_a_stray_image_does_not_undo_classes(tmp_path, paint, stray):
    classes(tmp_path, paint, "train" if "/" in stray else "")
    paint(tmp_path / stray)
    data = open_dataset(tmp_path, size=8)
    assert data.label_names == ("cat", "dog")
    assert [name for name, _ in data.skipped] == [stray]


def test_an_image_one_level_deeper_belongs_to_its_class(tmp_path, paint):
    classes(tmp_path, paint)
    paint(tmp_path / "cat" / "more" / "12.png")
    data = open_dataset(tmp_path, size=8)
    assert data.label_names == ("cat", "dog")
    assert data.label[data.names.index("cat/more/12.png")] == 0


def test_a_test_folder_without_classes_keeps_those_of_train(tmp_path, paint):
    classes(tmp_path, paint, "train")
    for number in range(4):
        paint(tmp_path / "test" / f"{number}.png")
    data = open_dataset(tmp_path, size=8)
    assert data.label_names == ("cat", "dog")
    assert len(data) == 12
    assert len(data.skipped) == 4


def test_a_stray_image_does_not_undo_splits(tmp_path, paint):
    for number in range(9):
        paint(tmp_path / ("train", "test")[number % 2] / f"{number}.png")
    paint(tmp_path / "preview.png")
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "images"
    assert data.split[data.names.index("test/1.png")] == "test"
    assert data.split[data.names.index("preview.png")] == "train"
    assert any("preview.png" in note for note in data.notes)


def test_a_run_inside_its_data_is_no_data(photos, paint):
    before = open_dataset(photos, size=8)
    (photos / "run" / "checkpoints" / "step-00000001").mkdir(parents=True)
    (photos / "run" / "checkpoints" / "step-00000001" / "state.json").write_text("{}")
    (photos / "run" / "run.json").write_text("{}")
    paint(photos / "run" / "previews" / "1.png")
    after = open_dataset(photos, size=8)
    assert after.names == before.names
    assert after.key == before.key
    assert ("run", "the folder of a run, which is no data") in after.skipped
