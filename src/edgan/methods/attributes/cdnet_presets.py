"""CDNet's presets.

`paper` is the paper's faces and `paper-digits` its digits, with what only the released code shows: half of each squared
error, log(p + 1e-3), the rule that the side ahead waits, RMSProp with decays.

`small` and `small-digits` are for two CPU cores: narrower networks, Adam at a higher rate, a short warm-up, the
non-saturating game, and a z with mean 0 and variance 1. Without the last, Enc_z can lower the decorrelation by
shrinking z, which a few thousand steps do not turn into independence. They use dCov without its bias. In Eq. 1 the bias
is most of the value for batches this small; against a z of fixed variance it makes heavy tails, and the held-out
reconstruction jumps by decibels from one evaluation to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RMSPROP = {"optimiser.name": "rmsprop", "optimiser.beta2": 0.9, "optimiser.decay": 0.75}
_SMALL = {
    "optimiser.name": "adam",
    "optimiser.lr": 1e-3,
    "optimiser.beta1": 0.5,
    "optimisers.discriminator.lr": 2e-4,
    "network.latent_norm": "batch",
    "network.dropout": 0.1,
    "discriminator.dropout": 0.2,
    "game.form": "non-saturating",
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper": {
        **_RMSPROP,
        "batch": 128,
        "optimiser.lr": 5e-5,
        "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000, 100_000, 130_000),
        "optimisers.attribute_encoder.lr": 1e-4,
        "optimisers.attribute_encoder.decay_at": (),
    },
    "paper-digits": {
        **_RMSPROP,
        "size": 28,
        "batch": 100,
        "optimiser.lr": 1e-4,
        "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000, 70_000, 100_000),
        "optimisers.attribute_encoder.decay_at": (10_000, 20_000),
        "network.width": 32,
        "network.hidden": (1000,),
        "network.latent": 10,
        "discriminator.width": 64,
        "discriminator.hidden": 128,
        "decorrelation.weight": 1.0,
        "classifier_steps": 25_000,
    },
    "small": {
        **_SMALL,
        "batch": 64,
        "network.width": 32,
        "network.hidden": (512,),
        "network.latent": 128,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
        "decorrelation.weight": 0.5,
        "decorrelation.over": 300,
        "decorrelation.unbiased": True,
        "classifier_steps": 400,
    },
    "small-digits": {
        **_SMALL,
        "size": 28,
        "steps": 3000,
        "batch": 100,
        "optimiser.decay": 0.5,
        "optimiser.decay_at": (1500, 2200),
        "network.width": 32,
        "network.hidden": (256,),
        "network.latent": 10,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
        "decorrelation.weight": 2.0,
        "decorrelation.over": 300,
        "decorrelation.unbiased": True,
        "classifier_steps": 300,
    },
}
