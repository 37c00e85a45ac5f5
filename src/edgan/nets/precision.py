"""The precision in which sums, line searches and fixed weights are computed."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import torch
from torch import Tensor


def widest(device: torch.device) -> torch.dtype:
    """float64, or float32 on Apple's MPS, which has no float64."""
    return torch.float32 if device.type == "mps" else torch.float64


def widened(values: Tensor) -> Tensor:
    """The values in the widest floating-point type of their device."""
    return values.to(widest(values.device))


class FixedWeights:
    """Weights that never change, in the type in which autocast computes, converted once.

    Autocast keeps its conversions of weights that learn until the end of a pass, and converts all others at each call.
    For a frozen network these conversions were a tenth of ED//GAN's step (H200, bfloat16).
    """

    def __init__(self) -> None:
        self._given: tuple[Tensor, ...] = ()
        self._converted: list[Tensor] = []

    def __call__(self, weights: Sequence[Tensor]) -> Sequence[Tensor]:
        """The weights as a layer should use them now: as they are where autocast is off.

        Args:
            weights: floating-point tensors that do not require a gradient, always the same ones but for `to(device)`.
        """
        device = weights[0].device.type
        if weights[0].is_meta or not torch.is_autocast_enabled(device):  # autocast knows no meta device
            return weights
        dtype = torch.get_autocast_dtype(device)
        kept = len(self._given) == len(weights) and all(map(operator.is_, self._given, weights))
        if not kept or self._converted[0].dtype != dtype:
            # Tensors made in inference mode could not be part of a training's graph later.
            with torch.inference_mode(False):
                self._converted = [weight.to(dtype) for weight in weights]
            self._given = tuple(weights)
        return self._converted
