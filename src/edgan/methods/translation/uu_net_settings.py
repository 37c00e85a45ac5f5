"""UU-Net's settings and presets, and the variant that they name.

The default preset `quick` adds the critic, without which the pictures stay smeared. Its layer at full size, its noise
beside the source and group norm came together: before them every plain area had cross-hatch. No step has momentum.
In D's phase the linked halves follow D's gradient itself: they step by RMSProp with one second moment for the whole
network, whose steps are parallel to the gradient. Adam's are not, because it divides each element by a moment of its
own. Preset `paper` has the paper's Adam in both phases.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from edgan.errors import UsageError, near_miss
from edgan.methods.common.image_discriminator import ProjectedSettings
from edgan.methods.common.pair_discriminator import PatchSettings
from edgan.methods.common.r1 import R1Settings
from edgan.methods.page import Preset
from edgan.methods.translation.uu_net_networks import NetworkSettings
from edgan.methods.translation.uu_net_variants import VARIANTS, Variant
from edgan.settings import AugmentSettings, OptimiserSettings, Strict, TrainingSettings


class CodeSettings(Strict):
    """The variational codes."""

    size: int = Field(16, ge=1, description="channels at each place of the innermost scale")
    weight: float = Field(0.1, gt=0, description="of the generator's KL term")
    alpha: float = Field(1.0, ge=0, description="share of real pictures in D's KL terms (Eq. 6)")
    beta: float = Field(1.0, ge=0, description="share of fake ones")

    @model_validator(mode="after")
    def _some_share(self) -> CodeSettings:
        if self.alpha + self.beta == 0:
            raise ValueError("alpha and beta must not both be 0")
        return self


class LinkGradientSettings(Strict):
    """How much of the gradient at D's inputs flows back through the links into the generator, phase by phase."""

    discriminate: float = Field(1.0, ge=0, le=1, description="of D's own loss; at 0 its phase trains D alone")
    translate: float = Field(
        1.0, ge=0, le=1, description="of the adversarial loss; at 0 it reaches the generator by the picture alone"
    )


class CriticSettings(ProjectedSettings):
    """A second, projected discriminator, which is not the paper's: it judges pictures and reads none of G's maps."""

    kind: Literal["projected"] = "projected"
    weight: float = Field(0.0, ge=0, description="of its adversarial loss in the generator's columns; 0: no critic")


class Settings(Strict):
    """Settings of the family."""

    variant: str = Field("uuvae-gan-kl0.65", description=", ".join(VARIANTS))
    network: NetworkSettings = NetworkSettings()
    code: CodeSettings = CodeSettings()
    discriminator: PatchSettings = PatchSettings()
    penalty: R1Settings = R1Settings()
    reconstruction_weight: float = Field(100.0, gt=0, description="of the squared error (Eq. 4)")
    discriminator_kl: float | None = Field(
        None, ge=0, description="weight of D's KL, where it differs from the variant's"
    )
    tail: bool | None = Field(None, description="D's tail module, where it differs from the variant's")
    link_gradient: LinkGradientSettings = LinkGradientSettings()
    critic: CriticSettings = CriticSettings()

    @field_validator("link_gradient", mode="before")
    @classmethod
    def _both_phases(cls, value: Any) -> Any:
        """A number, as runs of an earlier version store it, holds in both phases."""
        return {"discriminate": value, "translate": value} if isinstance(value, int | float) else value


def variant_of(settings: Settings) -> Variant:
    """The variant, with what the settings change in it.

    Raises:
        UsageError: there is no such variant, or a KL weight for a discriminator without a variational code.
    """
    if settings.variant not in VARIANTS:
        raise UsageError(f"UU-Net has no variant {settings.variant!r}. {near_miss(settings.variant, VARIANTS)}")
    variant = VARIANTS[settings.variant]
    if settings.tail is not None:
        variant = replace(variant, tail=settings.tail)
    if settings.discriminator_kl is None:
        return variant
    if variant.discriminator_kl is None:
        raise UsageError(
            f"The discriminator of {settings.variant} has no variational code, so discriminator_kl cannot be set."
        )
    return replace(variant, discriminator_kl=settings.discriminator_kl)


_AUGMENT = AugmentSettings(enlarge=286 / 256, flip=True)
_QUICK = OptimiserSettings(lr=5e-4, beta1=0.0, beta2=0.99, linear_from=0.5)
_ALONG_THE_GRADIENT = OptimiserSettings(name="rmsprop-norm")
PRESETS = {
    "paper": Preset(
        TrainingSettings(batch=8, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5), augment=_AUGMENT), Settings()
    ),
    "quick": Preset(
        TrainingSettings(
            size=128,
            batch=4,
            steps=2000,
            ema=0.99,
            optimiser=_QUICK,
            optimisers=dict.fromkeys(("discriminate.encoder", "discriminate.decoder"), _ALONG_THE_GRADIENT),
            augment=_AUGMENT,
        ),
        Settings(
            network=NetworkSettings(width=32, max_width=128, pool=False, norm="group", noise=0.25, full_size=True),
            reconstruction_weight=10.0,
            critic=CriticSettings(weight=1.0, augment="few"),
        ),
    ),
    "small": Preset(
        TrainingSettings(batch=4, ema=0.998, optimiser=OptimiserSettings(lr=5e-4, beta1=0.5), augment=_AUGMENT),
        Settings(
            network=NetworkSettings(width=16, max_width=128, pool=False, upsample="bilinear"),
            discriminator=PatchSettings(width=24, max_width=96, init="he"),
        ),
    ),
}
