"""Pictures in a row as an animation."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from torch import Tensor

from edgan.models.pixels import to_image

LEAST_SIDE = 256
"""Smaller pictures are enlarged to at least this many pixels, with sharp pixels: viewers show a GIF at its own size."""


def animation(pictures: Tensor | Sequence[Tensor], milliseconds: int = 90) -> bytes:
    """A GIF that shows pictures forth and back, for ever.

    Args:
        pictures: (K, C, H, W) in [-1, 1], K at least 2; other values are clipped.
        milliseconds: how long each is shown.

    Returns:
        The file's bytes.
    """
    frames = [to_image(picture).convert("RGB") for picture in pictures]
    scale = -(-LEAST_SIDE // frames[0].width) if frames[0].width < LEAST_SIDE else 1
    side = (frames[0].width * scale, frames[0].height * scale)
    frames = [frame.resize(side, Image.Resampling.NEAREST) for frame in (*frames, *frames[-2:0:-1])]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=milliseconds, loop=0)
    return buffer.getvalue()
