"""The perceptual loss: how far two pictures' maps of a network lie apart, on every scale alike."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def perceptual(maps: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    """Relative L1 distance of each sample's maps, averaged over the maps.

    Each map's sum of absolute differences is divided by its target's sum of absolute values. A weight therefore means
    the same for every layer and every network: 0 for equal maps, 1 where the prediction's maps are all 0.

    Args:
        maps: of the prediction, each (N, C, H, W); sizes may differ between maps.
        targets: of the target, with the same shapes. They must not all be 0.

    Returns:
        (N,). Source: Johnson, Alahi, Fei-Fei 2016, Eq. 2, with L1 and a norm for each map.

    Raises:
        ValueError: the numbers of maps differ, or there are none.
    """
    if not maps or len(maps) != len(targets):
        raise ValueError(f"perceptual needs as many maps as targets, and at least one: got {len(maps)}, {len(targets)}")
    relative = [_relative_l1(a, b) for a, b in zip(maps, targets, strict=True)]
    total = relative[0]
    for value in relative[1:]:
        total = total + value
    return total / len(relative)


def _relative_l1(values: Tensor, target: Tensor) -> Tensor:
    return (values - target).abs().flatten(1).sum(1) / target.abs().flatten(1).sum(1)
