"""The five GANs, the VAE and ALI as a person writes them in plain PyTorch: no table, no plan.

Each function is a step: (loop, image, noise by the name of its tap). BCE here is softplus of logits.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from method_harness import PlainLoop
from torch import Tensor

Noise = Callable[[str], Tensor]
MATCHING_WEIGHT = 0.03
PIXELS = 3 * 32 * 32


def sampled(noise: Noise) -> Tensor:
    """z from U(-1, 1)."""
    return 2 * noise("z_unit") - 1


def dcgan(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    d, fake = loop.n["discriminator"], loop.n["generator"](sampled(noise))
    loop.learn(F.softplus(-d(image)).mean() + F.softplus(d(fake.detach())).mean(), "discriminator")
    loop.learn(F.softplus(-d(fake)).mean(), "generator")


def lsgan(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    d, fake = loop.n["discriminator"], loop.n["generator"](sampled(noise))
    loop.learn(((d(image) - 1) ** 2).mean() / 2 + (d(fake.detach()) ** 2).mean() / 2, "discriminator")
    loop.learn(((d(fake) - 1) ** 2).mean() / 2, "generator")


def dfm(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    d, r, fake = loop.n["discriminator"], loop.n["denoiser"], loop.n["generator"](sampled(noise))

    def flat(maps: Tensor) -> Tensor:
        return maps.permute(0, 2, 3, 1).reshape(len(maps), -1)

    real_maps = d.features(image)
    game = F.softplus(-d.judge(real_maps)).mean() + F.softplus(d(fake.detach())).mean()
    real = flat(real_maps).detach()
    denoising = (r(real + noise("noise")) - real).square().mean()
    loop.learn(game + denoising, "discriminator", "denoiser")
    fake_maps = d.features(fake)
    r.eval()  # the running statistics of real features
    with torch.no_grad():
        target = r(flat(fake_maps))
    r.train()
    matching = (flat(fake_maps) - target).square().mean()
    loop.learn(F.softplus(-d.judge(fake_maps)).mean() + MATCHING_WEIGHT * matching, "generator")


def autoencoder(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    """RFGAN's first stage."""
    unit = noise("unit")
    corrupted = image.clone()
    corrupted[(unit < 0.125).expand_as(image)] = -1
    corrupted[(unit > 0.875).expand_as(image)] = 1
    restored = loop.n["restorer"](loop.n["representation"](corrupted))
    loop.learn((restored - image).abs().mean(), "representation", "restorer")


def rfgan(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    """RFGAN's second stage, with two steps of G."""
    loop.n["representation"].eval()
    d, z = loop.n["discriminator"], sampled(noise)

    def logits(x: Tensor) -> Tensor:
        return d.judge(torch.cat([d.features(x), loop.n["representation"](x)], 1))

    fake = loop.n["generator"](z)
    loop.learn(F.softplus(-logits(image)).mean() + F.softplus(logits(fake.detach())).mean(), "discriminator")
    loop.learn(F.softplus(-logits(fake)).mean(), "generator")
    loop.learn(F.softplus(-logits(loop.n["generator"](z))).mean(), "generator")


def wgan_gp(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    """One critic step."""
    d, fake = loop.n["discriminator"], loop.n["generator"](sampled(noise))
    # The critic reads in the executor's order, because spectral norm takes a step of its power iteration each time.
    at = noise("position")
    point = (at * image + (1 - at) * fake.detach()).requires_grad_()
    scores = d(point).reshape(len(point), -1).mean(1)
    (slope,) = torch.autograd.grad(scores.sum(), point, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    real_score, fake_score = d(image).mean(), d(fake.detach()).mean()
    loop.learn(fake_score - real_score + 10 * penalty, "discriminator")
    loop.learn(-d(fake).mean(), "generator")


def encode(loop: PlainLoop, image: Tensor, noise: Noise) -> tuple[Tensor, Tensor, Tensor]:
    """(mean, log variance, z)."""
    mean, log_variance = loop.n["encoder"](image).chunk(2, 1)
    log_variance = log_variance.clamp(-10, 10)
    return mean, log_variance, mean + (log_variance / 2).exp() * noise("epsilon")


def vae(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    mean, log_variance, z = encode(loop, image, noise)
    kl = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
    squares = ((loop.n["generator"](z) - image) ** 2).flatten(1).sum(1).mean() / (2 * 0.5**2)
    # The page divides by what makes the squares a mean: same direction, another length.
    loop.learn((squares + kl) * 2 * 0.5**2 / PIXELS, "encoder", "generator")


def ali(loop: PlainLoop, image: Tensor, noise: Noise) -> None:
    """Everything steps at once: gradients of one point."""
    d, z_drawn = loop.n["discriminator"], noise("z_drawn")
    _, _, z = encode(loop, image, noise)
    fake = loop.n["generator"](z_drawn)
    ours = F.softplus(d(image, z)).mean() + F.softplus(-d(fake, z_drawn)).mean()
    theirs = F.softplus(-d(image, z.detach())).mean() + F.softplus(d(fake.detach(), z_drawn)).mean()
    loop.set_gradient(ours, "encoder", "generator")
    loop.set_gradient(theirs, "discriminator")
    loop.step("encoder", "generator", "discriminator")
