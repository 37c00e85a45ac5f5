"""What edgan needs of the system: nothing that only POSIX has. Windows is imitated where it can be."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgan.errors import EdganError
from edgan.paths import cache_folder
from edgan.storage import durable, run_lock
from edgan.storage.run_lock import RunLock, holder
from edgan.studio.server import trainings
from edgan.training import stopping

SOURCES = sorted((Path(durable.__file__).parents[1]).rglob("*.py"))
POSIX_ONLY = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog"}
AS_ON_WINDOWS = """
import os, pathlib, signal, sys, types, warnings
import numpy, PIL.Image, torch, torchmetrics, pydantic, safetensors.torch, jinja2, typer, rich.progress
import platformdirs, sklearn.linear_model
import subprocess, multiprocessing, tempfile, shutil, asyncio, socket, torch.distributed
import fcntl
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("fork", "getuid", "geteuid", "O_NONBLOCK", "setpriority", "sched_getaffinity", "sync", "mkfifo", "uname"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGALRM", "pthread_kill"):
    delattr(signal, name)
locked = {"LK_NBLCK": fcntl.LOCK_EX | fcntl.LOCK_NB, "LK_UNLCK": fcntl.LOCK_UN}
sys.modules["msvcrt"] = types.SimpleNamespace(locking=lambda handle, mode, count: fcntl.flock(handle, mode), **locked)
warnings.filterwarnings("error", category=EncodingWarning, module=r"edgan\\.")
import edgan
from edgan.storage import run_lock
run_lock.sys = types.SimpleNamespace(platform="win32")
from edgan.synthetic import write_folder
here = pathlib.Path(sys.argv[1])
faces = write_folder("faces", here / "faces", 12, 32)
tiny = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
tiny |= {"latent.size": 4, "discriminator.kind": "paper"}
options = {"size": 32, "batch": 4, "device": "cpu", "quiet": True, "set": tiny, "preset": "small"}
edgan.train("ed-slash-gan", faces, here / "run", steps=2, **options)
edgan.train("ed-slash-gan", faces, here / "run", steps=3, resume=True, **options)
print(len(edgan.reconstruct(here / "run", faces, here / "out", quiet=True).files))
"""


def test_no_module_that_only_posix_has_is_imported_at_the_top() -> None:
    found = []
    for source in SOURCES:
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                found += [f"{source.name}: {name}" for name in names & POSIX_ONLY]
    assert len(SOURCES) > 200
    assert found == []


@pytest.mark.skipif(os.name == "nt", reason="imitates Windows elsewhere")
def test_a_training_resumes_and_is_used_without_what_only_posix_has(tmp_path: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment |= {"EDGAN_CACHE": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-X", "warn_default_encoding", "-c", AS_ON_WINDOWS, str(tmp_path)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["12"]


@pytest.fixture
def windows_locks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lock by `msvcrt`, imitated; the places in the file at which it was taken or released."""
    fcntl = pytest.importorskip("fcntl", reason="imitates Windows elsewhere")
    places: list[int] = []

    def locking(handle: int, mode: int, count: int) -> None:
        places.append(os.lseek(handle, 0, os.SEEK_CUR))
        assert count == 1
        fcntl.flock(handle, mode)

    modes = {"LK_NBLCK": fcntl.LOCK_EX | fcntl.LOCK_NB, "LK_UNLCK": fcntl.LOCK_UN}
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, **modes))
    monkeypatch.setattr(run_lock, "sys", SimpleNamespace(platform="win32"))
    return places


def test_the_lock_of_windows_leaves_its_owners_name_readable(tmp_path: Path, windows_locks: list[int]) -> None:
    with RunLock(tmp_path):
        text = (tmp_path / run_lock.NAME).read_text(encoding="utf-8")
        assert text.split()[0] == str(os.getpid())
        assert holder(tmp_path) == text.strip()
        with pytest.raises(EdganError, match=f"process {os.getpid()} on "), RunLock(tmp_path):
            pass
    assert holder(tmp_path) is None
    with RunLock(tmp_path):
        pass
    assert set(windows_locks) == {run_lock._LOCKED_BYTE}
    assert len(text) < run_lock._LOCKED_BYTE


def test_windows_folders_are_not_opened_to_be_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError("a folder cannot be opened")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PermissionError):
        durable.sync_folder(tmp_path)
    monkeypatch.setattr(os, "name", "nt")
    durable.sync_folder(tmp_path)


def test_a_training_can_be_asked_to_stop_on_every_system() -> None:
    names = {number.name for number in stopping._SIGNALS}
    assert {"SIGINT", "SIGTERM"} <= names
    assert ("SIGBREAK" in names) == (os.name == "nt")
    assert trainings._STOP.name == ("CTRL_BREAK_EVENT" if os.name == "nt" else "SIGTERM")


@pytest.mark.skipif(sys.platform != "linux", reason="names the folder of Linux")
def test_the_cache_is_in_the_systems_folder_for_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDGAN_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "edgan"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "edgan"
    monkeypatch.setenv("EDGAN_CACHE", "~/pixels")
    assert cache_folder() == tmp_path / "pixels"
