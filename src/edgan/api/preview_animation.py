"""`timelapse`: a training's previews, in the order of their steps, as an animation."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from edgan.api.showing import run_name, shows, write_animations
from edgan.errors import EdganError, UsageError, counted
from edgan.models.contact_sheet import INK
from edgan.models.sheet import row_middles, row_names
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder

LARGEST_SIDE = 1200
WHOLE, LONGEST, SHORTEST = 8000, 500, 100
"""Milliseconds that an animation takes at most, that a preview is shown at most, and at least."""
HOLD = 2500
"""Milliseconds that the last preview is shown."""
LABEL, CAPTION, MARGIN = 14, 16, 10


def timelapse(
    run: str | Path,
    *,
    gif: str | Path | None = None,
    webp: str | Path | None = None,
    mp4: str | Path | None = None,
) -> list[Path]:
    """Show how the pictures of a training came about: its previews, one after the other.

    Args:
        run: the run's folder; its training may still go on.
        gif, webp, mp4: the files to write, at least one. MP4 needs the command ffmpeg.

    Returns:
        The files.

    Raises:
        UsageError: no file is asked for, or a name has another suffix.
        EdganError: the run has fewer than two previews, one cannot be read, or a file could not be written.
    """
    wanted = shows(gif=gif, webp=webp, mp4=mp4)
    if not wanted.animations:
        raise UsageError("There is nothing to write. Ask for a GIF, a WebP or an MP4.")
    folder = RunFolder.open(run)
    configuration = stored_configuration(folder.read_run(), folder)
    steps = folder.preview_steps()
    if len(steps) < 2:
        raise EdganError(
            f"{folder.path} has {counted(len(steps), 'preview')}, and a timelapse needs at least 2. A training draws "
            "one every preview_every steps (500 unless set)."
        )
    name = f"{configuration.method} in {run_name(run)}"
    last = f"{max(configuration.steps, steps[-1]):,}"
    frames = [_frame(folder.preview(step), f"{name}: step {step:,} of {last}") for step in steps]
    each = max(SHORTEST, min(LONGEST, WHOLE // len(frames)))
    return write_animations(wanted, frames, [*[each] * (len(frames) - 1), HOLD])


def _frame(path: Path, caption: str) -> Image.Image:
    """A preview with the names of its rows on the left and a caption below; sides are even."""
    try:
        with Image.open(path) as file:
            names, picture = row_names(file), file.convert("RGB")
    except OSError as error:
        raise EdganError(f"The preview {path} cannot be read: {error}.") from error
    middles = row_middles(picture.height, len(names))
    if max(picture.size) > LARGEST_SIDE:
        whole = picture.height
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
        middles = [middle * picture.height / whole for middle in middles]
    small, large = ImageFont.load_default(LABEL), ImageFont.load_default(CAPTION)
    left = round(max((small.getlength(name) for name in names), default=0)) + (2 * MARGIN if names else 0)
    width, height = left + picture.width, picture.height + CAPTION + 2 * MARGIN
    frame = Image.new("RGB", (width + width % 2, height + height % 2), "white")
    frame.paste(picture, (left, 0))
    draw = ImageDraw.Draw(frame)
    for name, middle in zip(names, middles, strict=True):
        draw.text((left - MARGIN, middle), name, fill=INK, font=small, anchor="rm")
    draw.text((frame.width // 2, picture.height + MARGIN), caption, fill=INK, font=large, anchor="mt")
    return frame
