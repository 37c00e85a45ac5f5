"""Every script of ../shared/cases makes an input that once went wrong; its first lines say the right answer."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import answers
import pytest
import verb_answers  # noqa: F401 (adds answers)
from case_calls import Case

from systems import posix_files


@pytest.mark.parametrize("name", sorted(answers.ANSWERS))
def test_a_case_gets_its_right_answer(name: str, make: Callable[..., Case]) -> None:
    answers.ANSWERS[name](make(name))


def test_every_script_has_an_answer(shared: Path) -> None:
    scripts = {script.stem for script in (shared / "cases").glob("*.py")}
    apart = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert scripts
    assert scripts - set(answers.ANSWERS) - apart == set()


def test_cache_same_size_and_time(make: Callable[..., Case]) -> None:
    from edgan.data import open_dataset

    keys = [open_dataset(make("cache_same_size_and_time", *words).dest, size=8).key for words in ((), ("2",))]
    assert keys[0] != keys[1]


def test_cifar_object_dtype(make: Callable[..., Case]) -> None:
    words = [sys.executable, "-m", "edgan", "data", "check", str(make("cifar_object_dtype").dest)]
    ended = subprocess.run(words, capture_output=True, text=True)
    assert ended.returncode == 1, ended
    assert "is not a CIFAR-10 batch" in ended.stderr


def test_stdout_not_utf8(make: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    from edgan.cli import main

    case = make("stdout_not_utf8")
    for encoding in ("cp1252", "ascii"):
        pipe = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", pipe)
        with pytest.raises(SystemExit) as ended:
            main(["data", "check", str(case.dest)])
        pipe.flush()
        assert ended.value.code == 0
        assert b"\\u732b 4" in pipe.buffer.getvalue()


@posix_files
def test_no_home(make: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "EDGAN_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])  # a user without an entry, as in a container
    said = make("no_home").train("dcgan")
    assert said.status == 0, said.err
    assert "this user has no home folder" in said.err


@posix_files
def test_unreadable_folder(make: Callable[..., Case]) -> None:
    case = make("unreadable_folder")
    if os.geteuid() == 0:
        open_to_all = Path(tempfile.mkdtemp(dir="/tmp"))
        open_to_all.chmod(0o755)
        shutil.copytree(case.dest, open_to_all / "set")
        (open_to_all / "set" / "lost+found").chmod(0)
        os.seteuid(12345)
        try:
            report = case.check(open_to_all / "set")
        finally:
            os.seteuid(0)
            shutil.rmtree(open_to_all)
    else:
        report = case.check()
    assert report["count"] == 4
    assert report["skipped"] == [["lost+found", "the folder cannot be listed: Permission denied"]]
