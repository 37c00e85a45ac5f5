"""Pix2Pix and its twin as a person writes them in plain PyTorch: no table, no plan; with BCE or with the hinge loss."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor

from edgan.nets.diff_augment import cut_out, diff_augment, shift


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


class HingedPix2PixLoop(Pix2PixLoop):
    """With a projected discriminator; it sees both pictures and their sources changed in the same way, or unchanged."""

    def train_augmented(
        self, image: Tensor, source: Tensor, noise: Tensor, draws: tuple[Tensor, Tensor] | None
    ) -> None:
        d = self.n["discriminator"]

        def judge(picture: Tensor, which: int) -> Tensor:
            if draws is None:
                logits: Tensor = d(picture, source)
                return logits
            own = draws[which]
            seen = diff_augment(picture, own)
            judged: Tensor = d(seen, cut_out(shift(source, own[:, 3], own[:, 4]), own[:, 5], own[:, 6]))
            return judged

        base = self.n["unet"](source, noise)
        output = base.detach() + self.n["generator"](source, noise) if self.twin else base
        loss = F.relu(1 - judge(image, 0)).mean() + F.relu(1 + judge(output.detach(), 1)).mean()
        self.learn(loss, "discriminator")
        loss = self.weight * (base - image).abs().mean() - judge(output, 1).mean()
        self.learn(loss, "unet", *(["generator"] if self.twin else []))


def real(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


def fake(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))
