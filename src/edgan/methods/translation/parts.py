"""What the translators of pairs share beside their networks: a penalty on a discriminator of pairs, settings."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field
from torch import Tensor

from edgan.methods.common.identity import identity
from edgan.methods.common.r1 import R1Settings, r1_row
from edgan.routing import Row, Tap
from edgan.settings import Strict


class PatchSettings(Strict):
    """A discriminator of patches of pairs, Pix2Pix's."""

    layers: int | None = Field(None, description="of stride 2: 3 judge 70 x 70 px; by size unless given")
    width: int = 64
    max_width: int = 512
    norm: Literal["batch", "instance", "group", "none"] = "instance"
    init: Literal["dcgan", "he", "torch"] = "dcgan"


def paired_penalty(
    settings: R1Settings, beside: tuple[str, ...], real: str = "image"
) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """The lazy R1 row of a discriminator of pairs and the taps it reads; nothing where its weight is 0.

    Args:
        settings: weight and how often.
        beside: what the discriminator reads after the picture.
        real: the tap of the real picture as the discriminator sees it.
    """
    if settings.weight == 0:
        return (), ()
    taps = (
        Tap("real_point", (real,), function=identity, leaf=True, float32=True),
        Tap("patches_point", ("real_point", *beside), network="discriminator", float32=True),
        Tap("d_real_point", ("patches_point",), function=per_patch, float32=True),
    )
    return taps, (r1_row(settings),)


def verdict(judged: Tensor | tuple[Tensor, ...]) -> Tensor:
    """The logits among what a discriminator gives: they come first where there is more."""
    return judged[0] if isinstance(judged, tuple) else judged


def per_patch(judged: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Logits (N, 1, h, w) or (N,) to (N,): their sum over the root of their number.

    The squared gradient of this is the mean over patches of what each gives alone, as far as they do not overlap, so
    that a weight of R1 means much the same for one logit and for many.
    """
    logits = verdict(judged)
    flat = logits.flatten(1) if logits.dim() > 1 else logits[:, None]
    return flat.sum(1) / math.sqrt(flat.shape[1])
