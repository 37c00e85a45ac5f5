"""A network so small that it trains in a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TINY: Mapping[str, Any] = {
    "discriminator.kind": "paper",
    "discriminator.augment": "never",
    "network.width": 4,
    "network.max_width": 16,
    "discriminator.width": 4,
    "discriminator.max_width": 16,
    "latent.size": 8,
}
