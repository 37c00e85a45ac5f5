"""The GANs of images, the VAE and ALI."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.by_hand.drawn import Draw, Learn, Networks, fake_loss, kl, posterior, real_loss
from edgan.nets.features import as_vector

Score = Callable[[Tensor], Tensor]
CRITIC_STEPS, SLOPE_WEIGHT = 5, 10.0


def _gan(n: Networks, learn: Learn, draw: Draw, real: Score, fake: Score) -> None:
    batch, d = draw(0), n["discriminator"]
    drawn = n["generator"](batch.latent("z_unit"))
    learn({("discriminator",): real(d(batch.image)) + fake(d(drawn.detach()))})
    learn({("generator",): real(d(drawn))})


def dcgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """DCGAN."""
    _gan(n, learn, draw, real_loss, fake_loss)


def lsgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """LSGAN."""
    _gan(n, learn, draw, lambda d: ((d - 1) ** 2).mean() / 2, lambda d: (d**2).mean() / 2)


def wgan_gp(n: Networks, learn: Learn, draw: Draw) -> None:
    """WGAN-GP: five steps of the critic, then one of G."""
    d, fake = n["discriminator"], Tensor()
    for which in range(CRITIC_STEPS):
        batch = draw(which)
        fake = n["generator"](batch.latent("z_unit"))
        at = batch.noise("position")
        point = (at * batch.image + (1 - at) * fake.detach()).requires_grad_()
        (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
        penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        learn({("discriminator",): d(fake.detach()).mean() - d(batch.image).mean() + SLOPE_WEIGHT * penalty})
    learn({("generator",): -d(fake).mean()})


def vae(n: Networks, learn: Learn, draw: Draw) -> None:
    """The VAE."""
    batch = draw(0)
    mean, log_variance, z = posterior(n["encoder"](batch.image), batch)
    pixels = batch.image[0].numel()
    error = F.mse_loss(n["generator"](z), batch.image)
    learn({("encoder", "generator"): error + kl(mean, log_variance) * 2 / pixels})


def dfm(n: Networks, learn: Learn, draw: Draw) -> None:
    """DFM: D and the denoiser step from one forward, then G towards the denoised features."""
    batch, d, r = draw(0), n["discriminator"], n["denoiser"]
    drawn = n["generator"](batch.latent("z_unit"))
    features = d.features(batch.image)
    vector = as_vector(features.detach())
    denoising = F.mse_loss(r(vector + batch.noise("noise")), vector)
    learn(
        {
            ("discriminator",): real_loss(d.judge(features)) + fake_loss(d(drawn.detach())),
            ("denoiser",): denoising,
        }
    )
    features = d.features(drawn)
    vector = as_vector(features)
    with torch.no_grad():
        target = r.denoise(vector)
    learn({("generator",): real_loss(d.judge(features)) + 0.03 * F.mse_loss(vector, target)})


def rfgan(n: Networks, learn: Learn, draw: Draw) -> None:
    """RFGAN's second stage: the autoencoder is frozen, and G steps twice."""
    batch, d, representation = draw(0), n["discriminator"], n["representation"].eval()
    z = batch.latent("z_unit")

    def judged(image: Tensor) -> Tensor:
        return d.judge(torch.cat([d.features(image), representation(image)], 1))

    drawn = n["generator"](z)
    with torch.no_grad():
        real, fake = representation(batch.image), representation(drawn)
    d_real = d.judge(torch.cat([d.features(batch.image), real], 1))
    d_fake = d.judge(torch.cat([d.features(drawn.detach()), fake], 1))
    learn({("discriminator",): real_loss(d_real) + fake_loss(d_fake)})
    learn({("generator",): real_loss(judged(drawn))})
    learn({("generator",): real_loss(judged(n["generator"](z)))})


def ali(n: Networks, learn: Learn, draw: Draw) -> None:
    """ALI: everything steps from one forward."""
    batch, d = draw(0), n["discriminator"]
    _, _, z = posterior(n["encoder"](batch.image), batch)
    prior = batch.noise("z_drawn")
    d_real, d_fake = d(batch.image, z), d(n["generator"](prior), prior)
    learn(
        {
            ("discriminator",): real_loss(d_real) + fake_loss(d_fake),
            ("encoder", "generator"): real_loss(d_fake) + fake_loss(d_real),
        }
    )
