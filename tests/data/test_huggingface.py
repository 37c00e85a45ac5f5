"""Hugging Face datasets: tables that the package datasets wrote, and tables that are damaged or of other makers."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from feed_checks import assert_steps_see_the_same_samples
from PIL import Image

from edgan.data import check_folder, open_dataset
from edgan.data.readers.huggingface import read
from edgan.data.tree import Tree
from edgan.errors import EdganError

datasets = pytest.importorskip("datasets", reason="needs the package datasets, which writes the sets of these tests")
pa = pytest.importorskip("pyarrow", reason="needs the package pyarrow (pip install 'edgan[datasets]')")
parquet = pytest.importorskip("pyarrow.parquet", reason="needs the package pyarrow (pip install 'edgan[datasets]')")

FEATURES = datasets.Features(
    {
        "image": datasets.Image(),
        "label": datasets.ClassLabel(names=["zebra", "ant"]),
        "Smiling": datasets.Value("bool"),
        "Age": datasets.Value("float32"),
        "caption": datasets.Value("string"),
        "mask": datasets.Image(),
    }
)


@pytest.fixture(autouse=True)
def _no_progress_bars() -> None:
    datasets.disable_progress_bars()


def picture(value: int) -> Image.Image:
    return Image.fromarray(np.full((8, 8, 3), value, dtype=np.uint8))


def png(value: int) -> bytes:
    stream = io.BytesIO()
    picture(value).save(stream, "PNG")
    return stream.getvalue()


def rows(first: int, count: int) -> Any:
    """A data set whose images are grey levels from `first` on."""
    values = range(first, first + count)
    cells = {
        "image": [picture(value) for value in values],
        "label": [value % 2 for value in values],
        "Smiling": [value % 3 == 0 for value in values],
        "Age": [value / 255 for value in values],
        "caption": [f"picture {value}" for value in values],
        "mask": [picture(0) for _ in values],
    }
    return datasets.Dataset.from_dict(cells, features=FEATURES)


def levels(dataset: Any) -> list[int]:
    return dataset.images[:, 0, 0, 0].tolist()


def write_table(path: Path, columns: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_images_labels_and_attributes_are_those_that_were_written(tmp_path: Path, kind: str) -> None:
    if kind == "arrow":
        rows(0, 7).save_to_disk(tmp_path / "set", num_shards=2)
    else:
        for shard, (first, count) in enumerate(((0, 4), (4, 3))):
            rows(first, count).to_parquet(tmp_path / "set" / f"data-{shard:05d}.parquet")
    data = open_dataset(tmp_path / "set", size=8)
    assert (data.kind, levels(data)) == ("huggingface", list(range(7)))
    assert data.names[4].endswith(f".{kind}/0")
    assert data.label_names == ("zebra", "ant")
    assert data.label is not None
    assert data.label.tolist() == [value % 2 for value in range(7)]
    assert data.attribute_names == ("Smiling", "Age")
    assert data.attributes is not None
    assert data.attributes[:, 0].tolist() == [float(value % 3 == 0) for value in range(7)]
    assert data.attributes[:, 1] == pytest.approx(np.arange(7) / 255)
    assert (data.notes, data.skipped) == ((), [])
    with pytest.raises(EdganError, match="the column 'mask' holds images"):
        open_dataset(tmp_path / "set", size=8, attributes=["mask"])


def test_a_single_table_is_the_set_of_its_folder(tmp_path: Path) -> None:
    rows(3, 4).to_parquet(tmp_path / "set" / "a.parquet")
    alone, folder = (open_dataset(path, size=8) for path in (tmp_path / "set" / "a.parquet", tmp_path / "set"))
    assert levels(alone) == levels(folder) == [3, 4, 5, 6]
    assert alone.key == folder.key


@pytest.mark.parametrize("layout", ["saved", "words", "folders"])
def test_splits_are_those_of_the_set(tmp_path: Path, layout: str) -> None:
    parts = {"train": rows(0, 3), "validation": rows(10, 3), "test": rows(20, 3)}
    if layout == "saved":
        datasets.DatasetDict(parts).save_to_disk(tmp_path)
    for split, part in parts.items() if layout != "saved" else ():
        name = {"words": f"data/{split}-00000-of-00001.parquet", "folders": f"default/{split}/0000.parquet"}[layout]
        part.to_parquet(tmp_path / name)
    data = open_dataset(tmp_path, size=8)
    held = {split: [levels(data)[place] for place in data.indices(split)] for split in ("train", "val", "test")}
    assert held == {"train": [0, 1, 2], "val": [10, 11, 12], "test": [20, 21, 22]}


def test_the_same_steps_see_the_same_samples_after_a_resume_and_on_two_processes(tmp_path: Path) -> None:
    rows(0, 60).save_to_disk(tmp_path / "set", num_shards=3)
    assert_steps_see_the_same_samples(tmp_path / "set")


def test_intermediate_results_of_the_package_beside_the_set_are_not_read(tmp_path: Path) -> None:
    rows(0, 3).save_to_disk(tmp_path)
    (tmp_path / "cache-0123456789abcdef.arrow").write_bytes((tmp_path / "data-00000-of-00001.arrow").read_bytes())
    assert levels(open_dataset(tmp_path, size=8)) == [0, 1, 2]


def test_rows_in_any_order_are_the_rows_asked_for(tmp_path: Path) -> None:
    count = 200
    write_table(tmp_path / "a.parquet", {"img": [png(value) for value in range(count)]})
    listing = read(Tree(tmp_path))
    order = np.random.default_rng(0).permutation(count)
    assert [listing.read(int(place))[0] for place in order] == [png(int(place)) for place in order]


@pytest.mark.parametrize("kind", ["text", "number"])
def test_a_label_without_named_classes_is_read_as_in_a_metadata_table(tmp_path: Path, kind: str) -> None:
    said = {"text": ["b", "a", "b"], "number": [10, 9, 10]}[kind]
    write_table(tmp_path / "a.parquet", {"image": [png(0), png(1), png(2)], "label": said})
    data = open_dataset(tmp_path, size=8)
    assert data.label_names == tuple(map(str, sorted(set(said))))
    assert data.label is not None
    assert data.label.tolist() == [1, 0, 1]


def test_a_row_without_label_or_image_is_left_out_and_named(tmp_path: Path) -> None:
    features = datasets.Features({"image": datasets.Image(), "fine": datasets.ClassLabel(names=["a", "b"])})
    cells = {"image": [picture(0), picture(1), None, picture(3)], "fine": [1, -1, 0, 0]}
    datasets.Dataset.from_dict(cells, features=features).to_parquet(tmp_path / "a.parquet")
    data = open_dataset(tmp_path, size=8)
    assert levels(data) == [0, 3]
    assert data.label is not None
    assert data.label.tolist() == [1, 0]
    left_out = dict(data.skipped)
    assert left_out["a.parquet/1"] == "it has no label"
    assert "holds no image" in left_out["a.parquet/2"]


def test_a_path_in_place_of_an_image_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(99))
    cells = [{"bytes": png(1), "path": "a.png"}, {"bytes": None, "path": str(secret)}]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    write_table(tmp_path / "set" / "a.parquet", {"image": pa.array(cells, kind)})
    data = open_dataset(tmp_path / "set", size=8)
    assert levels(data) == [1]
    assert "not followed" in dict(data.skipped)["a.parquet/1"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": ["a"], "n": [1]}, r"no column of encoded images, only these columns: text, n"),
        ({"photo": [b"x"], "map": [b"y"]}, r"several columns of images \(photo, map\); name the one to use 'image'"),
    ],
)
def test_a_table_without_a_column_of_images_is_told_with_its_columns(
    tmp_path: Path, columns: dict[str, Any], said: str
) -> None:
    write_table(tmp_path / "a.parquet", columns)
    with pytest.raises(EdganError, match=rf"Nothing in .* can be used as 'huggingface': a\.parquet: it has {said}"):
        open_dataset(tmp_path, size=8)


def test_without_the_package_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(0, 3).to_parquet(tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(EdganError, match=r"pyarrow, .*, is not installed: pip install 'edgan\[datasets\]'"):
        open_dataset(tmp_path, size=8)


@pytest.mark.parametrize("kind", ["arrow", "parquet"])
@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_of_a_damaged_table_nothing_wrong_is_used_and_the_others_entirely(
    tmp_path: Path, kind: str, damage: str
) -> None:
    for name, first in (("a", 0), ("b", 10)):
        if kind == "parquet":
            rows(first, 3).to_parquet(tmp_path / f"{name}.parquet")
        else:
            rows(first, 3).save_to_disk(tmp_path / "saved" / name)
            (tmp_path / "saved" / name / "data-00000-of-00001.arrow").rename(tmp_path / f"{name}.arrow")
    for leftover in (tmp_path / "saved").rglob("*.json"):
        leftover.unlink()
    path = tmp_path / f"a.{kind}"
    whole = path.read_bytes()
    changed = {"cut": whole[: len(whole) // 2], "garbage": whole[:8] + b"\xff" * (len(whole) - 8), "empty": b""}
    path.write_bytes(changed[damage])
    data = open_dataset(tmp_path, size=8)
    assert levels(data) == [10, 11, 12]
    assert f"a.{kind}" in dict(data.skipped)


def test_bytes_changed_at_random_end_in_a_message_or_in_images(tmp_path: Path) -> None:
    """Never in a crash: offsets of a hostile table could lead anywhere."""
    rows(0, 4).save_to_disk(tmp_path / "set")
    path = tmp_path / "set" / "data-00000-of-00001.arrow"
    whole, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        places = random.integers(0, len(whole), 2)
        damaged[places] = random.integers(0, 256, 2)
        path.write_bytes(damaged.tobytes())
        try:
            assert len(open_dataset(tmp_path / "set", size=8, cache=tmp_path / "cache")) <= 4
        except EdganError:
            refused += 1
    assert 0 < refused < 60


def test_the_check_reports_on_tables_and_on_what_is_in_no_use(tmp_path: Path) -> None:
    datasets.DatasetDict({"train": rows(0, 4), "test": rows(10, 2)}).save_to_disk(tmp_path)
    report = check_folder(tmp_path)
    assert (report.kind, report.count, report.splits["test"]) == ("huggingface", 6, 2)
    assert report.labels == {"zebra": 3, "ant": 3}
    assert any("the column 'caption' holds text" in warning for warning in report.warnings)
    assert not any("dataset_info.json" in warning or "Other files" in warning for warning in report.warnings)


def test_images_beside_a_table_are_the_set_and_the_table_is_mentioned(tmp_path: Path) -> None:
    rows(0, 3).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "x.png").write_bytes(png(50))
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "images"
    assert any("a.parquet" in note and "is not opened" in note for note in data.notes)
    assert len(open_dataset(tmp_path, size=8, layout="huggingface")) == 3


def test_a_state_of_something_else_hides_no_table(tmp_path: Path) -> None:
    rows(0, 3).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "state.json").write_text(json.dumps({"step": 7}))
    assert levels(open_dataset(tmp_path, size=8)) == [0, 1, 2]
