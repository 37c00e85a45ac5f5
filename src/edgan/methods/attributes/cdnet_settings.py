"""CDNet's settings and presets.

`paper` is the paper's faces and `paper-digits` its digits, with what only the released code shows: half of each squared
error, log(p + 1e-3), the rule that the side ahead waits, RMSProp with decays; digits in [0, 1] with a sigmoid.
`network.last_side` sets the side of the last map: with three halvings at every size, `paper` has 238 million parameters
at 64 px and 855 million at 128 px.

`small` and `small-digits` are for two CPU cores: narrower networks, Adam at a higher rate, a short warm-up, the
non-saturating game, and a z with mean 0 and variance 1. Without the last, Enc_z can lower the decorrelation by
shrinking z, which a few thousand steps do not turn into independence. They use dCov, and XCov where it is chosen,
without its bias. In Eq. 1 the bias is most of the value for batches this small; against a z of fixed variance it makes
heavy tails, and the held-out reconstruction jumps by decibels from one evaluation to the next.

`quick`, the default, is for pictures in minutes: a projected discriminator with the hinge, whose
pretrained maps are the h of Eq. 5, absolute errors of pixels, resize-convolutions and averaged weights. D judges
reconstructions, as in the paper; with edited pictures (`cdnet_edits`) in their place, everything was soft.
docs/reproduction/notes-pictures-editors.md says what was tried.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from edgan.methods.attributes.cdnet_edits import EditSettings
from edgan.methods.common.adversarial_game import GameSettings
from edgan.methods.common.cdnet_networks import (
    QUICK_NETWORK,
    QUICK_TRAINING,
    DiscriminatorSettings,
    NetworkSettings,
)
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class DecorrelationSettings(Strict):
    """What makes z independent of the soft target."""

    kind: Literal["dcov", "xcov", "none"] = Field("dcov", description="CDNet-dCov, CDNet-XCov, or neither (M3)")
    unbiased: bool = Field(
        False, description="dcov or xcov without its bias, which is large for a long z and a small batch"
    )
    weight: float = Field(0.05, gt=0, description="lambda_dcorr, reached linearly")
    over: int = Field(50_000, ge=1, description="steps until it is reached")


class Settings(Strict):
    """Settings of CDNet."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    game: GameSettings = GameSettings()
    decorrelation: DecorrelationSettings = DecorrelationSettings()
    edits: EditSettings = EditSettings()
    classifier_steps: int = Field(6_400, ge=1, description="of Enc_y alone, before the rest; they count as steps")
    pixel_weight: float = Field(1.0, ge=0, description="of L_pix (Eq. 6); 0 is the ablation M2")
    pixel_loss: Literal["l2", "l1"] = Field("l2", description="of Eq. 4, or the absolute error")
    feature_weight: float = Field(1.0, ge=0, description="lambda_rec (Eq. 6); 0 is the ablation M1")
    adversarial_weight: float = Field(0.01, ge=0, description="lambda_adv (Algorithm 1)")


_RMSPROP = partial(OptimiserSettings, name="rmsprop", beta2=0.9, decay=0.75)
_ADAM = partial(OptimiserSettings, name="adam", lr=1e-3, beta1=0.5)
_SLOW_D = {"discriminator": OptimiserSettings(lr=2e-4)}
_SMALL_D = DiscriminatorSettings(stem=8, width=16, max_width=64, hidden=64, dropout=0.2)
_SMALL_NETWORK = partial(NetworkSettings, width=32, latent_norm="batch", dropout=0.1)
_NON_SATURATING = GameSettings(form="non-saturating")

PRESETS = {
    "paper": Preset(
        TrainingSettings(
            crop="celeba-148",
            steps=156_400,
            batch=128,
            optimiser=_RMSPROP(lr=5e-5, decay_at=(10_000, 20_000, 30_000, 50_000, 100_000, 130_000)),
            optimisers={"attribute_encoder": OptimiserSettings(lr=1e-4, decay_at=())},
        ),
        Settings(),
    ),
    "paper-digits": Preset(
        TrainingSettings(
            size=28,
            steps=150_000,
            batch=100,
            optimiser=_RMSPROP(lr=1e-4, decay_at=(10_000, 20_000, 30_000, 50_000, 70_000, 100_000)),
            optimisers={"attribute_encoder": OptimiserSettings(decay_at=(10_000, 20_000))},
        ),
        Settings(
            network=NetworkSettings(width=32, hidden=(1000,), latent=10, pixel_range="unit"),
            discriminator=DiscriminatorSettings(width=64, hidden=128),
            decorrelation=DecorrelationSettings(weight=1.0),
            classifier_steps=25_000,
        ),
    ),
    "quick": Preset(
        QUICK_TRAINING,
        Settings(
            network=QUICK_NETWORK.model_copy(update={"latent_norm": "batch"}),
            discriminator=DiscriminatorSettings(kind="projected"),
            game=GameSettings(form="hinge"),
            decorrelation=DecorrelationSettings(weight=0.5, over=300, unbiased=True),
            classifier_steps=400,
            pixel_loss="l1",
            pixel_weight=2.0,
            feature_weight=0.05,
            adversarial_weight=0.02,
        ),
    ),
    "small": Preset(
        TrainingSettings(batch=64, optimiser=_ADAM(), optimisers=_SLOW_D),
        Settings(
            network=_SMALL_NETWORK(hidden=(512,), latent=128),
            discriminator=_SMALL_D,
            game=_NON_SATURATING,
            decorrelation=DecorrelationSettings(weight=0.5, over=300, unbiased=True),
            classifier_steps=400,
        ),
    ),
    "small-digits": Preset(
        TrainingSettings(
            size=28, steps=3000, batch=100, optimiser=_ADAM(decay=0.5, decay_at=(1500, 2200)), optimisers=_SLOW_D
        ),
        Settings(
            network=_SMALL_NETWORK(hidden=(256,), latent=10),
            discriminator=_SMALL_D,
            game=_NON_SATURATING,
            decorrelation=DecorrelationSettings(weight=2.0, over=300, unbiased=True),
            classifier_steps=300,
        ),
    ),
}
