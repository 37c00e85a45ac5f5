"""CAAE and its twin as a person writes them in plain PyTorch: no table, no plan."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor


def one_hot(years: float, male: bool) -> list[float]:
    last = [5, 10, 15, 20, 30, 40, 50, 60, 70, 1000]
    place = next(i for i, year in enumerate(last) if years <= year)
    return [1.0 if i == place else -1.0 for i in range(10)] + ([1.0, -1.0] if male else [-1.0, 1.0])


class CaaeLoop(PlainLoop):
    """Every network steps at once, from the weights before the step."""

    prior_weight = 0.1

    def __init__(
        self, networks: Networks, optimiser: MakeOptimiser, weight: float, twin: bool, projected: bool = False
    ) -> None:
        super().__init__(networks, optimiser)
        self.weight, self.twin, self.projected = weight, twin, projected

    def train(self, image: Tensor, years: list[int], male: list[bool], noise: Tensor) -> None:
        d, p = self.n["discriminator"], self.n["prior_discriminator"]
        labels = torch.tensor([one_hot(y, m) for y, m in zip(years, male, strict=True)], dtype=image.dtype)
        age, gender = labels[:, :10], labels[:, 10:]
        z = self.n["encoder"](image)
        repeats = z.shape[1] // 10, z.shape[1] // 2
        code = torch.cat([z, *[age] * repeats[0], *[gender] * repeats[1]], 1)
        maps = labels if self.projected else torch.cat([age, *[gender] * 5], 1)
        base = self.n["decoder"](code)
        output = base.detach() + self.n["generator"](code.detach()) if self.twin else base

        # D reads real, then fake: spectral norm takes a step of its power iteration each time.
        real, fake = d(image, maps), d(output, maps)
        adversarial = (-fake if self.projected else F.softplus(-fake)).mean() * (1.0 if self.twin else self.weight)
        reconstruction = (base - image).abs().mean()
        prior = self.prior_weight * F.softplus(-p(z)).mean()
        drawing = ["encoder", "decoder", *(["generator"] if self.twin else [])]
        self.set_gradient(reconstruction + adversarial + prior, *drawing)
        if self.projected:
            discrimination = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        else:
            discrimination = F.softplus(-real).mean() + F.softplus(fake).mean()
        self.set_gradient(discrimination, "discriminator")
        prior_discrimination = F.softplus(-p(2 * noise - 1)).mean() + F.softplus(p(z.detach())).mean()
        self.set_gradient(prior_discrimination, "prior_discriminator")
        self.step(*self.n)
