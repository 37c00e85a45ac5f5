"""Pictures as an animation: GIF and WebP by Pillow, MP4 by the command ffmpeg."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor

from edgan.errors import EdganError, UsageError
from edgan.models.frames import grid_frame
from edgan.models.pixels import to_image

FORMS = ("gif", "webp", "mp4")
MILLISECONDS = 90
VIDEO_RATE = 50
"""Frames in a second of a video: a frame that is shown for longer is repeated."""
LONGEST_REASON = 200
WEBP_QUALITY = 85


def animation(pictures: Tensor | Sequence[Tensor], milliseconds: int = MILLISECONDS) -> bytes:
    """A GIF that shows pictures forth and back, for ever.

    Args:
        pictures: (K, C, H, W) in [-1, 1], K at least 2; other values are clipped. Small ones are enlarged to at least
            256 pixels, with sharp pixels.
        milliseconds: how long each is shown.

    Returns:
        The file's bytes.
    """
    frames = [grid_frame([to_image(picture)]) for picture in pictures]
    return animated(forth_and_back(frames), "gif", [milliseconds] * (2 * len(frames) - 2))


def forth_and_back(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """The frames, and those between the last and the first again, backwards: a loop without a jump."""
    return [*frames, *frames[-2:0:-1]]


def check_form(form: str) -> None:
    """Refuse an animation that cannot be written here, before anything is drawn.

    Raises:
        UsageError: it is an MP4, and there is no command ffmpeg.
    """
    if form == "mp4" and shutil.which("ffmpeg") is None:
        raise UsageError(
            "needs the command ffmpeg, which is not on the PATH. Install ffmpeg, or write a GIF or WebP instead.",
            parameter="mp4",
        )


def animated(frames: Sequence[Image.Image], form: str, milliseconds: Sequence[int]) -> bytes:
    """An animation that plays for ever (GIF, WebP) or once (MP4).

    Args:
        frames: at least one; RGB, all of one size with even sides.
        form: "gif", "webp" or "mp4".
        milliseconds: how long each frame is shown.

    Returns:
        The file's bytes.

    Raises:
        UsageError: an MP4 without ffmpeg.
        EdganError: ffmpeg failed.
    """
    check_form(form)
    if form == "mp4":
        return _video(frames, milliseconds)
    buffer = io.BytesIO()
    how = {"quality": WEBP_QUALITY} if form == "webp" else {}
    first, *others = frames
    first.save(buffer, form, save_all=True, append_images=others, duration=list(milliseconds), loop=0, **how)
    return buffer.getvalue()


def _video(frames: Sequence[Image.Image], milliseconds: Sequence[int]) -> bytes:
    """An MP4. ffmpeg reads raw pixels from a pipe, and needs a file that it can go back in."""
    width, height = frames[0].size
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "video.mp4"
        command = [
            *("ffmpeg", "-loglevel", "error", "-nostdin", "-y"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(VIDEO_RATE), "-i", "-"),
            *("-pix_fmt", "yuv420p", "-movflags", "+faststart", str(video)),
        ]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended early, and its own message says why
            for frame, each in zip(frames, milliseconds, strict=True):
                for _ in range(max(1, round(each * VIDEO_RATE / 1000))):
                    process.stdin.write(frame.tobytes())
        said = process.communicate()[1].decode(errors="replace").strip()
        if process.returncode or not video.exists():
            why = said.splitlines()[-1][-LONGEST_REASON:] if said else f"it ended with status {process.returncode}"
            raise EdganError(f"ffmpeg could not write the MP4: {why}. A GIF or WebP needs no ffmpeg.")
        return video.read_bytes()
