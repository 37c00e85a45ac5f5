"""The cache: written once, read again, rewritten when damaged, never required."""

import os
import shutil
import time

import numpy as np
import pytest

from edgan.data import build, cache, open_dataset
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


def test_the_cache_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("EDGAN_CACHE", str(tmp_path / "here"))
    assert cache.default_folder() == tmp_path / "here"
    monkeypatch.delenv("EDGAN_CACHE")
    assert cache.default_folder().parts[-2:] == (".cache", "edgan")
