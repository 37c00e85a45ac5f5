"""WGAN-GP: D is an unbounded critic whose gradient norm is held at 1 between real and fake.

Improved Training of Wasserstein GANs (Gulrajani et al.; NIPS 2017), Eq. 3 and Algorithm 1: five critic steps, each on
its own batch, for each step of G; penalty 10; Adam 1e-4 with betas (0.5, 0.9) as in the authors' CIFAR-10 code; no
batch norm in the critic, since the penalty is on each sample alone. On DCGAN's networks, as in Paper 3.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor

from edgan.losses import critic_loss, critic_score, interpolate, wgan_gp_penalty
from edgan.methods.base import Method, Shape
from edgan.methods.common import gan
from edgan.methods.page import Page, Preset
from edgan.routing import Phase, Plan, Table, Tap, Term, row
from edgan.settings import OptimiserSettings, TrainingSettings


class CriticSettings(gan.SelectableDiscriminatorSettings):
    """The critic: no norm, or one that works on each sample alone."""

    norm: gan.Norm = Field("none", description="normalisation in the critic; the penalty forbids batch norm")
    head_norm: Literal["none"] = Field("none", description="as above: projected heads cannot have batch norm either")
    steps: int = Field(5, ge=1, description="critic steps for each step of G, each on its own batch")
    penalty: float = Field(10.0, ge=0, description="lambda of Eq. 3")


class Settings(gan.SelectableGanSettings):
    """Those of every GAN, with a critic for D."""

    discriminator: CriticSettings = CriticSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    critic = settings.discriminator
    latent, z = gan.sampled_latent(settings.latent)
    taps = (
        *z,
        *gan.game_taps(settings, shape),
        Tap("position", noise=("uniform", (1, 1, 1))),
        Tap("point", ("image", "output", "position"), function=interpolate, leaf=True, float32=True),
        Tap("scores", ("point",), network="discriminator", float32=True),
        Tap("d_point", ("scores",), function=mean_score, float32=True),
    )
    penalty = Term("penalty", wgan_gp_penalty, ("point", "d_point"), "(|slope| - 1)^2", "Eq. 3", differentiates=True)
    rows = (
        row(Term("adversarial", critic_score, ("d_fake",), "-D(fake)", "Algorithm 1"), generator=1.0),
        row(Term("critic", critic_loss, ("d_real", "d_fake"), "D(fake) - D(real)", "Eq. 3"), discriminator=1.0),
        row(penalty, discriminator=critic.penalty),
    )
    criticise = Phase("criticise", ("discriminator",), repeat=critic.steps, fresh=True)
    networks = gan.generator_and_discriminator(settings, shape)
    plan = Plan(Table(tuple(networks), rows), taps, (gan.alternate(criticise),))
    return Method(plan, networks, latent, logits=False)


def mean_score(scores: Tensor) -> Tensor:
    """Scores (N,), or (N, places) of a projected critic, to (N,): the penalty is on the slope of the mean."""
    return scores if scores.dim() == 1 else scores.mean(1)


PAGE = Page(
    name="wgan-gp",
    summary="a critic with a penalty on its slope: the Wasserstein distance",
    paper="Gulrajani et al.: Improved Training of Wasserstein GANs (NIPS 2017)",
    settings=Settings,
    capabilities=("sample",),
    presets={
        "paper": Preset(
            TrainingSettings(
                crop=gan.PAPER_CROP, batch=128, optimiser=OptimiserSettings(lr=1e-4, beta1=0.5, beta2=0.9)
            ),
            Settings(),
        ),
        "quick": Preset(
            gan.QUICK_TRAINING,
            Settings(
                network=gan.QUICK_NETWORK,
                discriminator=CriticSettings(
                    kind="projected", augment="few", augment_colour=False, steps=1, penalty=1.0
                ),
                latent=gan.SMALL_LATENT,
            ),
        ),
        "small": Preset(
            TrainingSettings(batch=64, optimiser=OptimiserSettings(lr=3e-4, beta1=0.5, beta2=0.9)),
            Settings(network=gan.SMALL_NETWORK, discriminator=CriticSettings(steps=2), latent=gan.SMALL_LATENT),
        ),
    },
    build=build,
)
