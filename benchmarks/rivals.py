"""What an edgan step is compared with: a pass for each network, and loops written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.losses import distance_covariance, fake_nll, l2, minimax, real_nll
from edgan.routing import Column, Executor, Pass, Plan, Route, Term
from edgan.training.loop import Trainer
from edgan.training.optimisers import make_optimiser

Step = Callable[[], None]
Networks = Mapping[str, Any]
Learn = Callable[[Mapping[tuple[str, ...], Tensor]], None]
Score = Callable[[Tensor], Tensor]
FLOOR = 1e-3
CRITIC_STEPS, SLOPE_WEIGHT = 5, 10.0


@dataclass(frozen=True)
class Drawn:
    """One batch of a step.

    Attributes:
        fields: of the data.
        noise: by the name of the tap that draws it.
    """

    fields: Mapping[str, Tensor]
    noise: Callable[[str], Tensor]

    @property
    def image(self) -> Tensor:
        """(N, C, H, W)."""
        return self.fields["image"]


Draw = Callable[[int], Drawn]


class PlanOfPassesApart(Plan):
    """The plan with a forward and a backward of its own for every network that steps, as released code often has it.

    Nothing is taken over from one pass to the next, and no two networks share a backward. Each pass still computes only
    the gradients of its own network. In a simultaneous stage a later network then sees the weights that earlier ones
    have stepped: the time is compared, not the training.
    """

    def passes(self, stage: int, step: int = 0) -> tuple[Pass, ...]:
        """The passes of a step of a stage."""
        apart = []
        for shared in super().passes(stage, step):
            fresh = shared.fresh
            for phase in (phase for phase in self.stages[stage].phases if phase.name in shared.phases):
                for network in phase.networks:
                    cells = self._cells(shared, network)
                    if cells:
                        column = Column((network,), cells)
                        needed = self.needed(name for term, _ in cells for name in term.taps)
                        apart.append(Pass((phase.name,), (column,), frozenset({network}), frozenset(), needed, fresh))
                        fresh = False
        return tuple(apart)

    def _cells(self, shared: Pass, network: str) -> tuple[tuple[Term, Route], ...]:
        own = {term for term, _ in self.table.column(network)}
        columns = [column for column in shared.columns if network in column.networks]
        return tuple(cell for column in columns for cell in column.cells if cell[0] in own)


def passes_apart(plan: Plan) -> PlanOfPassesApart:
    """The plan, each network by itself; every phase steps, since its condition reads losses of other passes."""
    stages = tuple(
        replace(stage, phases=tuple(replace(phase, condition=None) for phase in stage.phases)) for stage in plan.stages
    )
    return PlanOfPassesApart(plan.table, plan.taps, stages, plan.cuts, plan.fixed_layers)


def with_passes_apart(training: Trainer) -> Trainer:
    """The training, changed in place to run `passes_apart`."""
    training.executor = Executor(
        passes_apart(training.method.plan), training.networks, training.state.optimisers, source=training.feed.source()
    )
    return training


def plain_loop(training: Trainer) -> Step | None:
    """A step of the method as a careful person writes it in plain PyTorch; None where this file has none.

    Batches, noise and networks are those of the training. Each network has an optimiser of its own with the training's
    settings.
    """
    if not training.configuration.preset.startswith("paper"):
        return None
    step = BY_HAND.get(training.configuration.method)
    if step is None:
        return None
    networks = training.networks
    optimisers = {
        name: make_optimiser(training.configuration.optimiser_of(name, phase.name), list(networks[name].parameters()))
        for phase in training.method.plan.stages[-1].phases
        for name in phase.networks
    }
    for network in networks.values():
        network.requires_grad_(True).train()

    def learn(losses: Mapping[tuple[str, ...], Tensor]) -> None:
        for names, loss in losses.items():
            parameters = [p for name in names for p in networks[name].parameters()]
            found = torch.autograd.grad(loss, parameters, retain_graph=len(losses) > 1)
            for parameter, gradient in zip(parameters, found, strict=True):
                parameter.grad = gradient
        for name in (name for names in losses for name in names):
            optimisers[name].step()
            optimisers[name].zero_grad(set_to_none=True)

    kinds = {tap.name: tap.noise for tap in training.method.plan.taps if tap.noise is not None}

    def draw(which: int) -> Drawn:
        inputs = training.feed.inputs(training.step, which)
        return Drawn(inputs.fields, lambda name: inputs.noise(name, *kinds[name]))

    return lambda: step(networks, learn, draw)


def _gan(n: Networks, learn: Learn, draw: Draw, real: Score, fake: Score) -> None:
    batch, d = draw(0), n["discriminator"]
    drawn = n["generator"](_sampled(batch))
    learn({("discriminator",): real(d(batch.image)) + fake(d(drawn.detach()))})
    learn({("generator",): real(d(drawn))})


def _sampled(batch: Drawn) -> Tensor:
    return 2 * batch.noise("z_unit") - 1


def _real(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()


def _fake(logits: Tensor) -> Tensor:
    return F.softplus(logits).mean()


def _dcgan(n: Networks, learn: Learn, draw: Draw) -> None:
    _gan(n, learn, draw, _real, _fake)


def _lsgan(n: Networks, learn: Learn, draw: Draw) -> None:
    _gan(n, learn, draw, lambda d: ((d - 1) ** 2).mean() / 2, lambda d: (d**2).mean() / 2)


def _wgan_gp(n: Networks, learn: Learn, draw: Draw) -> None:
    d, fake = n["discriminator"], Tensor()
    for which in range(CRITIC_STEPS):
        batch = draw(which)
        fake = n["generator"](_sampled(batch))
        at = batch.noise("position")
        point = (at * batch.image + (1 - at) * fake.detach()).requires_grad_()
        (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
        penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        learn({("discriminator",): d(fake.detach()).mean() - d(batch.image).mean() + SLOPE_WEIGHT * penalty})
    learn({("generator",): -d(fake).mean()})


def _vae(n: Networks, learn: Learn, draw: Draw) -> None:
    batch = draw(0)
    mean, log_variance = n["encoder"](batch.image).chunk(2, 1)
    log_variance = log_variance.clamp(-10, 10)
    base = n["generator"](mean + (log_variance / 2).exp() * batch.noise("epsilon"))
    prior = (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
    learn({("encoder", "generator"): F.mse_loss(base, batch.image) + prior * 2 / batch.image[0].numel()})


def _pix2pix(n: Networks, learn: Learn, draw: Draw) -> None:
    batch, d = draw(0), n["discriminator"]
    source = batch.fields["source"]
    output = n["unet"](source, batch.noise("dropout"))
    learn({("discriminator",): _real(d(batch.image, source)) + _fake(d(output.detach(), source))})
    learn({("unet",): 100 * (output - batch.image).abs().mean() + _real(d(output, source))})


def _ed_slash_gan(n: Networks, learn: Learn, draw: Draw) -> None:
    image, d = draw(0).image, n["discriminator"]
    z = n["encoder"](image)
    base = n["decoder"](z)
    output = base.detach() + n["generator"](z.detach())
    learn({("discriminator",): _real(d(image)) + _fake(d(output.detach()))})
    learn({("encoder", "decoder", "generator"): (base - image).abs().mean() + _real(d(output))})


def _cdnet(n: Networks, learn: Learn, draw: Draw) -> None:
    """The second stage of Algorithm 1 from one forward; without the rule by which a side waits."""
    image = draw(0).image
    with torch.no_grad():
        y = n["attribute_encoder"].eval()(image).sigmoid()
    z = n["encoder"](image)
    fake = n["decoder"](z, y)
    (h_real, real), (h_fake, judged) = n["discriminator"](image), n["discriminator"](fake)
    copy = (l2(fake, image) + l2(h_fake, h_real)).mean()
    learn(
        {
            ("encoder",): copy + 0.05 * distance_covariance(y, z),
            ("decoder",): copy + 0.01 * minimax(judged, FLOOR).mean(),
            ("discriminator",): (real_nll(real, FLOOR) + fake_nll(judged, FLOOR)).mean(),
        }
    )


BY_HAND: Mapping[str, Callable[[Networks, Learn, Draw], None]] = {
    "dcgan": _dcgan,
    "lsgan": _lsgan,
    "wgan-gp": _wgan_gp,
    "vae": _vae,
    "pix2pix": _pix2pix,
    "ed-slash-gan": _ed_slash_gan,
    "cdnet": _cdnet,
}
"""At the preset `paper`, with its weights."""
