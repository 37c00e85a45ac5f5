"""The five GANs, the VAE and ALI as a person writes them in plain PyTorch: no table, no plan.

Each loop is a step: (networks, optimisers, image, noise by name) -> nothing. BCE here is softplus of logits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Networks = Mapping[str, nn.Module]
Noise = Callable[[str], Tensor]
WIDE = 0.03
PIXELS = 3 * 32 * 32


class Loop:
    """Networks with an SGD each."""

    def __init__(self, networks: dict[str, nn.Module], lr: float) -> None:
        self.n = networks
        self.optimisers = {name: torch.optim.SGD(n.parameters(), lr) for name, n in networks.items()}

    def learn(self, loss: Tensor, *names: str) -> None:
        """One step of these networks alone."""
        for optimiser in self.optimisers.values():
            optimiser.zero_grad()
        loss.backward()
        for name in names:
            self.optimisers[name].step()

    def drawn(self, noise: Noise) -> Tensor:
        return 2 * noise("z_unit") - 1


def dcgan(loop: Loop, image: Tensor, noise: Noise) -> None:
    d, fake = loop.n["discriminator"], loop.n["generator"](loop.drawn(noise))
    loop.learn(F.softplus(-d(image)).mean() + F.softplus(d(fake.detach())).mean(), "discriminator")
    loop.learn(F.softplus(-d(fake)).mean(), "generator")


def lsgan(loop: Loop, image: Tensor, noise: Noise) -> None:
    d, fake = loop.n["discriminator"], loop.n["generator"](loop.drawn(noise))
    loop.learn(((d(image) - 1) ** 2).mean() / 2 + (d(fake.detach()) ** 2).mean() / 2, "discriminator")
    loop.learn(((d(fake) - 1) ** 2).mean() / 2, "generator")


def dfm(loop: Loop, image: Tensor, noise: Noise) -> None:
    d, r, fake = loop.n["discriminator"], loop.n["denoiser"], loop.n["generator"](loop.drawn(noise))

    def flat(maps: Tensor) -> Tensor:
        return maps.permute(0, 2, 3, 1).reshape(len(maps), -1)

    real = flat(d.features(image))
    game = F.softplus(-d.judge(d.features(image))).mean() + F.softplus(d(fake.detach())).mean()
    lesson = (r(real.detach() + noise("noise")) - real.detach()).square().mean()
    for optimiser in loop.optimisers.values():
        optimiser.zero_grad()
    (game + lesson).backward()
    loop.optimisers["discriminator"].step()
    loop.optimisers["denoiser"].step()
    seen = flat(d.features(fake))
    with torch.no_grad():
        target = r(seen)
    loop.learn(F.softplus(-d(fake)).mean() + WIDE * (seen - target).square().mean(), "generator")


def autoencoder(loop: Loop, image: Tensor, noise: Noise) -> None:
    """RFGAN's first stage."""
    unit = noise("unit")
    dirty = image.clone()
    dirty[(unit < 0.125).expand_as(image)] = -1
    dirty[(unit > 0.875).expand_as(image)] = 1
    restored = loop.n["restorer"](loop.n["representation"](dirty))
    loop.learn((restored - image).abs().mean(), "representation", "restorer")


def rfgan(loop: Loop, image: Tensor, noise: Noise) -> None:
    """RFGAN's second stage, with two steps of G."""
    loop.n["representation"].eval()
    d, z = loop.n["discriminator"], loop.drawn(noise)

    def judged(x: Tensor) -> Tensor:
        return d.judge(torch.cat([d.features(x), loop.n["representation"](x)], 1))

    fake = loop.n["generator"](z)
    loop.learn(F.softplus(-judged(image)).mean() + F.softplus(judged(fake.detach())).mean(), "discriminator")
    loop.learn(F.softplus(-judged(fake)).mean(), "generator")
    loop.learn(F.softplus(-judged(loop.n["generator"](z))).mean(), "generator")


def wgan_gp(loop: Loop, image: Tensor, noise: Noise) -> None:
    """One critic step."""
    d, fake = loop.n["discriminator"], loop.n["generator"](loop.drawn(noise))
    at = noise("position")
    point = (at * image + (1 - at) * fake.detach()).requires_grad_()
    (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    loop.learn(d(fake.detach()).mean() - d(image).mean() + 10 * penalty, "discriminator")
    loop.learn(-d(fake).mean(), "generator")


def encoded(loop: Loop, image: Tensor, noise: Noise) -> tuple[Tensor, Tensor, Tensor]:
    """(mean, log variance, z)."""
    mean, log_variance = loop.n["encoder"](image).chunk(2, 1)
    log_variance = log_variance.clamp(-10, 10)
    return mean, log_variance, mean + (log_variance / 2).exp() * noise("epsilon")


def vae(loop: Loop, image: Tensor, noise: Noise) -> None:
    mean, log_variance, z = encoded(loop, image, noise)
    kl = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
    squares = ((loop.n["generator"](z) - image) ** 2).flatten(1).sum(1).mean() / (2 * 0.5**2)
    # The page divides by what makes the squares a mean: same direction, another length.
    loop.learn((squares + kl) * 2 * 0.5**2 / PIXELS, "encoder", "generator")


def ali(loop: Loop, image: Tensor, noise: Noise) -> None:
    """Everything steps at once: gradients of one point."""
    d, z_drawn = loop.n["discriminator"], noise("z_drawn")
    _, _, z = encoded(loop, image, noise)
    fake = loop.n["generator"](z_drawn)
    ours = F.softplus(d(image, z)).mean() + F.softplus(-d(fake, z_drawn)).mean()
    theirs = F.softplus(-d(image, z.detach())).mean() + F.softplus(d(fake.detach(), z_drawn)).mean()
    players = [*loop.n["encoder"].parameters(), *loop.n["generator"].parameters()]
    gradients = torch.autograd.grad(ours, players)
    judging = torch.autograd.grad(theirs, list(loop.n["discriminator"].parameters()))
    for p, g in zip([*players, *loop.n["discriminator"].parameters()], [*gradients, *judging], strict=True):
        p.grad = g
    for optimiser in loop.optimisers.values():
        optimiser.step()
