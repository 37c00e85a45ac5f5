"""Presets of Editable GAN and of the modified cGAN: the released code's at 128 px, and small networks for 64 px.

The small ones are for two CPU cores: narrow networks, Adam, a weaker penalty at every fourth step, and a latent whose
deviation is 1 after a hundred steps. On CelebA at 32 px D told nothing after 500 steps with a penalty of weight 20;
with weight 1, and at twice the learning rate, it diverged.
"""

from __future__ import annotations

from typing import Any

RELEASED: dict[str, Any] = {
    "size": 128,
    "batch": 64,
    "steps": 168_660,
    "optimiser.name": "rmsprop",
    "optimiser.lr": 1e-4,
    "optimiser.beta2": 0.99,
}
SMALL: dict[str, Any] = {
    "batch": 32,
    "optimiser.name": "adam",
    "optimiser.lr": 5e-4,
    "optimiser.beta1": 0.0,
    "optimisers.connection.lr": 1e-3,
    "optimisers.connection.beta1": 0.9,
    "latent.size": 32,
    "network.width": 16,
    "network.discriminator": 12,
    "network.connection": 128,
    "latent.narrow_from": 0,
    "latent.narrow_over": 100,
    "penalty.weight": 4.0,
    "penalty.every": 4,
}
CLASSIFIER_RELEASED: dict[str, Any] = {
    "optimisers.classifier.name": "adam",
    "optimisers.classifier.beta1": 0.9,
    "optimisers.classifier.beta2": 0.999,
}
CLASSIFIER_SMALL: dict[str, Any] = {
    "classifier.norm": "group",
    "optimisers.classifier.lr": 1e-3,
    "optimisers.classifier.beta1": 0.9,
}
