"""Fixtures for all tests: the real data beside the checkout where there is any, and a cache of the tests' own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from xdist.scheduler import LoadFileScheduling

from privileges import permissions_apply

SLOWEST_FIRST = (
    "studio/test_studio_looks.py",
    "storage/test_checkpoint_crash.py",
    "benchmarks/test_on_cuda.py",
    "training/test_torchrun.py",
    "training/test_resume.py",
    "training/test_loop.py",
    "exporting/test_page_in_browser.py",
    "reproduction/test_paper2.py",
    "training/test_resume_after_kill.py",
    "reproduction/test_paper3.py",
    "docs/test_notebooks.py",
    "methods/test_projected_game.py",
    "training/test_elastic.py",
    "training/test_agreeing_processes.py",
    "methods/test_projected_attributes.py",
    "reproduction/test_paper3_editing.py",
    "metrics/test_nrds.py",
)
"""Files of ten seconds and more. Begun last, one of them would run alone while the other process idles."""

TOGETHER = ("exporting", "studio")
"""Folders whose tests share trained models and a browser: all their files go to one process, which makes them once."""

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files come first; the others keep their order."""
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(SLOWEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


class SharedFoldersScheduling(LoadFileScheduling):
    """Files go to processes whole, and so do the folders TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        folder = Path(file).parent.name
        return folder if folder in TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedFoldersScheduling | None:
    """How `pytest -n 2 --dist loadfile` shares out the tests."""
    return SharedFoldersScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for a whole session: Playwright does not start twice in a process.

    Tests skip where there is none, and CI installs one.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs a browser: chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Decoded images go to a folder of this session, never to the home folder."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("EDGAN_CACHE")
    os.environ["EDGAN_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["EDGAN_CACHE"]
    else:
        os.environ["EDGAN_CACHE"] = before


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    """Within the tests' own process, os.fsync checks its file and does not wait: no test cuts the power."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data and papers beside the checkout; the test is skipped where there is none."""
    if not (SHARED / "data" / "unpack.py").exists():
        pytest.skip(f"needs the real data in {SHARED.name}/ beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def unpacked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`unpacked(name)`: the folder of one real data set, in its publisher's layout, unpacked once in a session."""
    dest = tmp_path_factory.mktemp("sets")

    def unpack(name: str) -> Path:
        if not (dest / name).exists():
            subprocess.run([sys.executable, str(shared / "data" / "unpack.py"), name, str(dest)], check=True)
        return dest / name

    return unpack


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """`read_only(folder)`: from now on the test cannot write in a folder, root neither."""
    if os.name == "nt":
        pytest.skip("Windows keeps no permissions of folders")
    if os.geteuid() == 0 and not sys.platform.startswith("linux"):
        pytest.skip("only Linux lets root do without its exemption from permissions")
    closed: list[Path] = []
    with permissions_apply() if os.geteuid() == 0 else contextlib.nullcontext():

        def close(folder: Path) -> None:
            closed.append(folder)
            folder.chmod(0o555)

        yield close
        for folder in closed:
            folder.chmod(0o755)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """`disk("size=64k")` is an empty disk of its own, mounted with these options."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        tool = shutil.which("mount")
        if tool is None or not sys.platform.startswith("linux") or os.geteuid() != 0:
            pytest.skip("mounting a small disk needs root on Linux")
        if subprocess.run([tool, "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True).returncode:
            pytest.skip("this machine does not let root mount a disk")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)
