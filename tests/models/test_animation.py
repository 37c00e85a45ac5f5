"""Animations: their frames, how long each is shown, and what becomes of an MP4 with and without ffmpeg."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from edgan.errors import EdganError, UsageError
from edgan.models.animation import animated, forth_and_back

FRAMES = [Image.new("RGB", (32, 16), colour) for colour in ("red", "lime", "blue")]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command ffmpeg that runs `ffmpeg.py` of the returned folder. It stands alone on the PATH."""
    if sys.platform == "win32":
        pytest.skip("a script without a suffix is no command on Windows")
    command = tmp_path / "ffmpeg"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path / "ffmpeg.py"}" "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_frames_come_in_order_each_for_its_time_and_for_ever(form: str) -> None:
    with Image.open(io.BytesIO(animated(forth_and_back(FRAMES), form, [500, 90, 500, 90]))) as file:
        assert file.n_frames == 4
        assert file.info["loop"] == 0
        colours, times = [], []
        for number in range(4):
            file.seek(number)
            colours.append(max(range(3), key=file.convert("RGB").getpixel((5, 5)).__getitem__))
            times.append(file.info["duration"])
    assert colours == [0, 1, 2, 1]
    assert times == [500, 90, 500, 90]


def test_an_mp4_without_ffmpeg_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"mp4 needs the command ffmpeg.*a GIF or WebP instead"):
        animated(FRAMES, "mp4", [100] * 3)


def test_ffmpeg_gets_every_frame_for_as_long_as_it_is_shown(stand_in: Path) -> None:
    (stand_in / "ffmpeg.py").write_text(
        "import sys\nwords = sys.argv\nassert words[words.index('-s') + 1] == '32x16'\n"
        "open(words[-1], 'wb').write(sys.stdin.buffer.read())\n"
    )
    pixels = animated(FRAMES, "mp4", [100, 20, 40])
    one = len(FRAMES[0].tobytes())
    frames = [pixels[start : start + one] for start in range(0, len(pixels), one)]
    assert frames == [FRAMES[number].tobytes() for number in (0, 0, 0, 0, 0, 1, 2, 2)]


def test_what_ffmpeg_says_is_passed_on(stand_in: Path) -> None:
    (stand_in / "ffmpeg.py").write_text("import sys\nsys.exit('Unknown encoder')\n")
    with pytest.raises(EdganError, match="ffmpeg could not write the MP4: Unknown encoder"):
        animated(FRAMES, "mp4", [100] * 3)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no ffmpeg here")
def test_ffmpeg_can_read_the_video_again(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(animated(FRAMES, "mp4", [500] * 3))
    command = ["ffmpeg", "-loglevel", "error", "-i", str(tmp_path / "video.mp4"), "-f", "rawvideo", "-pix_fmt", "rgb24"]
    pixels = subprocess.run([*command, "-"], capture_output=True, check=True).stdout
    one = 32 * 16 * 3
    assert len(pixels) == 75 * one  # 1.5 s of 50 frames each
    assert pixels[:3][0] > 200
    assert pixels[-one:][2] > 200
