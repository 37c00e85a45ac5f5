"""Moving tensors to a device."""

from __future__ import annotations

import torch
from torch import Tensor


def moved(values: Tensor, device: torch.device | str, dtype: torch.dtype | None = None) -> Tensor:
    """A tensor on a device.

    To a GPU it goes through page-locked memory, so that the host does not wait until the GPU has done its earlier work.

    Args:
        values: on the CPU.
        device: where to.
        dtype: its type there; None keeps it.
    """
    device = torch.device(device)
    if device.type != "cuda":
        return values.to(device, dtype or values.dtype)
    return values.pin_memory().to(device, non_blocking=True).to(dtype or values.dtype)
