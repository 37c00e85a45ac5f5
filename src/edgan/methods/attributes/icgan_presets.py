"""IcGAN's presets: CDNet's faces and digits as its authors ran them, and small networks of each for two CPU cores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ADAM: dict[str, Any] = {"optimiser.name": "adam", "optimiser.beta1": 0.5}
_DIGITS: dict[str, Any] = {"size": 28, "batch": 100, "network.width": 32, "network.latent": 10}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {**_ADAM, "batch": 64, "optimiser.lr": 2e-4, "network.latent": 100, "gan_steps": 63_575},
    "paper-digits": {
        **_ADAM,
        **_DIGITS,
        "optimiser.lr": 1e-4,
        "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000),
        "network.hidden": (1000,),
        "discriminator.width": 64,
        "discriminator.hidden": 128,
        "gan_steps": 75_000,
    },
    "small": {
        **_ADAM,
        "batch": 64,
        "optimiser.lr": 5e-4,
        "network.width": 32,
        "network.hidden": (512,),
        "network.latent": 100,
        "network.dropout": 0.1,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 128,
        "gan_steps": 1_000,
    },
    "small-digits": {
        **_ADAM,
        **_DIGITS,
        "optimiser.lr": 5e-4,
        "network.hidden": (256,),
        "network.dropout": 0.1,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
        "gan_steps": 2_000,
    },
}
