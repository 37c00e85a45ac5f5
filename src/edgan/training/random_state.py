"""The state of torch's random generators as tensors, so that a resumed run draws the same numbers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def capture_random_state() -> dict[str, Tensor]:
    """The states of the default generators of this process.

    Returns:
        "random.cpu" and, with CUDA, "random.cuda" of the current device: uint8 vectors.
    """
    state = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["random.cuda"] = torch.cuda.get_rng_state()
    return state


def restore_random_state(state: Mapping[str, Tensor]) -> None:
    """Restore a captured state. The state of CUDA is ignored on a machine without it.

    Args:
        state: from `capture_random_state`; other names in it are ignored.
    """
    torch.set_rng_state(state["random.cpu"].cpu())
    if "random.cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["random.cuda"].cpu())
