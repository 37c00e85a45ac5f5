"""Where verbs write: below OUT and nowhere else, and never where they read."""

import os
from pathlib import Path

import numpy as np
import pytest

from edgan.api.destinations import files_below, out_folder
from edgan.api.writing import RowWriter, save_picture
from edgan.errors import EdganError, UsageError, printable
from edgan.storage.run_folder import RunFolder

PICTURE = np.zeros((4, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["/etc/x.png", "../x.png", "a/../../x.png"])
def test_a_name_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="leads out of"):
        files_below(tmp_path / "out", ["ok.png", name], tmp_path / "in.png")


@pytest.mark.parametrize("out", [".", "out", "deep/out"])
def test_the_input_folder_and_what_lies_in_it_are_refused(out: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="input folder"):
        files_below(tmp_path / out, [], tmp_path)


def test_beside_the_input_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert files_below(tmp_path / "in-out", ["a.png"], tmp_path / "in") == [tmp_path / "in-out" / "a.png"]


def test_a_new_folder_with_the_suffix_of_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"me/STEM\.png"):
        out_folder(tmp_path / "me.png")
    (tmp_path / "me.png").mkdir()
    assert out_folder(tmp_path / "me.png") == tmp_path / "me.png"


def test_a_name_as_long_as_the_disk_allows_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".png")
    assert save_picture(PICTURE, path).exists()
    with RowWriter(path.with_suffix(".npy")) as rows:
        rows.add(np.zeros((2, 3)))
    assert sorted(os.listdir(tmp_path)) == [f"{'x' * 251}.npy", f"{'x' * 251}.png"]


def test_a_name_that_is_too_long_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(EdganError, match="shorter name"):
        save_picture(PICTURE, tmp_path / ("x" * 252 + ".png"))
    assert os.listdir(tmp_path) == []


def test_home_is_expanded_in_every_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert out_folder("~/out") == RunFolder("~/out").path == tmp_path / "out"


def test_what_steers_a_terminal_is_written_as_an_escape() -> None:
    assert printable("a\x1b[31m\n\u202ed\u2028\udce7") == r"a\x1b[31m\n\u202ed\u2028\udce7"
    assert printable("\u732b \U0001f600 \u00e9") == "\u732b \U0001f600 \u00e9"
