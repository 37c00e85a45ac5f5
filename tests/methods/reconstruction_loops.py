"""ED+GAN and ED//GAN as a person writes them in plain PyTorch: one class, no table, no plan."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor


@dataclass
class Options:
    """The prior and its weight, lambda (None for ED//GAN), R1's weight and interval in steps."""

    prior: str = "none"
    adversarial_weight: float | None = None
    prior_weight: float = 0.001
    penalty: float = 0.0
    penalty_every: int = 16


class ReconstructionLoop(PlainLoop):
    """Alternating, D first."""

    def __init__(self, networks: Networks, optimiser: MakeOptimiser, options: Options) -> None:
        super().__init__(networks, optimiser)
        self.options = options

    def train(self, step: int, image: Tensor, noise: Tensor) -> None:
        code = self.n["encoder"](image)
        if self.options.prior == "vae":
            mean, log_variance = code[:, : code.shape[1] // 2], code[:, code.shape[1] // 2 :].clamp(-10, 10)
            z = mean + (log_variance / 2).exp() * noise
            prior = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        else:
            z, prior = code, None
        base = self.n["decoder"](z)
        coupled = self.options.adversarial_weight is not None
        output = base if coupled else base.detach() + self.n["generator"](z.detach())

        self.discriminate(step, image, output.detach(), z.detach(), noise)

        if self.options.prior == "aae":
            prior = -F.logsigmoid(self.n["prior_discriminator"](z)).mean()
        adversarial = -F.logsigmoid(self.n["discriminator"](output)).mean()
        reconstruction = (base - image).abs().mean()
        total = reconstruction + adversarial * (self.options.adversarial_weight if coupled else 1)
        if prior is not None:
            total = total + self.options.prior_weight * prior
        self.learn(total, "encoder", "decoder", *(() if coupled else ("generator",)))

    def discriminate(self, step: int, image: Tensor, fake: Tensor, z: Tensor, noise: Tensor) -> None:
        d = self.n["discriminator"]
        loss = F.softplus(-d(image)).mean() + F.softplus(d(fake)).mean()
        if self.options.penalty and step % self.options.penalty_every == 0:
            point = image.clone().requires_grad_()
            (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
            penalty = slope.pow(2).flatten(1).sum(1).mean() / 2
            loss = loss + self.options.penalty * self.options.penalty_every * penalty
        stepping = ["discriminator"]
        if self.options.prior == "aae":
            p = self.n["prior_discriminator"]
            loss = loss + F.softplus(-p(2 * noise - 1)).mean() + F.softplus(p(z)).mean()
            stepping.append("prior_discriminator")
        self.learn(loss, *stepping)
