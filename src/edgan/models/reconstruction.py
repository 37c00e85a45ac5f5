"""The pictures that a model makes of its inputs."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Reconstruction(NamedTuple):
    """Pictures of a model, each (N, C, H, W). `base` and `output` lie in [-1, 1] or slightly outside.

    Attributes:
        base: the encoder-decoder's picture.
        residual: the detail that the GAN adds.
        output: base + residual.
    """

    base: Tensor
    residual: Tensor
    output: Tensor
