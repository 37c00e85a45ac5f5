"""`--sheet`, `--enlarge`, `--gif` and `timelapse` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import Draw, call, done, refused
from PIL import Image


def test_the_files_that_are_shown_are_named(trained: Path, draw: Draw, tmp_path: Path) -> None:
    folder, sheet = draw(tmp_path / "in", count=2), tmp_path / "sheet.png"
    said = done(call("reconstruct", trained, folder, tmp_path / "out", "--sheet", sheet, "--enlarge", "2"))
    assert said.out == f"2 images in {tmp_path / 'out'}; also {sheet}\n"
    assert Image.open(tmp_path / "out" / "0.png").size == (64, 64)
    words = ("--sweep", "Smiling=-1:1:3", "--gif", tmp_path / "sweep.gif", "--json")
    result = json.loads(done(call("edit", trained, folder, tmp_path / "edits", *words)).out)
    assert result["shown"] == [str(tmp_path / "sweep.gif")]
    with Image.open(tmp_path / "sweep.gif") as animation:
        assert animation.n_frames == 4


def test_a_wrong_name_is_refused_by_its_flag(trained: Path, draw: Draw, tmp_path: Path) -> None:
    folder = draw(tmp_path / "in")
    said = call("reconstruct", trained, folder, tmp_path / "out", "--sheet", tmp_path / "sheet")
    refused(said, 2, "--sheet must end in .png or .jpg or .jpeg (got 'sheet')")
    said = call("edit", trained, folder, tmp_path / "out", "--sweep", "Smiling=-1:1:3", "--gif", tmp_path / "a.png")
    refused(said, 2, "--gif must end in .gif")


def test_an_mp4_without_ffmpeg_is_refused(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused(call("timelapse", trained, "--mp4", tmp_path / "a.mp4"), 2, "--mp4 needs the command ffmpeg")


def test_a_timelapse_needs_previews(trained: Path, tmp_path: Path) -> None:
    refused(call("timelapse", trained, "--gif", tmp_path / "a.gif"), 1, "has 1 preview", "preview_every")
    refused(call("timelapse", trained), 2, "nothing to write")
