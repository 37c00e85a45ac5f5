"""Attributes from metadata.csv and metadata.jsonl, and the sentences for what can be wrong in them."""

import json
import re

import numpy as np
import pytest
from annotation_checks import noted_and_refused_if_asked_for

from edgan.data import check_folder, open_dataset
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
    noted_and_refused_if_asked_for(photos, "metadata", r"no column 'file_name'.*image, A")


def test_a_cell_that_is_no_number_is_named_by_file_line_column_and_value(photos):
    table(photos, "file_name,A", "0.png,1", "1.png,yes!", "2.png,0", "3.png,1")
    sentence = r"metadata\.csv, line 3, column 'A': 'yes!' is not a number"
    with pytest.raises(EdganError, match=sentence):
        open_dataset(photos, size=8, attributes=["A"])
    assert any(re.search(sentence, note) for note in open_dataset(photos, size=8).notes)


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
        ("file_name,A\n0.png,1\n0.png,0\n", "already has another row"),
        ("file_name,A\n0.png,1,2\n", "line 2: more cells"),
        ("file_name,A\n,1\n", "line 2: there is no 'file_name'"),
    ],
)
def test_a_damaged_table_is_refused_by_line(photos, text, sentence):
    (photos / "metadata.csv").write_text(text)
    noted_and_refused_if_asked_for(photos, "metadata", sentence)


@pytest.mark.parametrize(("line", "sentence"), [("{oops", "not JSON"), ("[1]", "expected an object")])
def test_a_damaged_jsonl_line_is_refused_by_number(photos, line, sentence):
    (photos / "metadata.jsonl").write_text('{"file_name": "0.png"}\n' + line)
    noted_and_refused_if_asked_for(photos, "metadata", f"line 2: {sentence}")


def test_metadata_that_is_not_utf8_says_so(photos):
    (photos / "metadata.csv").write_bytes(b"file_name,A\n\xff\xfe,1\n")
    noted_and_refused_if_asked_for(photos, "metadata", "not UTF-8")


def test_metadata_that_names_none_of_the_images_is_not_used(photos):
    table(photos, "file_name,A", "x.png,1")
    sentence = r"metadata\.csv names none of the images: x\.png there, 0\.png, 1\.png, 2\.png in the folder"
    assert len(noted_and_refused_if_asked_for(photos, "metadata", sentence)) == 4


def attributes_of(folder) -> dict[str, list[float]]:
    data = open_dataset(folder, size=8)
    values = np.zeros((len(data), 0)) if data.attributes is None else data.attributes
    return dict(zip(data.attribute_names, values.T.tolist(), strict=True))


@pytest.mark.parametrize(
    "lines",
    [
        ("file_name , A ", *(f" {n}.png , {n % 2} " for n in range(4))),
        ("file_name;A", *(f"{n}.png;{n % 2},0" for n in range(4))),
        ("file_name\tA", *(f"{n}.png\t{n % 2}" for n in range(4))),
        (",file_name,A", *(f"{n},{n}.png,{n % 2}" for n in range(4))),
        ("Unnamed: 0,file_name,A", *(f"{n},{n}.png,{n % 2}" for n in range(4))),
        ("file_name,A", *(f"./{n}.png,{n % 2}" for n in (0, 1, 2, 3, 3))),
        ("file_name,A,,", *(f"{n}.png,{n % 2},," for n in range(4))),
    ],
)
def test_tables_are_read_as_people_write_them(photos, lines):
    table(photos, *lines)
    assert attributes_of(photos) == {"A": [0, 1, 0, 1]}


def test_images_are_found_by_name_in_folders_and_by_absolute_path(tmp_path, paint):
    for number in range(4):
        paint(tmp_path / "images" / f"{number}.png")
    names = ["0.png", "images/1.png", str(tmp_path.resolve() / "images" / "2.png"), f"file://{tmp_path}/images/3.png"]
    table(tmp_path, "file_name,A", *(f"{name},{place % 2}" for place, name in enumerate(names)))
    assert attributes_of(tmp_path) == {"A": [0, 1, 0, 1]}


def test_a_column_that_comes_twice_is_not_used(photos):
    table(photos, "file_name,A,A,B", *(f"{n}.png,1,0,{n % 2}" for n in range(4)))
    assert list(attributes_of(photos)) == ["B"]
    with pytest.raises(EdganError, match="has the column 'A' more than once"):
        open_dataset(photos, size=8, attributes=["A"])


def test_a_column_of_minus_one_zero_and_one_says_what_to_do(photos):
    table(photos, "file_name,A", *(f"{n}.png,{n % 3 - 1}" for n in range(4)))
    with pytest.raises(EdganError, match=r"where 0 means unknown, write -1 or 1"):
        open_dataset(photos, size=8, attributes=["A"])


@pytest.mark.parametrize(
    ("cells", "names", "labels"),
    [
        (("cat", "dog", "", "dog"), ("cat", "dog"), [0, 1, 1]),
        (("10.0", "9.0", "9", "10"), ("9", "10"), [1, 0, 0, 1]),
        (("\u00b2", "1", "1", "\u00b2"), ("1", "\u00b2"), [1, 0, 0, 1]),
        (("-1", "0", "1", "1"), ("-1", "0", "1"), [0, 1, 2, 2]),
    ],
)
def test_labels_are_the_names_of_classes(photos, cells, names, labels):
    table(photos, "file_name,label", *(f"{n}.png,{cell}" for n, cell in enumerate(cells)))
    data = open_dataset(photos, size=8)
    assert data.label_names == names
    assert data.label.tolist() == labels


def test_measurements_are_no_classes(photos):
    table(photos, "file_name,label", *(f"{n}.png,{n / 7:.3f}" for n in range(4)))
    assert open_dataset(photos, size=8).label is None
    assert any("is not the name of a class" in warning for warning in check_folder(photos).warnings)


def test_line_separators_inside_json_strings_end_no_line(photos):
    rows = [{"file_name": f"{n}.png", "A": n % 2, "text": "a\u2028b\u0085c"} for n in range(4)]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (photos / "metadata.jsonl").write_text(text, encoding="utf-8")
    assert attributes_of(photos) == {"A": [0, 1, 0, 1]}


@pytest.mark.parametrize("cell", ["1" * 400, "[" * 100_000 + "]" * 100_000, '"\\ud800\\u001b[31m"', "NaN", '{"a": 1}'])
def test_odd_json_values_are_no_attributes_and_no_defect(photos, cell):
    (photos / "metadata.jsonl").write_text("".join(f'{{"file_name": "{n}.png", "A": {cell}}}\n' for n in range(4)))
    assert open_dataset(photos, size=8).attributes is None


def test_of_two_tables_for_the_same_images_one_is_read(photos):
    table(photos, "file_name,A", *(f"{n}.png,{n % 2}" for n in range(4)))
    (photos / "metadata.jsonl").write_text("".join(f'{{"file_name": "{n}.png", "A": {n % 2}}}\n' for n in range(4)))
    assert attributes_of(photos) == {"A": [0, 1, 0, 1]}
    assert any("metadata.jsonl is not read" in note for note in open_dataset(photos, size=8).notes)


def test_many_missing_images_are_one_line(photos):
    table(photos, "file_name,A", *(f"{n}.png,{n % 2}" for n in range(3000)))
    skipped = open_dataset(photos, size=8).skipped
    assert len(skipped) == 1
    assert skipped[0][0].startswith("2,996 files (4.png, 5.png, 6.png, ...)")


def test_a_table_of_another_name_is_named(photos):
    (photos / "labels.csv").write_text("image_id,A\n0.png,1\n")
    with pytest.raises(EdganError, match=r"labels\.csv in .* is not read. Attributes and labels come from a metadata"):
        open_dataset(photos, size=8, attributes=["A"])
