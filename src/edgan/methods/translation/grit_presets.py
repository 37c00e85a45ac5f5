"""GRIT's presets: the paper's, and small networks for two CPU cores, also of the comparators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMMON: Mapping[str, Any] = {"augment.enlarge": 286 / 256, "augment.flip": True, "optimiser.beta2": 0.99}
SMALL: Mapping[str, Any] = {
    **COMMON,
    "batch": 4,
    "ema": 0.998,
    # What only the game teaches learns more slowly than what L1 holds.
    "optimiser.lr": 2e-4,
    **{f"optimisers.{name}.lr": 5e-4 for name in ("content_encoder", "style_encoder", "trunk", "base_head")},
    "optimiser.beta1": 0.5,
    "network.width": 16,
    "network.max_width": 128,
    "network.residual_blocks": 2,
    "network.norm": "pixel",
    "trunks": "apart",
    "fine": 0.025,
    "style.weight": 0.01,
    "discriminator.layers": 2,
    "discriminator.width": 32,
    "discriminator.max_width": 128,
    # An instance norm hides from D how strong its picture's contrasts are.
    "discriminator.norm": "none",
    "discriminator.init": "he",
    "penalty.weight": 0.02,
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {
        **COMMON,
        "batch": 8,
        "optimiser.lr": 1e-3,
        "optimiser.beta1": 0.0,
        "optimisers.style_encoder.lr": 1e-4,
    },
    "small": SMALL,
    **{name: {**SMALL, "objective": name} for name in ("l1", "perceptual", "perceptual-gan")},
}
