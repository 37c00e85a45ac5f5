"""Pix2Pix, CAAE and their twins written by hand in plain PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor


class PairedLoop(PlainLoop):
    """`weight` balances the two losses; a twin has a generator."""

    def __init__(self, networks: Networks, optimiser: MakeOptimiser, weight: float, twin: bool) -> None:
        super().__init__(networks, optimiser)
        self.weight, self.twin = weight, twin


def real(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


def fake(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))


class Pix2PixLoop(PairedLoop):
    """Alternating, D first; `weight` is on L1."""

    def train(self, image: Tensor, source: Tensor, noise: Tensor) -> None:
        d = self.n["discriminator"]
        base = self.n["unet"](source, noise)
        output = base.detach() + self.n["generator"](source, noise) if self.twin else base

        self.zero_gradients()
        (real(d(image, source)) + fake(d(output.detach(), source))).backward()
        self.step("discriminator")

        self.zero_gradients()
        (self.weight * (base - image).abs().mean() + real(d(output, source))).backward()
        self.step("unet", *(["generator"] if self.twin else []))


def one_hot(years: float, male: bool) -> list[float]:
    last = [5, 10, 15, 20, 30, 40, 50, 60, 70, 1000]
    place = next(i for i, year in enumerate(last) if years <= year)
    return [1.0 if i == place else -1.0 for i in range(10)] + ([1.0, -1.0] if male else [-1.0, 1.0])


class CaaeLoop(PairedLoop):
    """Every network steps at once, from the weights before the step; `weight` is on the adversarial loss."""

    prior_weight = 0.1

    def train(self, image: Tensor, years: list[int], male: list[bool], noise: Tensor) -> None:
        d, p = self.n["discriminator"], self.n["prior_discriminator"]
        coded = torch.tensor([one_hot(y, m) for y, m in zip(years, male, strict=True)], dtype=image.dtype)
        age, gender = coded[:, :10], coded[:, 10:]
        z = self.n["encoder"](image)
        times = z.shape[1] // 10, z.shape[1] // 2
        tiles = [torch.cat([age] * times[0], 1), torch.cat([gender] * times[1], 1)]
        code = torch.cat([z, *tiles], 1)
        maps = torch.cat([age, *[gender] * 5], 1)
        base = self.n["decoder"](code)
        output = base.detach() + self.n["generator"](code.detach()) if self.twin else base

        self.zero_gradients()
        (real(d(image, maps)) + fake(d(output.detach(), maps))).backward()
        (real(p(2 * noise - 1)) + fake(p(z.detach()))).backward()
        kept = {name: [q.grad.clone() for q in self.n[name].parameters()] for name in self.discriminators}

        self.zero_gradients()
        adversarial = real(d(output, maps)) * (1.0 if self.twin else self.weight)
        ((base - image).abs().mean() + adversarial + self.prior_weight * real(p(z))).backward()
        for name, gradients in kept.items():
            for parameter, gradient in zip(self.n[name].parameters(), gradients, strict=True):
                parameter.grad = gradient
        self.step(*self.n)

    discriminators = ("discriminator", "prior_discriminator")
