"""The checksum that files of named tensors carry in their metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor


def tensor_checksum(named: Mapping[str, Tensor], text: str = "") -> str:
    """sha256 of a text and of each tensor's name, type, shape and bytes, as hexadecimal digits.

    Args:
        named: on the CPU.
        text: what else the checksum vouches for.
    """
    total = hashlib.sha256(text.encode())
    for name, tensor in sorted(named.items()):
        total.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        total.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()
