"""Jitter and flip as in Pix2Pix: each sample has its own crop and coin, shared by both images of a pair."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.data.transfer import moved

DRAWS = 3
"""Random numbers per sample: the crop's height, its width, the flip."""


def augment(fields: Mapping[str, Tensor], draws: Tensor, enlarge: float, flip: bool) -> dict[str, Tensor]:
    """Enlarge pictures, crop them back to their size at a random place, and mirror half of them.

    Args:
        fields: a batch by name. "image" and "source", (N, C, H, W) in [-1, 1], change in the same way; other fields do
            not change.
        draws: on the CPU, (N, 3) uniform in [0, 1): the crop's height, its width, and the coin.
        enlarge: factor on the sides before the crop, at least 1; 286/256 in Pix2Pix.
        flip: whether to mirror where the coin is below 1/2.

    Returns:
        The batch with pictures of the same sizes, in [-1, 1].
    """
    changed = dict(fields)
    for name in ("image", "source"):
        if name in fields:
            changed[name] = _pictures(fields[name], draws, enlarge, flip)
    return changed


def _pictures(pictures: Tensor, draws: Tensor, enlarge: float, flip: bool) -> Tensor:
    height, width = pictures.shape[2:]
    large = (round(height * enlarge), round(width * enlarge))
    if large != (height, width):
        # Bicubic, as Pix2Pix reads its files; it overshoots at edges.
        bigger = F.interpolate(pictures, large, mode="bicubic", align_corners=False).clamp(-1.0, 1.0)
        tops = (draws[:, 0] * (large[0] - height + 1)).long().tolist()
        lefts = (draws[:, 1] * (large[1] - width + 1)).long().tolist()
        crops = [whole[:, y : y + height, x : x + width] for whole, y, x in zip(bigger, tops, lefts, strict=True)]
        pictures = torch.stack(crops)
    if flip:
        coin = moved(draws[:, 2] < 0.5, pictures.device)[:, None, None, None]
        pictures = torch.where(coin, pictures.flip(3), pictures)
    return pictures
