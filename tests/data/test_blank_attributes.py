"""Blank cells of attribute tables: an image whose value is not known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgan.data import check_folder, open_dataset
from edgan.errors import EdganError


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.new("RGB", (16, 16), (index * 9, 40, 90)).save(folder / f"{index}.png")
    return folder


@pytest.mark.parametrize("blank", ["", "nan", "NaN"])
def test_a_blank_cell_of_a_table_is_nan_and_the_others_stay(blank: str, tmp_path: Path) -> None:
    pictures(tmp_path, 5)
    rows = [f"{i}.png,{value},1" for i, value in enumerate(["1", blank, "0", blank, blank])]
    (tmp_path / "metadata.csv").write_text("\n".join(["file_name,Smiling,Male", *rows]))
    dataset = open_dataset(tmp_path, size=16)
    assert dataset.attribute_names == ("Smiling", "Male")
    assert dataset.attributes is not None
    assert np.isnan(dataset.attributes[:, 0]).tolist() == [False, True, False, True, True]
    assert dataset.attributes[[0, 2], 0].tolist() == [1.0, 0.0]
    assert dataset.attributes[:, 1].tolist() == [1.0] * 5
    assert dataset.partly_labelled


def test_a_missing_key_and_null_of_jsonl_are_blank_and_minus_one_is_still_none(tmp_path: Path) -> None:
    pictures(tmp_path, 4)
    lines = ['{"file_name": "0.png", "A": -1}', '{"file_name": "1.png"}', '{"file_name": "2.png", "A": null}']
    (tmp_path / "metadata.jsonl").write_text("\n".join([*lines, '{"file_name": "3.png", "A": 1}']))
    dataset = open_dataset(tmp_path, size=16)
    assert dataset.attributes is not None
    np.testing.assert_array_equal(dataset.attributes[:, 0], [0.0, np.nan, np.nan, 1.0])


def test_a_column_without_a_value_is_no_attribute(tmp_path: Path) -> None:
    pictures(tmp_path, 3)
    (tmp_path / "metadata.csv").write_text("file_name,A,B\n0.png,,1\n1.png,,0\n2.png,,1\n")
    assert open_dataset(tmp_path, size=16).attribute_names == ("B",)
    with pytest.raises(EdganError, match="column 'A': every cell is blank"):
        open_dataset(tmp_path, size=16, attributes=["A"])


@pytest.mark.parametrize("suffix", ["csv", "txt"])
def test_celebas_lists_may_have_blanks(suffix: str, tmp_path: Path) -> None:
    pictures(tmp_path / "img_align_celeba", 3)
    for path in (tmp_path / "img_align_celeba").iterdir():
        path.rename(path.with_suffix(".jpg"))
    if suffix == "csv":
        text = "image_id,Smiling,Male\n0.jpg,1,\n1.jpg,,-1\n2.jpg,-1,1\n"
    else:
        text = "3\nSmiling Male\n0.jpg 1 nan\n1.jpg nan -1\n2.jpg -1 1\n"
    (tmp_path / f"list_attr_celeba.{suffix}").write_text(text)
    dataset = open_dataset(tmp_path, size=16)
    assert dataset.attributes is not None
    np.testing.assert_array_equal(dataset.attributes, [[1, np.nan], [np.nan, 0], [0, 1]])


def test_the_key_tells_blank_from_none(tmp_path: Path) -> None:
    keys = set()
    for cell in ("0", ""):
        folder = pictures(tmp_path / f"set{cell}", 3)
        (folder / "metadata.csv").write_text(f"file_name,A\n0.png,1\n1.png,{cell}\n2.png,1\n")
        keys.add(open_dataset(folder, size=16).key)
    assert len(keys) == 2


def test_a_check_counts_the_blanks_and_takes_the_mean_of_the_rest(tmp_path: Path) -> None:
    pictures(tmp_path, 4)
    (tmp_path / "metadata.csv").write_text("file_name,A\n0.png,1\n1.png,0\n2.png,\n3.png,\n")
    report = check_folder(tmp_path)
    assert report.attributes == {"A": 0.5}
    said = "'A' is blank for 2 images of 4 (the first in metadata.csv, line 4); only cdnet learns"
    assert any(said in warning for warning in report.warnings)
