"""VAE/GAN's presets: CDNet's faces and digits as its authors ran them, and small networks of each for two CPU cores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RMSPROP: dict[str, Any] = {"optimiser.name": "rmsprop", "optimiser.beta2": 0.9, "optimiser.decay": 0.75}
_DIGITS: dict[str, Any] = {
    "size": 28,
    "batch": 100,
    "network.width": 32,
    "network.latent": 20,
    "prior_weight": 3.2e-4,
    "adversarial_weight": 0.016,
}
_NARROW: dict[str, Any] = {
    "optimiser.name": "adam",
    "optimiser.lr": 5e-4,
    "optimiser.beta1": 0.5,
    "network.dropout": 0.0,
    "adversarial_weight": 0.05,
    "game.form": "non-saturating",
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {
        **_RMSPROP,
        "batch": 64,
        "optimiser.lr": 3e-4,
        "optimiser.decay_at": tuple(range(1_000, 10_001, 1_000)),
        "network.hidden": (2048, 1024),
        "network.latent": 128,
        "network.dropout": 0.0,
    },
    "paper-digits": {
        **_RMSPROP,
        **_DIGITS,
        "optimiser.lr": 1e-4,
        "network.hidden": (1000,),
        "discriminator.width": 64,
        "discriminator.hidden": 128,
    },
    "small": {
        **_NARROW,
        "batch": 64,
        "network.width": 32,
        "network.hidden": (512,),
        "network.latent": 128,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 128,
    },
    "small-digits": {
        **_DIGITS,
        **_NARROW,
        "network.hidden": (256,),
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
    },
}
