"""The cache: written once, read again, rewritten when damaged, never required."""

import json
import os
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from edgan.data import build, cache, entry, open_dataset
from edgan.data.tree import Tree
from edgan.errors import EdganError


@pytest.fixture
def photos(tmp_path, paint):
    for number in range(5):
        paint(tmp_path / "photos" / f"{number}.png")
    return tmp_path / "photos"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def decodings(monkeypatch):
    """How often pixels were decoded from files."""
    calls = []
    original = build.build
    monkeypatch.setattr(cache, "build", lambda *args: calls.append(1) or original(*args))
    return calls


def entry_of(folder):
    (entry,) = (path for path in folder.iterdir() if path.name != "index")
    return entry


def test_a_second_opening_decodes_nothing(photos, folder, decodings):
    first = open_dataset(photos, size=8, cache=folder)
    second = open_dataset(photos, size=8, cache=folder)
    assert len(decodings) == 1
    assert np.array_equal(first.images, second.images)
    assert isinstance(second.images, np.memmap)


def test_another_size_is_another_entry(photos, folder, decodings):
    assert open_dataset(photos, size=8, cache=folder).key != open_dataset(photos, size=9, cache=folder).key
    assert len(decodings) == 2


def test_a_changed_file_is_decoded_again_and_changes_the_key(photos, folder, paint):
    before = open_dataset(photos, size=8, cache=folder)
    paint(photos / "0.png", value=9)
    after = open_dataset(photos, size=8, cache=folder)
    assert (after.images[0] == 9).all()
    assert after.key != before.key


def test_the_key_survives_a_copy_and_new_times(photos, folder, tmp_path):
    shutil.copytree(photos, tmp_path / "copy")
    os.utime(tmp_path / "copy" / "0.png", (1, 1))
    before = open_dataset(photos, size=8, cache=folder)
    after = open_dataset(tmp_path / "copy", size=8, cache=folder)
    assert after.key == before.key


def test_the_key_knows_the_attributes(photos, folder):
    def key(value):
        rows = "".join(f"{n}.png,{value}\n" for n in range(5))
        (photos / "metadata.csv").write_text("file_name,A\n" + rows)
        return open_dataset(photos, size=8, cache=folder).key

    assert key(0) != key(1)


def test_what_was_left_out_is_remembered(photos, folder):
    (photos / "bad.png").write_text("words")
    first = open_dataset(photos, size=8, cache=folder)
    assert open_dataset(photos, size=8, cache=folder).skipped == first.skipped != []


def flip(path):
    data = bytearray(path.read_bytes())
    data[-10] ^= 255
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: flip(entry / "image.npy"),
        lambda entry: os.truncate(entry / "image.npy", 300),
        lambda entry: os.truncate(entry / "image.npy", 0),
        lambda entry: (entry / "image.npy").unlink(),
        lambda entry: (entry / "entry.json").write_text("{"),
        lambda entry: (entry / "entry.json").write_text("[]"),
        lambda entry: shutil.rmtree(entry),
    ],
    ids=["flipped", "cut", "emptied", "no pixels", "half a json", "another json", "gone"],
)
def test_a_damaged_entry_is_rewritten(photos, folder, decodings, damage):
    good = np.array(open_dataset(photos, size=8, cache=folder).images)
    damage(entry_of(folder))
    assert np.array_equal(open_dataset(photos, size=8, cache=folder).images, good)
    assert np.array_equal(open_dataset(photos, size=8, cache=folder).images, good)
    assert len(decodings) == 2


def test_a_stopped_decoding_leaves_nothing_behind(photos, folder):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_dataset(photos, size=8, cache=folder, progress=stop)
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_is_swept_up_after_a_day(photos, folder):
    for name, age in ((".part-old", 90_000), (".part-busy", 60)):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - age,) * 2)
    open_dataset(photos, size=8, cache=folder)
    assert [path.name for path in folder.glob(".part-*")] == [".part-busy"]


def test_progress_ends_at_the_number_of_images(photos, folder):
    seen = []
    open_dataset(photos, size=8, cache=folder, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5, 5)


def test_without_a_writable_cache_a_temporary_folder_is_used_with_a_warning(photos, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match=r"cache cannot be written .*file.*Set EDGAN_CACHE"):
        data = open_dataset(photos, size=8, cache=tmp_path / "file")
    assert data.batch([0]).image.shape == (1, 3, 8, 8)


def test_a_full_disk_is_reported_with_what_is_needed(photos, folder, monkeypatch):
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0))
    with (
        pytest.warns(UserWarning, match="MiB are free"),
        pytest.raises(EdganError, match="decoded images cannot be stored"),
    ):
        open_dataset(photos, size=8, cache=folder)


def test_when_the_disk_fills_up_a_temporary_folder_is_used(photos, folder, monkeypatch):
    original, calls = build._RowFile.write, []

    def write(self, row):
        calls.append(row)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        original(self, row)

    monkeypatch.setattr(build._RowFile, "write", write)
    with pytest.warns(UserWarning, match="No space left on device"):
        data = open_dataset(photos, size=8, cache=folder)
    assert len(data) == 5
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("row", range(0, 40, 3))
def test_a_damaged_row_of_a_large_cache_is_found_wherever_it_is(tmp_path, paint, folder, decodings, row, monkeypatch):
    monkeypatch.setattr(entry, "BLOCK_BYTES", 500)  # many blocks in little memory
    for number in range(40):
        paint(tmp_path / "photos" / f"{number:02d}.png")
    good = np.array(open_dataset(tmp_path / "photos", size=8, cache=folder).images)
    path = entry_of(folder) / "image.npy"
    data = bytearray(path.read_bytes())
    data[len(data) - good[0].nbytes * (row + 1)] ^= 1
    path.write_bytes(bytes(data))
    assert np.array_equal(open_dataset(tmp_path / "photos", size=8, cache=folder).images, good)
    assert len(decodings) == 2


@pytest.mark.parametrize("change", [[], [[0, "words"]], [[4, "words"]]])
def test_the_list_of_what_was_left_out_stands_under_a_checksum(photos, folder, decodings, change):
    (photos / "2.png").write_text("words")
    good = open_dataset(photos, size=8, cache=folder).names
    path = entry_of(folder) / "entry.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "left_out": change}))
    assert open_dataset(photos, size=8, cache=folder).names == good
    assert len(decodings) == 2


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), MemoryError(), OSError(5, "I/O error")])
def test_a_failure_that_passes_is_not_kept(photos, folder, decodings, monkeypatch, error):
    original = Tree.read

    def refuse(self, name):
        if name == "3.png":
            raise error
        return original(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(Tree, "read", refuse)
        for _ in range(2):
            assert [name for name, _ in open_dataset(photos, size=8, cache=folder).skipped] == ["3.png"]
        assert len(decodings) == 1
    data = open_dataset(photos, size=8, cache=folder)
    assert len(data) == 5
    assert data.key == open_dataset(photos, size=8, cache=folder.with_name("other")).key


def test_a_lack_of_memory_while_decoding_is_not_kept(photos, folder, monkeypatch):
    def exhausted(self):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("PIL.ImageFile.ImageFile.load", exhausted)
        with pytest.raises(EdganError, match="not enough memory"):
            open_dataset(photos, size=8, cache=folder)
    assert len(open_dataset(photos, size=8, cache=folder)) == 5


def test_other_pixels_with_the_same_size_and_time_are_noticed(tmp_path, folder):
    def write(value):
        Image.new("RGB", (8, 8), (value,) * 3).save(tmp_path / "set" / "a.bmp")
        os.utime(tmp_path / "set" / "a.bmp", (1_700_000_000,) * 2)
        return open_dataset(tmp_path / "set", size=8, cache=folder).images[0, 0, 0, 0]

    (tmp_path / "set").mkdir()
    assert [write(10), write(20)] == [10, 20]


def test_a_cache_that_is_cut_short_while_it_is_in_use_is_an_error_and_no_crash(photos, folder):
    data = open_dataset(photos, size=64, cache=folder)
    os.truncate(entry_of(folder) / "image.npy", 100)
    with pytest.raises(EdganError, match="cut short while they were in use"):
        data.batch([4])


def test_entries_of_a_shared_cache_can_be_read_by_others(photos, folder):
    before = os.umask(0o022)
    try:
        open_dataset(photos, size=8, cache=folder)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (entry_of(folder), folder / "index")}
    assert modes == {0o755}
    assert {path.stat().st_mode & 0o777 for path in entry_of(folder).iterdir()} == {0o644}


def test_without_a_home_folder_a_temporary_folder_is_used_with_a_warning(photos, monkeypatch):
    monkeypatch.delenv("EDGAN_CACHE")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # what it does for a user without an entry
    with pytest.warns(UserWarning, match="no home folder, and EDGAN_CACHE is not set"):
        assert len(open_dataset(photos, size=8)) == 5
