"""What CDNet and its rivals share: what the data tells, settings, taps, and the game."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.losses import (
    critic_score,
    interpolate,
    minimax,
    multiclass,
    multilabel,
    non_saturating,
    real_nll,
    wgan_gp_penalty,
)
from edgan.methods.base import Shape
from edgan.methods.common.identity import identity
from edgan.nets.cdnet import Decoder, Discriminator, Encoder, Judged
from edgan.routing import Balance, Row, StepCondition, Tap, Term, row
from edgan.settings import Integers, Strict

PAPER = "Song, Koyejo, Zhang: Toward a Controllable Disentanglement Network (IEEE T-Cybernetics 2022)"
FLOOR = 1e-3


class NetworkSettings(Strict):
    """Encoders and decoder; the decoder mirrors the encoder."""

    width: int = Field(64, ge=4, description="channels after the first convolution; they double at every halving")
    hidden: Integers = Field((4000, 2000), description="widths of the fully connected layers")
    latent: int = Field(1000, ge=1, description="length of z")
    latent_norm: Literal["none", "batch"] = Field("none", description="batch: z has mean 0 and variance 1")
    dropout: float = Field(0.5, ge=0, lt=1, description="in the encoders' fully connected layers")


class DiscriminatorSettings(Strict):
    """The discriminator. Its norm keeps no running statistics: real and fake go through it apart."""

    stem: int = Field(32, ge=1, description="channels of the first layer, at full size")
    width: int = Field(128, ge=4, description="channels after the first halving")
    max_width: int = Field(256, description="no layer is wider")
    hidden: int = Field(512, ge=1, description="width of the fully connected layer")
    dropout: float = Field(0.5, ge=0, lt=1)
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    patch: bool = Field(False, description="PatchGAN: a judgement for each patch")


class GameSettings(Strict):
    """The adversarial game."""

    form: Literal["minimax", "non-saturating", "wasserstein"] = Field(
        "minimax",
        description="minimax: Eq. 7 with the released code's log(p + 1e-3); wasserstein: WGAN-GP, norm=instance",
    )
    equilibrium: bool = Field(True, description="who is ahead waits for the other: the released code's equilibrium")


@dataclass(frozen=True)
class Targets:
    """What the data tells of an image, and how a network says it.

    Attributes:
        kind: "multilabel": attributes, each by itself (Case 2); "multiclass": one class out of many (Case 1).
        names: the attributes, or the classes.
    """

    kind: Literal["multilabel", "multiclass"]
    names: tuple[str, ...]

    @property
    def given(self) -> Tap:
        """`y_given (N, A)`: the data's own attributes, or its class as a one-hot vector."""
        if self.kind == "multilabel":
            return Tap("y_given", ("attributes",), function=identity)
        return Tap("y_given", ("label",), function=OneHot(len(self.names)))

    @property
    def soft(self) -> Tap:
        """`y (N, A)` in [0, 1], the soft target: a sigmoid or a softmax of `y_logits`."""
        return Tap("y", ("y_logits",), function=torch.sigmoid if self.kind == "multilabel" else softmax)

    @property
    def classification(self) -> Term:
        """The classification loss of `y_logits` (Section III-A1)."""
        if self.kind == "multilabel":
            loss, field, label = multilabel, "attributes", "BCE(y, attributes)"
        else:
            loss, field, label = multiclass, "label", "CE(y, label)"
        return Term("classification", loss, ("y_logits", field), label, "III-A1")


@dataclass(frozen=True)
class Part:
    """Columns `start` to `stop` of a vector."""

    start: int
    stop: int | None

    def __call__(self, vector: Tensor) -> Tensor:
        """(N, ...) -> (N, stop - start)."""
        return vector[:, self.start : self.stop]


def targets_of(method: str, shape: Shape) -> Targets:
    """Attributes where the data has any, else classes.

    Raises:
        UsageError: it has neither.
    """
    if shape.attributes:
        return Targets("multilabel", shape.attributes)
    if len(shape.classes) > 1:
        return Targets("multiclass", shape.classes)
    raise UsageError(
        f"{method} learns attributes or classes, and this data tells of none. Add a metadata.csv with a column for "
        "each attribute, or put the images of each class into a folder of its own (docs/data.md)."
    )


def encoder_builder(net: NetworkSettings, shape: Shape, outputs: int, normed: bool = False) -> Callable[[], nn.Module]:
    """A builder of Enc_y or Enc_z."""
    options: dict[str, Any] = {"width": net.width, "hidden": net.hidden, "dropout": net.dropout, "normed": normed}
    return lambda: Encoder(size=shape.size, channels=shape.channels, outputs=outputs, **options)


def decoder_builder(
    net: NetworkSettings, shape: Shape, targets: int, everywhere: bool = True, latent: int | None = None
) -> Callable[[], nn.Module]:
    """A builder of the decoder."""
    options: dict[str, Any] = {"width": net.width, "hidden": net.hidden, "latent": latent or net.latent}
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    return lambda: Decoder(**common, **options, targets=targets, everywhere=everywhere)


def discriminator_builder(settings: DiscriminatorSettings, shape: Shape, targets: int = 0) -> Callable[[], nn.Module]:
    """A builder of the discriminator, which is told the target where `targets` is its length."""
    return lambda: Discriminator(size=shape.size, channels=shape.channels, targets=targets, **dict(settings))


def judged_taps(name: str, image: str, *told: str) -> tuple[Tap, ...]:
    """`seen_NAME`, `h_NAME` and `d_NAME`: what D says of an image, its features and its logits."""
    return (
        Tap(f"seen_{name}", (image, *told), network="discriminator"),
        Tap(f"h_{name}", (f"seen_{name}",), function=features_of),
        Tap(f"d_{name}", (f"seen_{name}",), function=logits_of),
    )


@dataclass(frozen=True)
class Game:
    """The two sides of the game for a form: terms, taps, and the gates of the two phases.

    Attributes:
        rows: D's own rows.
        adversarial: the generator's term, on `d_fake`.
        taps: what the rows need beyond `d_real` and `d_fake`.
        discriminator_condition, generator_condition: of the phases, where the game has gates.
    """

    rows: tuple[Row, ...]
    adversarial: Term
    taps: tuple[Tap, ...] = ()
    discriminator_condition: StepCondition | None = None
    generator_condition: StepCondition | None = None


def game_of(settings: GameSettings, norm: str) -> Game:
    """The game that the settings name.

    Args:
        settings: form and gate.
        norm: of D.

    Raises:
        UsageError: a gradient penalty with a D that ties the samples of a batch together.
    """
    if settings.form == "wasserstein":
        return _wasserstein(norm)
    floored = settings.form == "minimax"
    real, fake = (Seen(True, FLOOR), Seen(False, FLOOR)) if floored else (Seen(True, 0.0), Seen(False, 0.0))
    terms = ("discrimination_real", "discrimination_fake")
    rows = (
        row(Term(terms[0], real, ("d_real",), "BCE(D(image), 1)", "Eq. 7"), discriminator=1.0),
        row(Term(terms[1], fake, ("d_fake",), "BCE(D(output), 0)", "Eq. 7"), discriminator=1.0),
    )
    loss, label = (floored_minimax, "minimax") if floored else (non_saturating, "non-saturating")
    adversarial = Term("adversarial", loss, ("d_fake",), label, "Eq. 7")
    if not settings.equilibrium:
        return Game(rows, adversarial)
    gates = [
        StepCondition(f"{who} waits when ahead", terms, Balance(of))
        for who, of in (("D", "discriminator"), ("G", "generator"))
    ]
    return Game(rows, adversarial, (), *gates)


def _wasserstein(norm: str) -> Game:
    if norm == "batch":
        raise UsageError(
            "WGAN-GP's penalty is on the slope at each image by itself, and batch norm ties a batch together. "
            "Set discriminator.norm=instance beside game.form=wasserstein."
        )
    taps = (
        Tap("unit", noise=("uniform", (1, 1, 1))),
        Tap("point", ("image", "output", "unit"), function=interpolate, leaf=True, float32=True),
        Tap("seen_point", ("point",), network="discriminator", float32=True),
        Tap("d_point", ("seen_point",), function=logits_of, float32=True),
    )
    penalty = Term("penalty", wgan_gp_penalty, ("point", "d_point"), "GP", "WGAN-GP Eq. 3", differentiates=True)
    rows = (
        row(Term("discrimination_real", critic_score, ("d_real",), "-D(image)", "WGAN-GP Eq. 3"), discriminator=1.0),
        row(Term("discrimination_fake", lifted, ("d_fake",), "D(output)", "WGAN-GP Eq. 3"), discriminator=1.0),
        row(penalty, discriminator=10.0),
    )
    return Game(rows, Term("adversarial", critic_score, ("d_fake",), "-D(output)", "WGAN-GP Eq. 3"), taps)


@dataclass(frozen=True)
class Seen:
    """D's loss at images of one kind: `real_nll` with the logits' sign that the kind asks for."""

    real: bool
    floor: float

    def __call__(self, logits: Tensor) -> Tensor:
        """(N, ...) -> (N,)."""
        return real_nll(logits if self.real else -logits, self.floor)


@dataclass(frozen=True)
class OneHot:
    """Classes as one-hot vectors: label (N,) -> (N, count), float32."""

    count: int

    def __call__(self, label: Tensor) -> Tensor:
        """The one-hot vectors."""
        return F.one_hot(label, self.count).float()


def floored_minimax(fake_logits: Tensor) -> Tensor:
    """log(1 - D(fake) + 1e-3): the released code's."""
    return minimax(fake_logits, FLOOR)


def lifted(logits: Tensor) -> Tensor:
    """What a critic pays at fakes: its value."""
    return critic_score(-logits)


def features_of(seen: Judged) -> Tensor:
    """D's last convolution before its norm: h of Eq. 5."""
    return seen.features


def logits_of(seen: Judged) -> Tensor:
    """D's logits."""
    return seen.logits


def softmax(logits: Tensor) -> Tensor:
    """(N, A) -> (N, A), each row a distribution."""
    return logits.softmax(1)
