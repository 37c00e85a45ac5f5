"""The networks that invert a trained GAN. The GAN is frozen and in inference mode."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from benchmarks.by_hand.drawn import Draw, Learn, Networks


def connection(n: Networks, learn: Learn, draw: Draw) -> None:
    """From D's features of generated images to the latent."""
    z, g, d = draw(0).latent("z_drawn_unit"), n["generator"].eval(), n["discriminator"].eval()
    with torch.no_grad():
        features = d.features(g(z))
    learn({("connection",): F.mse_loss(n["connection"](features), z)})


def encoder(n: Networks, learn: Learn, draw: Draw) -> None:
    """From generated images to the latent."""
    z, g = draw(0).latent("z_drawn_unit"), n["generator"].eval()
    with torch.no_grad():
        generated = g(z)
    learn({("encoder",): F.mse_loss(n["encoder"](generated), z)})
