"""Attributes from metadata.csv and metadata.jsonl, and the sentences for what can be wrong in them."""

import json

import numpy as np
import pytest

from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError


@pytest.fixture
def photos(tmp_path, paint):
    for number in range(4):
        paint(tmp_path / f"{number}.png")
    return tmp_path


def table(folder, header, *rows):
    (folder / "metadata.csv").write_text("\n".join([header, *rows]) + "\n")


def test_columns_of_numbers_become_attributes(photos):
    table(photos, "file_name,Smiling,Age", "0.png,1,0.25", "1.png,-1,0.5", "2.png,1,0", "3.png,-1,1")
    data = open_dataset(photos, size=8)
    assert data.kind == "metadata"
    assert data.attribute_names == ("Smiling", "Age")
    assert data.attributes.dtype == np.float32
    assert data.attributes.tolist() == [[1, 0.25], [0, 0.5], [1, 0], [0, 1]]


def test_attributes_come_in_the_order_asked_for(photos):
    table(photos, "file_name,A,B", *(f"{n}.png,0,1" for n in range(4)))
    data = open_dataset(photos, size=8, attributes=["B", "A"])
    assert data.attribute_names == ("B", "A")
    assert data.attributes[0].tolist() == [1, 0]


def test_jsonl_reads_as_csv_does(photos):
    rows = [{"file_name": f"{n}.png", "Glasses": bool(n % 2), "label": "xy"[n // 2]} for n in range(4)]
    (photos / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    data = open_dataset(photos, size=8)
    assert data.attributes[:, 0].tolist() == [0, 1, 0, 1]
    assert data.label.tolist() == [0, 0, 1, 1]
    assert data.label_names == ("x", "y")


def test_file_names_are_relative_to_the_metadata_file(tmp_path, paint):
    for split in ("train", "test"):
        for number in range(3):
            paint(tmp_path / split / f"{number}.png")
        table(tmp_path / split, "file_name,A", *(f"{n}.png,{int(split == 'test')}" for n in range(3)))
    data = open_dataset(tmp_path, size=8)
    assert data.attributes[data.indices("test"), 0].tolist() == [1, 1, 1]


def test_rows_without_image_and_images_without_row_are_left_out(photos):
    table(photos, "file_name,A", "0.png,1", "1.png,0", "2.png,0", "gone.png,1")
    data = open_dataset(photos, size=8)
    assert data.names == ["0.png", "1.png", "2.png"]
    assert {name for name, _ in data.skipped} == {"gone.png", "3.png"}


def test_attributes_stay_with_their_images_when_one_is_left_out(photos):
    (photos / "1.png").write_text("words")
    table(photos, "file_name,A", "0.png,0", "1.png,0.1", "2.png,0.2", "3.png,0.3")
    data = open_dataset(photos, size=8)
    assert data.names == ["0.png", "2.png", "3.png"]
    assert np.allclose(data.attributes[:, 0], [0, 0.2, 0.3])


def test_a_missing_file_name_column_is_named_with_what_is_there(photos):
    table(photos, "image,A", "0.png,1")
    with pytest.raises(EdganError, match=r"no column 'file_name'.*image, A"):
        open_dataset(photos, size=8)


def test_a_cell_that_is_no_number_is_named_by_file_line_column_and_value(photos):
    table(photos, "file_name,A", "0.png,1", "1.png,yes!", "2.png,0", "3.png,1")
    with pytest.raises(EdganError, match=r"metadata\.csv, line 3, column 'A': 'yes!' is not a number"):
        open_dataset(photos, size=8)


def test_text_and_other_ranges_are_no_attributes_until_asked_for(photos):
    table(photos, "file_name,text,years,A", *(f"{n}.png,a face,{20 + n},1" for n in range(4)))
    assert open_dataset(photos, size=8).attribute_names == ("A",)
    with pytest.raises(EdganError, match="column 'years': 20 is not from 0 to 1"):
        open_dataset(photos, size=8, attributes=["years"])
    with pytest.raises(EdganError, match="column 'text': 'a face' is not a number"):
        open_dataset(photos, size=8, attributes=["text"])


def test_a_misspelt_attribute_is_met_with_the_near_one(photos):
    table(photos, "file_name,Smiling", *(f"{n}.png,1" for n in range(4)))
    with pytest.raises(UsageError, match="Did you mean 'Smiling'"):
        open_dataset(photos, size=8, attributes=["Smilling"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column 'file_name'"),
        ("file_name,A\n0.png,1\n0.png,0\n", "already has a row"),
        ("file_name,A\n0.png,1,2\n", "line 2: more cells"),
        ("file_name,A\n,1\n", "line 2: there is no 'file_name'"),
    ],
)
def test_a_damaged_table_is_refused_by_line(photos, text, sentence):
    (photos / "metadata.csv").write_text(text)
    with pytest.raises(EdganError, match=sentence):
        open_dataset(photos, size=8)


@pytest.mark.parametrize(("line", "sentence"), [("{oops", "not JSON"), ("[1]", "expected an object")])
def test_a_damaged_jsonl_line_is_refused_by_number(photos, line, sentence):
    (photos / "metadata.jsonl").write_text('{"file_name": "0.png"}\n' + line)
    with pytest.raises(EdganError, match=f"line 2: {sentence}"):
        open_dataset(photos, size=8)


def test_metadata_that_is_not_utf8_says_so(photos):
    (photos / "metadata.csv").write_bytes(b"file_name,A\n\xff\xfe,1\n")
    with pytest.raises(EdganError, match="not UTF-8"):
        open_dataset(photos, size=8)


def test_metadata_that_names_none_of_the_images_leaves_nothing(photos):
    table(photos, "file_name,A", "x.png,1")
    with pytest.raises(EdganError, match=r"Nothing in .* can be used.*x\.png: named in metadata\.csv, line 2"):
        open_dataset(photos, size=8)
