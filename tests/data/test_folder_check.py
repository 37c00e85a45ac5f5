"""`check_folder`: everything that is there, everything that is wrong."""

import json

import pytest

from edgan.data import check_folder
from edgan.errors import EdganError, UsageError


@pytest.fixture
def photos(tmp_path, paint):
    for number in range(8):
        paint(tmp_path / f"{number}.png", size=(20, 10) if number == 7 else (12, 10))
    paint(tmp_path / "grey.png", mode="L")
    (tmp_path / "bad.jpg").write_text("words")
    (tmp_path / "twin.png").write_bytes((tmp_path / "0.png").read_bytes())
    return tmp_path


def test_what_is_there_is_counted(photos):
    report = check_folder(photos)
    assert (report.kind, report.count, report.channels) == ("images", 10, 3)
    assert report.sizes == {"12x10": 9, "20x10": 1}
    assert report.modes == {"RGB": 9, "L": 1}
    assert sum(report.splits.values()) == 10


def test_what_is_wrong_is_listed_file_by_file(photos):
    report = check_folder(photos)
    assert report.skipped == [("bad.jpg", "not an image in a format that is read")]
    assert report.duplicates == [["0.png", "twin.png"]]
    assert any("1 image repeats another byte for byte" in sentence for sentence in report.warnings)
    assert any("1 file is left out" in sentence for sentence in report.warnings)


def test_a_report_is_plain_data(photos):
    assert json.loads(json.dumps(check_folder(photos).to_dict()))["count"] == 10


def test_an_attribute_of_one_value_is_warned_about(photos):
    rows = "".join(f"{n}.png,{n % 2},1\n" for n in range(8))
    (photos / "metadata.csv").write_text("file_name,Half,All\n" + rows)
    report = check_folder(photos)
    assert report.attributes == {"Half": 0.5, "All": 1.0}
    assert [s for s in report.warnings if "for every image" in s] == [
        "The attribute 'All' is 1 for every image, so it teaches nothing."
    ]


def test_only_the_attributes_asked_for_are_reported(photos):
    (photos / "metadata.csv").write_text("file_name,A,B\n" + "".join(f"{n}.png,0,1\n" for n in range(8)))
    assert list(check_folder(photos, ["B"]).attributes) == ["B"]
    with pytest.raises(UsageError, match="no attribute 'C'"):
        check_folder(photos, ["C"])


def test_equal_images_in_train_and_test_are_called_a_leak(tmp_path, paint):
    for split in ("train", "test"):
        for number in range(4):
            paint(tmp_path / split / f"{number}.png", value=number)
    assert any("Copies are in different splits (4 groups)" in s for s in check_folder(tmp_path).warnings)


def test_a_pair_is_measured_by_its_image(tmp_path, paint):
    for split in ("train", "test"):
        for number in range(3):
            paint(tmp_path / split / f"{number}.png", size=(16, 8))
    report = check_folder(tmp_path)
    assert (report.kind, report.pairs, report.sizes) == ("side-by-side", "halves", {"8x8": 6})


def test_long_strips_are_warned_about(tmp_path, paint):
    paint(tmp_path / "strip.png", size=(50, 10))
    assert any("In 1 image the centred square drops most" in s for s in check_folder(tmp_path).warnings)


def test_nothing_that_decodes_is_an_error(tmp_path):
    (tmp_path / "bad.jpg").write_text("words")
    with pytest.raises(EdganError, match=r"The only image in .*bad\.jpg: not an image"):
        check_folder(tmp_path)
