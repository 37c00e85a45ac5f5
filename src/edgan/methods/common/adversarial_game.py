"""The adversarial game of CDNet and VAE/GAN in four forms, and the rule by which the side ahead waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from pydantic import Field
from torch import Tensor

from edgan.errors import UsageError
from edgan.losses import (
    critic_score,
    fake_nll,
    hinge_real,
    interpolate,
    minimax,
    non_saturating,
    real_nll,
    wgan_gp_penalty,
)
from edgan.methods.common.cdnet_networks import DiscriminatorSettings, logits_of
from edgan.routing import Balance, Row, StepCondition, Tap, Term, row
from edgan.settings import Strict

FLOOR = 1e-3
"""Of every probability whose logarithm is taken, in CDNet's released code."""


class GameSettings(Strict):
    """The adversarial game."""

    form: Literal["minimax", "non-saturating", "wasserstein", "hinge"] = Field(
        "minimax",
        description="minimax: Eq. 7 with the released code's log(p + 1e-3); wasserstein: WGAN-GP, needs norm=instance; "
        "hinge: for discriminator.kind=projected",
    )
    equilibrium: bool = Field(True, description="the side that is ahead waits, as in the released code")


@dataclass(frozen=True)
class GameLoss:
    """A loss of the game.

    Attributes:
        loss: a function of D's logits (N, ...) to values (N,).
        label: how a table prints it, with {} for the judged image.
        source: the form's own source; None: the page's equation.
    """

    loss: Callable[[Tensor], Tensor]
    label: str
    source: str | None = None

    def term(self, name: str, logits: str, image: str, source: str) -> Term:
        """The loss as a term.

        Args:
            name: the term's.
            logits: the tap that it reads.
            image: the tap whose image D judged, for the label.
            source: the page's equation.
        """
        return Term(name, self.loss, (logits,), self.label.format(image), self.source or source)


@dataclass(frozen=True)
class Game:
    """A form of the game.

    Attributes:
        real: D's loss at real images.
        fake: D's loss at generated images.
        adversarial: the loss of the network that drew them.
    """

    real: GameLoss
    fake: GameLoss
    adversarial: GameLoss


def critic_score_of_fakes(scores: Tensor) -> Tensor:
    """The critic's loss at fakes: its score there. (N, ...) -> (N,)."""
    return critic_score(-scores)


def hinge_of_fakes(logits: Tensor) -> Tensor:
    """D's side of the hinge loss at fakes: max(0, 1 + D). (N, ...) -> (N,)."""
    return hinge_real(-logits)


_GULRAJANI, _LIM = "WGAN-GP Eq. 3", "Lim 2017"
GAMES: Mapping[str, Game] = {
    "minimax": Game(
        real=GameLoss(partial(real_nll, floor=FLOOR), "BCE(D({}), 1)"),
        fake=GameLoss(partial(fake_nll, floor=FLOOR), "BCE(D({}), 0)"),
        adversarial=GameLoss(partial(minimax, floor=FLOOR), "minimax"),
    ),
    "non-saturating": Game(
        real=GameLoss(real_nll, "BCE(D({}), 1)"),
        fake=GameLoss(fake_nll, "BCE(D({}), 0)"),
        adversarial=GameLoss(non_saturating, "non-saturating"),
    ),
    "wasserstein": Game(
        real=GameLoss(critic_score, "-D({})", _GULRAJANI),
        fake=GameLoss(critic_score_of_fakes, "D({})", _GULRAJANI),
        adversarial=GameLoss(critic_score, "-D({})", _GULRAJANI),
    ),
    "hinge": Game(
        real=GameLoss(hinge_real, "hinge(D({}))", _LIM),
        fake=GameLoss(hinge_of_fakes, "hinge(-D({}))", _LIM),
        adversarial=GameLoss(critic_score, "-D({})", _LIM),
    ),
}


def slope_penalty(
    settings: GameSettings, discriminator: DiscriminatorSettings
) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """WGAN-GP's penalty on D between image and output, and the taps that it reads; nothing in the other forms.

    Args:
        settings: of the game.
        discriminator: D's settings.

    Raises:
        UsageError: D has batch norm, with which its output at an image depends on the whole batch, or is projected.
    """
    if settings.form != "wasserstein":
        return (), ()
    if discriminator.kind == "projected":
        raise UsageError(
            "game.form=wasserstein needs the paper's discriminator. Set discriminator.kind=paper, or game.form=hinge."
        )
    if discriminator.norm == "batch":
        raise UsageError(
            "WGAN-GP penalises D's slope at each image, and with batch norm D's output depends on the whole batch. "
            "Set discriminator.norm=instance together with game.form=wasserstein."
        )
    taps = (
        Tap("unit", noise=("uniform", (1, 1, 1))),
        Tap("point", ("image", "output", "unit"), function=interpolate, leaf=True, float32=True),
        Tap("judged_point", ("point",), network="discriminator", float32=True),
        Tap("d_point", ("judged_point",), function=logits_of, float32=True),
    )
    penalty = Term("penalty", wgan_gp_penalty, ("point", "d_point"), "GP", _GULRAJANI, differentiates=True)
    return taps, (row(penalty, discriminator=10.0),)


def waits_when_ahead(settings: GameSettings, side: Literal["discriminator", "generator"]) -> StepCondition | None:
    """VAE/GAN's equilibrium: a side of the game steps unless D's two losses show that it is ahead.

    None (it always steps) where the setting is off, and in the Wasserstein and hinge forms, whose losses are no
    logarithms of probabilities.
    """
    if not settings.equilibrium or settings.form in ("wasserstein", "hinge"):
        return None
    initial = "D" if side == "discriminator" else "G"
    return StepCondition(f"{initial} waits when ahead", ("discrimination_real", "discrimination_fake"), Balance(side))
