"""The folder of a run says what it is, and its log survives crashes and resumes."""

from __future__ import annotations

import errno
import json
import os

import pytest

from edgan.errors import EdganError, UsageError
from edgan.storage import durable
from edgan.storage.run_folder import RunFolder, write_json_atomic


@pytest.fixture
def run(tmp_path) -> RunFolder:
    run = RunFolder.create(tmp_path / "runs" / "faces")
    run.write_run({"method": "ed-slash-gan"})
    return run


def test_a_new_run_is_opened_again(run):
    assert RunFolder.open(run.path).read_run() == {"method": "ed-slash-gan"}
    assert run.checkpoints == run.path / "checkpoints"
    assert run.previews == run.path / "previews"
    assert run.report == run.path / "report.html"


def test_an_empty_folder_becomes_a_run(tmp_path):
    assert RunFolder.create(tmp_path).path == tmp_path


def test_a_run_that_died_before_its_first_file_is_begun_again(tmp_path):
    (tmp_path / f"{durable.ASIDE}run.json").write_text('{"meth')
    assert RunFolder.create(tmp_path).path == tmp_path


def test_a_run_is_not_begun_twice(run):
    with pytest.raises(UsageError, match="already holds a run"):
        RunFolder.create(run.path)


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(UsageError, match=r"thesis\.tex"):
        RunFolder.create(tmp_path)


def test_a_file_is_no_folder_for_a_run(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        RunFolder.create(tmp_path / "file")
    with pytest.raises(EdganError, match="is a file"):
        RunFolder.create(tmp_path / "file" / "run")
    with pytest.raises(EdganError, match="is a file"):
        RunFolder.open(tmp_path / "file")


def test_opening_what_is_no_run_says_what_is_missing(run):
    with pytest.raises(EdganError, match="does not exist"):
        RunFolder.open(run.path / "nowhere")
    with pytest.raises(EdganError, match=r"run\.json is missing.*faces"):
        RunFolder.open(run.path.parent)


def test_a_damaged_run_file_is_named(run):
    run.run_json.write_text('{"method": ')
    with pytest.raises(EdganError, match=r"run\.json is damaged"):
        run.read_run()


def test_a_refused_write_leaves_the_old_json_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_json_atomic(path, {"a": 1})

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(EdganError, match=r"run\.json.*No space left.*Free space"):
        write_json_atomic(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


def test_the_log_is_read_as_it_was_written(run):
    assert run.read_log() == []
    run.append_log(1, {"psnr": 20.5, "norms": {"encoder": 0.1}})
    run.append_log(2, {"note": "line\nbreak"})
    run.sync_log()
    assert run.read_log() == [{"step": 1, "psnr": 20.5, "norms": {"encoder": 0.1}}, {"step": 2, "note": "line\nbreak"}]


def test_a_number_that_is_not_finite_is_null_in_the_log(run):
    run.append_log(1, {"loss": float("nan"), "norms": [float("inf"), 1.0]})
    assert run.read_log() == [{"step": 1, "loss": None, "norms": [None, 1.0]}]


@pytest.mark.parametrize("torn", [b'{"step": 3, "lo', b'{"step": 3}', b"\0\0\0\0", b'{"step": 3, "lo\n'])
def test_a_torn_last_line_is_left_out(run, torn):
    run.append_log(1, {})
    with run.log.open("ab") as file:
        file.write(torn)
    assert run.read_log() == [{"step": 1}]


def test_a_line_after_a_torn_one_takes_its_place(run):
    run.append_log(1, {})
    with run.log.open("ab") as file:
        file.write(b'{"step": 2, "lo')
    run.append_log(3, {})
    assert run.read_log() == [{"step": 1}, {"step": 3}]


def test_a_damaged_line_in_the_middle_is_named(run):
    run.append_log(1, {})
    run.log.write_bytes(b"nonsense\n" + run.log.read_bytes())
    with pytest.raises(EdganError, match="Line 1 of "):
        run.read_log()


def test_the_log_of_a_resumed_run_is_that_of_an_uninterrupted_one(run, tmp_path):
    whole = RunFolder.create(tmp_path / "whole")
    for step in range(1, 7):
        whole.append_log(step, {"loss": 1 / step})
    for step in range(1, 6):
        run.append_log(step, {"loss": 1 / step})
    with run.log.open("ab") as file:
        file.write(b'{"step": 6, "lo')
    run.truncate_log(3)
    for step in range(4, 7):
        run.append_log(step, {"loss": 1 / step})
    assert run.log.read_bytes() == whole.log.read_bytes()


def test_truncating_a_log_that_is_not_there_is_nothing(run):
    run.truncate_log(0)
    assert run.read_log() == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full on this system")
def test_a_full_disk_under_the_log_is_told(run):
    run.log.symlink_to("/dev/full")
    with pytest.raises(EdganError, match=r"log\.jsonl could not be written: No space left"):
        run.append_log(1, {"loss": 1.0})
