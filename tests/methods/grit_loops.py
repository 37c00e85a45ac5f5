"""GRIT and its comparators written by hand in plain PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks, PlainLoop
from torch import Tensor

from edgan.nets.diff_augment import cut_out, diff_augment, shift


@dataclass(frozen=True)
class Choices:
    """The settings that change the training."""

    objective: str = "grit"
    apart: bool = False
    base_gradient: float = 0.0
    perceptual: float = 0.0
    fine: float | None = None
    regression: float = 0.0
    hinged: bool = False  # D is a projected one and sees pictures and sources changed by `augment_real`, `augment_fake`


def blurred(picture: Tensor, deviation: float) -> Tensor:
    """Blurred by a Gaussian that ends at three deviations, pixel by pixel; outside the picture nothing is weighed."""
    sides, reach = picture.shape[-2:], math.ceil(3 * deviation)
    down, right = torch.meshgrid(*(torch.arange(side, dtype=picture.dtype) for side in sides), indexing="ij")
    rows = []
    for y in range(sides[0]):
        for x in range(sides[1]):
            near = ((down - y).abs() <= reach) & ((right - x).abs() <= reach)
            bell = torch.exp(-((down - y) ** 2 + (right - x) ** 2) / (2 * deviation**2)) * near
            rows.append((picture * bell).sum((2, 3)) / bell.sum())
    return torch.stack(rows, 2).view_as(picture)


def own(d: Any, picture: Tensor, target: Tensor, source: Tensor) -> Tensor:
    """Distance of D's own features."""
    distance: Tensor = (d.features(picture, source) - d.features(target, source)).abs().mean()
    return distance


def pretrained(d: Any, picture: Tensor, target: Tensor) -> Tensor:
    """Mean over pictures and maps of the pretrained maps' distances, each divided by the size of the target's map."""
    relative = []
    large = [F.interpolate(x, scale_factor=2, mode="bilinear") for x in (picture, target)]  # below 64 pixels
    for maps, wanted in zip(d.pretrained(large[0]), d.pretrained(large[1]), strict=True):
        relative += [(a - b).abs().sum() / b.abs().sum() for a, b in zip(maps, wanted, strict=True)]
    return torch.stack(relative).mean()


def changed(picture: Tensor, source: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
    """A pair as DiffAugment changes it: colours of the picture alone, places of both."""
    return diff_augment(picture, draws), cut_out(shift(source, draws[:, 3], draws[:, 4]), draws[:, 5], draws[:, 6])


class GritLoop(PlainLoop):
    """Alternating, D first. L1 has weight 10, the style's KL .1."""

    def __init__(self, networks: Networks, optimiser: MakeOptimiser, choices: Choices) -> None:
        super().__init__(networks, optimiser)
        self.choices = choices

    def train(self, image: Tensor, source: Tensor, noise: dict[str, Tensor]) -> None:
        n, c = self.n, self.choices
        content = n["content_encoder"](source)
        mean, log_variance = n["style_encoder"](image).chunk(2, 1)
        own_style = mean + (0.5 * log_variance).exp() * noise["epsilon"]
        own_base, style = n["base_head"](n["trunk"](content, own_style)), noise["style"]
        base = output = n["base_head"](n["trunk"](content, style))
        if c.objective == "grit":
            # The adversarial loss must not reach the style encoder, nor with trunks apart the content encoder.
            grains = [noise["noise_8"], noise["noise_16"], noise["noise_32"]]
            seen = tuple(maps.detach() for maps in content) if c.apart and not c.base_gradient else content
            trunk = n["residual_trunk"] if c.apart else n["trunk"]
            kept = base.detach() + c.base_gradient * (base - base.detach())
            residual = n["residual_head"](trunk(seen, style, *grains))
            output = kept + (residual if c.fine is None else residual - blurred(residual, c.fine))

        d, seen_image, seen_output = n.get("discriminator"), image, output
        if c.fine is not None:
            seen_image, seen_output = image - blurred(image, c.fine), output - blurred(output, c.fine)
        if d is not None:
            self.zero_gradients()
            if c.hinged:
                real = d(*changed(seen_image, source, noise["augment_real"]))
                fake = d(*changed(seen_output.detach(), source, noise["augment_fake"]))
                (F.relu(1 - real).mean() + F.relu(1 + fake).mean()).backward()
            else:
                real, fake = d(seen_image, source), d(seen_output.detach(), source)
                (F.softplus(-real).mean() + F.softplus(fake).mean()).backward()
            self.step("discriminator")

        self.zero_gradients()
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean()
        held = 0.1 * kl
        if c.objective in ("grit", "l1"):
            held = held + 10 * (own_base - image).abs().mean()
        if c.perceptual:
            assert d is not None
            held = held + c.perceptual * (
                pretrained(d, own_base, image) if c.hinged else own(d, own_base, image, source)
            )
        held.backward(retain_graph=True)
        if c.regression:
            shown = n["style_encoder"](base).chunk(2, 1)[0]
            drawing = [p for name in ("trunk", "base_head") for p in n[name].parameters()]
            loss = c.regression * (shown - style).abs().mean()
            slopes = torch.autograd.grad(loss, drawing, retain_graph=True, allow_unused=True)
            for parameter, slope in zip(drawing, slopes, strict=True):
                if slope is not None:
                    parameter.grad = slope if parameter.grad is None else parameter.grad + slope
        before = [p.grad.clone() for p in n["style_encoder"].parameters()]
        if c.objective in ("grit", "perceptual-gan"):
            assert d is not None
            if c.hinged:
                (-d(*changed(seen_output, source, noise["augment_fake"]))).mean().backward()
            else:
                F.softplus(-d(seen_output, source)).mean().backward()
        for parameter, gradient in zip(n["style_encoder"].parameters(), before, strict=True):
            parameter.grad = gradient
        self.step(*(name for name in n if name != "discriminator"))


def as_noise(shapes: dict[str, tuple[int, ...]], step: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(step)
    return {name: torch.randn(*shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()}
