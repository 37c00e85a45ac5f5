"""A discriminator of pairs: its settings, its logits, and R1 on it."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field
from torch import Tensor

from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import ImageDiscriminatorSettings
from edgan.methods.common.r1 import R1Settings, r1_row
from edgan.routing import Row, Tap


class PatchSettings(ImageDiscriminatorSettings):
    """A discriminator of pairs: of patches, Pix2Pix's, or a projected one that reads the source at each scale."""

    layers: int | None = Field(None, description="layers of stride 2; 3 give patches of 70 x 70 px; by size unless set")
    width: int = 64
    max_width: int = 512
    norm: Literal["batch", "instance", "group", "none"] = "instance"
    init: Literal["dcgan", "he", "torch"] = "dcgan"


def lazy_r1_of_pairs(
    settings: R1Settings, additional: tuple[str, ...], real: str = "image"
) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """The lazy R1 row of a discriminator of pairs and the taps it reads; nothing where its weight is 0.

    Args:
        settings: weight and how often.
        additional: what the discriminator reads after the picture: the source, and more.
        real: the tap of the real picture as the discriminator sees it.
    """
    if settings.weight == 0:
        return (), ()
    taps = (
        Tap("real_point", (real,), function=identity, leaf=True, float32=True),
        Tap("patches_point", ("real_point", *additional), network="discriminator", float32=True),
        Tap("d_real_point", ("patches_point",), function=scaled_sum, float32=True),
    )
    return taps, (r1_row(settings),)


def logits_of(judged: Tensor | tuple[Tensor, ...]) -> Tensor:
    """The logits among a discriminator's outputs: the first of several, or the only one."""
    return judged[0] if isinstance(judged, tuple) else judged


def scaled_sum(judged: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Logits (N, 1, h, w) or (N,) to (N,): their sum divided by the square root of their number.

    For patches that do not overlap, its squared gradient is the mean over patches of the squared gradient of each
    logit, so that a weight of R1 means much the same for one logit and for many.
    """
    logits = logits_of(judged)
    flat = logits.flatten(1) if logits.dim() > 1 else logits[:, None]
    return flat.sum(1) / math.sqrt(flat.shape[1])
