"""UU-Net written by hand in plain PyTorch. The linked halves of G step with D too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from method_harness import MakeOptimiser, Networks
from torch import Tensor


@dataclass(frozen=True)
class Choices:
    """A member of the family."""

    links: tuple[str, ...] = ()
    variational: bool = False
    u_shaped: bool = True
    discriminator_kl: float | None = None
    cross_kl: float = 0.0
    link_gradient: float = 1.0
    translate_link_gradient: float | None = None  # as in D's phase unless set
    alpha: float = 1.0
    beta: float = 1.0
    critic: float = 0.0  # weight of a projected critic of pictures, which is not augmented here
    noise: float = 0.0  # deviation of a map of noise beside the source
    full_size: bool = False  # a last layer of G reads the source, and its noise, again


def kl(posterior: Tensor) -> Tensor:
    """Sum over components."""
    mean, log_variance = posterior.chunk(2, 1)
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).flatten(1).sum(1).mean()


def eq_5(discriminator: Tensor, generator: Tensor) -> Tensor:
    (mean_d, log_d), (mean_g, log_g) = discriminator.chunk(2, 1), generator.chunk(2, 1)
    variance_d, variance_g = log_d.exp(), log_g.exp()
    log_ratio = 0.5 * (log_g - log_d)
    return (log_ratio + (variance_d + (mean_d - mean_g) ** 2) / (2 * variance_g) - 0.5).flatten(1).sum(1).mean()


class UUNetLoop:
    """Alternating, D first. The squared error has weight 100, the generator's KL .1.

    A linked half of the generator has an optimiser in each phase. With `shared_state` it has a single one, so that the
    momentum of each phase's losses enters the other phase's step.
    """

    def __init__(
        self, networks: Networks, optimiser: MakeOptimiser, choices: Choices, shared_state: bool = False
    ) -> None:
        self.n, self.choices = networks, choices
        has_linked = choices.links and choices.link_gradient
        linked = [
            *(["encoder"] if has_linked else []),
            *(["decoder"] if has_linked and "decoder" in choices.links else []),
        ]
        self.translating = {name: optimiser(networks[name].parameters()) for name in ("encoder", "decoder")}
        judging = ("discriminator", "critic") if choices.critic else ("discriminator",)
        self.discriminating = {name: optimiser(networks[name].parameters()) for name in (*judging, *linked)}
        if shared_state:
            self.discriminating |= {name: self.translating[name] for name in linked}

    def _draw(
        self, source: Tensor, noise: dict[str, Tensor], share: float
    ) -> tuple[Tensor, Tensor, list[tuple[Tensor, ...]]]:
        """(picture, posterior or code, the four groups of linked maps)."""
        c = self.choices
        read = torch.cat([source, c.noise * noise["noise"]], 1) if c.noise else source
        encoded = self.n["encoder"](read)
        code = encoded[-1]
        if c.variational:
            mean, log_variance = code.chunk(2, 1)
            code = mean + (0.5 * log_variance).exp() * noise["epsilon"]
        decoded = self.n["decoder"](encoded, code, *([read] if c.full_size else []))

        def linked(kind: str, maps: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            return tuple(m.detach() + share * (m - m.detach()) for m in maps) if kind in c.links else ()

        groups = [
            linked("encoder", encoded[:-1]),
            linked("code", (code,)),
            linked("decoder", decoded[:-1]),
            linked("triple", encoded[:-1][::-1]),
        ]
        return decoded[-1], encoded[-1], groups

    def _judge(self, picture: Tensor, source: Tensor, groups: Any, noise: Tensor | None) -> tuple[Tensor, ...]:
        if not self.choices.u_shaped:
            return (self.n["discriminator"](picture, source),)
        judged: tuple[Tensor, ...] = self.n["discriminator"](picture, source, groups, noise)
        return judged

    def _clear(self) -> None:
        for network in self.n.values():
            network.zero_grad()

    def train(self, image: Tensor, source: Tensor, noise: dict[str, Tensor]) -> None:
        c = self.choices
        at_real = noise["judge_noise"] if c.discriminator_kl is not None else None
        at_fake = noise["judge_noise_fake"] if c.discriminator_kl is not None else None

        self._clear()
        picture, posterior, groups = self._draw(source, noise, c.link_gradient)
        real = self._judge(image, source, groups, at_real)
        fake = self._judge(picture.detach(), source, groups, at_fake)
        loss = F.softplus(-real[0]).mean() + F.softplus(fake[0]).mean()
        if c.discriminator_kl:
            loss = loss + c.discriminator_kl * (c.alpha * kl(real[1]) + c.beta * kl(fake[1])) / (c.alpha + c.beta)
        if c.cross_kl:
            both = c.alpha * eq_5(real[1], posterior) + c.beta * eq_5(fake[1], posterior)
            loss = loss + c.cross_kl * both / (c.alpha + c.beta)
        if c.critic:
            by_critic = self.n["critic"](image, source), self.n["critic"](picture.detach(), source)
            loss = loss + F.relu(1 - by_critic[0]).mean() + F.relu(1 + by_critic[1]).mean()
        loss.backward()
        for optimiser in self.discriminating.values():
            optimiser.step()

        self._clear()
        share = c.link_gradient if c.translate_link_gradient is None else c.translate_link_gradient
        picture, posterior, groups = self._draw(source, noise, share)
        fake = self._judge(picture, source, groups, at_fake)
        loss = 100 * (picture - image).square().mean() + F.softplus(-fake[0]).mean()
        if c.variational:
            loss = loss + 0.1 * kl(posterior)
        if c.critic:
            loss = loss - c.critic * self.n["critic"](picture, source).mean()
        loss.backward()
        for optimiser in self.translating.values():
            optimiser.step()
