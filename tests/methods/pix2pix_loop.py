"""Pix2Pix and its twin as a person writes them in plain PyTorch: no table, no plan."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor


class Pix2PixLoop(PlainLoop):
    """Alternating, D first; `weight` is on L1."""

    def __init__(self, networks: Networks, optimiser: MakeOptimiser, weight: float, twin: bool) -> None:
        super().__init__(networks, optimiser)
        self.weight, self.twin = weight, twin

    def train(self, image: Tensor, source: Tensor, noise: Tensor) -> None:
        d = self.n["discriminator"]
        base = self.n["unet"](source, noise)
        output = base.detach() + self.n["generator"](source, noise) if self.twin else base
        self.learn(real(d(image, source)) + fake(d(output.detach(), source)), "discriminator")
        loss = self.weight * (base - image).abs().mean() + real(d(output, source))
        self.learn(loss, "unet", *(["generator"] if self.twin else []))


def real(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


def fake(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))
