"""WebDataset shards: samples by key, read by offset, through the cache, and safe to read from anybody."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from feed_checks import assert_steps_see_the_same_samples
from PIL import Image

from edgan.data import check_folder, open_dataset
from edgan.errors import EdganError

Members = list[tuple[str, bytes]]


def png(value: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), value, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def pack(path: Path, members: Members, kind: int = tarfile.PAX_FORMAT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=kind) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def pictures(first: int, count: int) -> Members:
    return [(f"{place:06d}.png", png(place)) for place in range(first, first + count)]


def levels(dataset: object) -> list[int]:
    return dataset.images[:, 0, 0, 0].tolist()  # type: ignore[attr-defined]


def test_shards_are_read_in_their_order_with_labels_and_attributes(tmp_path: Path) -> None:
    for shard in (1, 0):
        members: Members = []
        for name, data in pictures(10 * shard, 4):
            key = name.removesuffix(".png")
            members += [(name, data), (f"{key}.cls", b"%d\n" % (shard * 3))]
            members.append(
                (f"{key}.json", json.dumps({"Smiling": shard, "Age": 0.5, "url": "http://x", "n": [1]}).encode())
            )
        pack(tmp_path / f"{shard:06d}.tar", members)
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "webdataset"
    assert data.names[:2] == ["000000.tar/000000.png", "000000.tar/000001.png"]
    assert levels(data) == [0, 1, 2, 3, 10, 11, 12, 13]
    assert data.label_names == ("0", "3")
    assert data.label is not None
    assert data.label.tolist() == [0] * 4 + [1] * 4
    assert data.attribute_names == ("Smiling", "Age")
    assert data.attributes is not None
    assert data.attributes[:, 0].tolist() == [0.0] * 4 + [1.0] * 4
    assert data.notes == ()
    with pytest.raises(EdganError, match=r"000000\.tar/000000\.png, column 'url': 'http://x' is not a number"):
        open_dataset(tmp_path, size=8, attributes=["url"])


def test_a_single_tar_is_the_set_of_its_folder(tmp_path: Path) -> None:
    pack(tmp_path / "set" / "a.tar", pictures(0, 5))
    alone, folder = open_dataset(tmp_path / "set" / "a.tar", size=8), open_dataset(tmp_path / "set", size=8)
    assert levels(alone) == levels(folder) == [0, 1, 2, 3, 4]
    assert alone.key == folder.key


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_every_format(tmp_path: Path, kind: int) -> None:
    name = "folder/" * 20 + "x.png"
    pack(tmp_path / "a.tar", [(name, png(7)), ("y.png", png(8))], kind)
    assert levels(open_dataset(tmp_path, size=8)) == [7, 8]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Two shards with labels, numbers, texts, and something to report."""
    for shard in (0, 1):
        members: Members = [("x.bin", b"")]
        for name, data in pictures(10 * shard, 4):
            key = name.removesuffix(".png")
            notes = {"cls": b"%d" % shard, "txt": b"a caption %d" % shard, "json": b'{"Smiling": 0.5, "Old": null}'}
            members += [(name, data), *((f"{key}.{suffix}", note) for suffix, note in notes.items())]
        pack(tmp_path / "set" / f"{shard}.tar", members)
    return tmp_path / "set"


def facts(path: Path, **options: object) -> tuple[object, ...]:
    data = open_dataset(path, size=8, **options)  # type: ignore[arg-type]
    assert data.label is not None
    assert data.attributes is not None
    told = data.skipped, data.notes, data.key, data.names
    return (*told, data.label_names, data.label.tolist(), data.attributes.tolist(), levels(data))


def test_the_second_opening_does_not_read_the_shards(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = facts(labelled, cache=tmp_path / "cache")
    monkeypatch.setattr("edgan.data.readers.webdataset.members_of", None)
    monkeypatch.setattr("edgan.data.readers.webdataset.read_span", None)
    assert facts(labelled, cache=tmp_path / "cache") == first


@pytest.mark.parametrize("damage", ["", "garbage", "cut"])
def test_a_damaged_index_is_made_again(labelled: Path, tmp_path: Path, damage: str) -> None:
    first = facts(labelled, cache=tmp_path / "cache")
    (index,) = (tmp_path / "cache" / "index").glob("shards-*.json")
    whole = index.read_text()
    index.write_text({"": "", "garbage": whole.replace("000000", "000009"), "cut": whole[:-9]}[damage])
    assert facts(labelled, cache=tmp_path / "cache") == first
    assert index.read_text() == whole


def test_a_changed_shard_is_read_again(labelled: Path, tmp_path: Path) -> None:
    assert len(open_dataset(labelled, size=8, cache=tmp_path / "cache")) == 8
    pack(labelled / "1.tar", [("a.png", png(30)), ("a.cls", b"1"), ("b.png", png(31)), ("b.cls", b"1")])
    assert levels(open_dataset(labelled, size=8, cache=tmp_path / "cache")) == [0, 1, 2, 3, 30, 31]


def test_the_check_keeps_no_index(labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGAN_CACHE", str(tmp_path / "cache"))
    check_folder(labelled)
    assert not (tmp_path / "cache").exists()


def test_the_same_steps_see_the_same_samples_after_a_resume_and_on_two_processes(tmp_path: Path) -> None:
    for shard in range(3):
        pack(tmp_path / f"{shard}.tar", pictures(20 * shard, 20))
    assert_steps_see_the_same_samples(tmp_path)


def test_splits_come_from_folders_or_from_words_in_the_shards_names(tmp_path: Path) -> None:
    for place, split in enumerate(("train", "val", "test")):
        pack(tmp_path / "folders" / split / "0.tar", pictures(10 * place, 3))
        pack(tmp_path / "words" / f"faces-{split}-000.tar", pictures(10 * place, 3))
    for layout in ("folders", "words"):
        data = open_dataset(tmp_path / layout, size=8)
        assert {
            split: [levels(data)[place] for place in data.indices(split)] for split in ("train", "val", "test")
        } == {
            "train": [0, 1, 2],
            "val": [10, 11, 12],
            "test": [20, 21, 22],
        }


def test_texts_that_recur_are_classes_and_captions_are_not(tmp_path: Path) -> None:
    def texts(*said: str) -> Members:
        return [pair for i, text in enumerate(said) for pair in ((f"{i}.png", png(i)), (f"{i}.txt", text.encode()))]

    pack(tmp_path / "classes" / "a.tar", texts("cat", "dog", "cat", "dog"))
    pack(tmp_path / "captions" / "a.tar", texts("a cat", "two dogs", "a bird", "a bird"))
    assert open_dataset(tmp_path / "classes", size=8).label_names == ("cat", "dog")
    data = open_dataset(tmp_path / "captions", size=8)
    assert data.label is None
    assert any("captions" in note for note in data.notes)


def test_an_image_without_a_label_and_broken_annotations_are_reported(tmp_path: Path) -> None:
    members: Members = [pair for i in range(3) for pair in ((f"{i}.png", png(i)), (f"{i}.cls", b"1"))]
    pack(tmp_path / "a.tar", [*members, ("3.png", png(3)), ("4.png", png(4)), ("4.cls", b"1"), ("4.json", b"{")])
    data = open_dataset(tmp_path, size=8)
    assert levels(data) == [0, 1, 2, 4]
    assert ("a.tar/3.png", "it has no label") in data.skipped
    assert any("1 annotation cannot be read, such as a.tar/4.json" in note for note in data.notes)


def test_hostile_members_lead_nowhere_and_are_no_files_of_the_set(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(99))
    path = pack(tmp_path / "set" / "a.tar", [("../../up.png", png(1)), ("/root/x.png", png(2)), ("._x.png", png(3))])
    with tarfile.open(path, "a") as tar:
        for name, kind in (("l.png", tarfile.SYMTYPE), ("h.png", tarfile.LNKTYPE), ("p.png", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, str(secret)
            tar.addfile(info)
    data = open_dataset(tmp_path / "set", size=8)
    assert data.names == ["a.tar/up.png", "a.tar/root/x.png"]
    assert dict(data.skipped) == {
        "a.tar/l.png": "it is a symbolic link",
        "a.tar/h.png": "it is a link to another file",
        "a.tar/p.png": "it is a named pipe",
    }


@pytest.mark.parametrize("damage", ["cut in a member", "cut between members", "broken header"])
def test_of_a_damaged_shard_what_is_whole_is_used_and_the_others_entirely(tmp_path: Path, damage: str) -> None:
    pack(tmp_path / "b.tar", pictures(10, 3))
    path = pack(tmp_path / "a.tar", pictures(0, 3), tarfile.USTAR_FORMAT)
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    whole = path.read_bytes()
    if damage == "broken header":
        path.write_bytes(whole[: last.offset] + b"x" * 512 + whole[last.offset + 512 :])
    else:
        path.write_bytes(whole[: last.offset + (520 if damage == "cut in a member" else 0)])
    data = open_dataset(tmp_path, size=8)
    assert levels(data) == [0, 1, 10, 11, 12]
    assert any(("a.tar" in name and "ends before" in why) or "cut short" in why for name, why in data.skipped)


def test_a_header_that_leads_back_does_not_loop(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.png")
    info.size = -1024
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048)
    with pytest.raises(EdganError, match=r"Nothing in .* can be used as 'webdataset'.*leads back"):
        open_dataset(tmp_path, size=8)


def test_of_equal_names_the_last_counts_and_a_second_image_of_a_key_is_left_out(tmp_path: Path) -> None:
    pack(
        tmp_path / "a.tar", [("a.png", png(1)), ("b.png", png(2)), ("b.jpg", png(3)), ("c.bin", b""), ("a.png", png(4))]
    )
    data = open_dataset(tmp_path, size=8)
    assert dict(zip(data.names, levels(data), strict=True)) == {"a.tar/b.png": 2, "a.tar/a.png": 4}
    assert {name for name, _ in data.skipped} == {"a.tar/a.png", "a.tar/b.jpg", "a.tar/c.bin"}


def test_images_beside_a_tar_are_the_set_and_the_tar_is_mentioned(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", pictures(0, 3))
    (tmp_path / "x.png").write_bytes(png(50))
    data = open_dataset(tmp_path, size=8)
    assert data.kind == "images"
    assert any("a.tar" in note and "is not opened" in note for note in data.notes)
    assert len(open_dataset(tmp_path, size=8, layout="webdataset")) == 3


def test_the_check_reports_on_shards(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", [*pictures(0, 3), ("9.png", b"no picture")])
    report = check_folder(tmp_path)
    assert (report.kind, report.count) == ("webdataset", 3)
    assert [name for name, _ in report.skipped] == ["a.tar/9.png"]
