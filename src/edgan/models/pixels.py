"""Pictures as pixels: from tensors in [-1, 1] to bytes and Pillow images."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_uint8(images: Tensor) -> Tensor:
    """(N, C, H, W) in [-1, 1] to (N, H, W, C) uint8; values outside are clipped."""
    clipped = images.detach().float().cpu().clamp(-1, 1)
    # In place: for a folder of pictures, fresh memory costs more than the arithmetic.
    return clipped.add_(1.0).mul_(127.5).round_().to(torch.uint8).permute(0, 2, 3, 1)


def to_images(images: Tensor) -> list[Image.Image]:
    """(N, C, H, W) in [-1, 1] to N Pillow images, grey or RGB; values outside are clipped."""
    return [from_pixels(pixels) for pixels in to_uint8(images).numpy()]


def to_image(picture: Tensor) -> Image.Image:
    """(C, H, W) in [-1, 1] to a Pillow image, grey or RGB."""
    return from_pixels(to_uint8(picture[None])[0].numpy())


def from_pixels(pixels: np.ndarray) -> Image.Image:
    """(H, W, C) uint8 to a Pillow image, grey or RGB."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def enlarged(pixels: np.ndarray, factor: int) -> np.ndarray:
    """(N, H, W, C) to (N, factor H, factor W, C): every pixel becomes a square of equal pixels."""
    return pixels if factor == 1 else pixels.repeat(factor, 1).repeat(factor, 2)
