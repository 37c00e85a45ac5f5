"""Weights of a model that ships: half precision, and eight bits for as many large ones as a limit of bytes asks for.

An array of eight bits has a scale for each index of its first axis, in half precision, under the name with SCALE
behind it: weight = scale * integer, the integers from -127 to 127. `edgan.storage.checkpoint` restores it on reading.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = "#scale"
_LEVELS = 127


def pack(tensors: Mapping[str, Tensor], limit: int) -> dict[str, Tensor]:
    """Weights as a model that ships stores them.

    Args:
        tensors: by name; of any shape, finite.
        limit: bytes in all. The largest arrays of two axes and more are stored in eight bits, one after the other,
            until the others fit in half precision. Where that is not enough, the result is larger than the limit.

    Returns:
        The arrays by name, and the scales of those in eight bits. Integers are as they were.
    """
    packed = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    wide = [name for name, value in tensors.items() if value.is_floating_point() and value.dim() > 1]
    largest = sorted(wide, key=lambda name: (-tensors[name].numel(), name))
    while largest and sum(value.nbytes for value in packed.values()) > limit:
        name = largest.pop(0)
        packed[name], packed[name + SCALE] = _eight_bits(tensors[name])
    return packed


def unpack(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The arrays that `pack` was given, as near as they were stored; those in eight bits are returned as float32."""
    plain = {name: value for name, value in tensors.items() if not name.endswith(SCALE)}
    for name, value in plain.items():
        if (scale := tensors.get(name + SCALE)) is not None:
            plain[name] = value.float() * scale.float()
    return plain


def _eight_bits(weight: Tensor) -> tuple[Tensor, Tensor]:
    rows = weight.float().flatten(1)
    largest = rows.abs().amax(1, keepdim=True)
    # Half precision has no scale below its smallest number; a row of such weights is as good as zero.
    scale = (largest / _LEVELS).half().clamp(min=torch.finfo(torch.half).tiny)
    integers = (rows / scale.float()).round().clamp(-_LEVELS, _LEVELS).to(torch.int8)
    return integers.reshape(weight.shape), scale.reshape(-1, *[1] * (weight.dim() - 1))
