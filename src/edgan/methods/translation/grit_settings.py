"""GRIT's settings and presets.

What the text available to us leaves open is a setting:

- `base_gradient`: how much of the adversarial gradient passes through the sum into the base: the scale of a cut. 0, the
  default, takes "decoupled" literally; at 1 the base head also learns to fool D.
- `trunks=apart`: the residual has a trunk of its own, and the content encoder learns from L1 alone. Then no network
  feels both losses, and no weight between them matters. With one trunk (the default, since "our network generates the
  output as the composition of ...") the trunk and the content encoder feel both.
- `fine`: the residual keeps only what is finer than a Gaussian blur, and D sees only that of real and fake pictures.
  Fig. 1 calls the reconstruction the low frequencies and the residual the high ones; the text available to us has no
  filter, so this is our reading of it.

The preset `small` normalises its maps pixel by pixel and not over the picture, which is faster in tiles.

The default preset `quick` shows D the whole picture. D is a projected discriminator (Sauer et al. 2021) that reads the
source at each scale, with the hinge loss, and DiffAugment on few pairs. A distance of pretrained features beside L1
gives the base window panes and colours; the style counts for more, so that variants differ in colour.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.methods.common.pair_discriminator import PatchSettings
from edgan.methods.common.r1 import R1Settings
from edgan.methods.page import Preset
from edgan.methods.translation.grit_networks import DRAWS_BASE, NetworkSettings
from edgan.settings import AugmentSettings, OptimiserSettings, Strict, TrainingSettings

Objective = Literal["grit", "l1", "perceptual", "perceptual-gan"]


class StyleSettings(Strict):
    """The style latent."""

    size: int = Field(8, ge=1)
    weight: float = Field(0.1, gt=0, description="of the KL term that holds it to N(0, 1)")
    regression: float = Field(0.0, ge=0, description="of L1 between a drawn style and that which the base shows")


class Settings(Strict):
    """Settings of GRIT and of its comparators."""

    network: NetworkSettings = NetworkSettings()
    style: StyleSettings = StyleSettings()
    discriminator: PatchSettings = PatchSettings()
    penalty: R1Settings = R1Settings()
    objective: Objective = Field("grit", description="or one of its comparators (Fig. 3)")
    reconstruction_weight: float = Field(10.0, gt=0, description="of L1 on the base")
    perceptual_weight: float = Field(0.0, ge=0, description="of the distance between features, added to L1")
    base_gradient: float = Field(0.0, ge=0, le=1, description="share of the adversarial gradient that enters the base")
    fine: float | None = Field(
        None,
        gt=0,
        le=0.25,
        description="residual and D keep what a Gaussian blur removes; its deviation as a share of the training size",
    )
    trunks: Literal["shared", "apart"] = Field("shared", description="whether base and residual have a trunk each")


_AUGMENT = AugmentSettings(enlarge=286 / 256, flip=True)


_BY_PIXELS = OptimiserSettings(lr=1e-3, beta1=0.9, beta2=0.99, linear_from=0.5)
_BY_D = OptimiserSettings(lr=5e-4, beta1=0.0, beta2=0.99, linear_from=0.5)
_COUPLED_TRAINING = TrainingSettings(size=128, batch=4, steps=1500, ema=0.99, augment=_AUGMENT, optimiser=_BY_D)
_TRAINING = _COUPLED_TRAINING.model_copy(update={"optimisers": dict.fromkeys(DRAWS_BASE, _BY_PIXELS)})


def _quick(objective: Objective | None = None) -> Preset[Settings]:
    settings = Settings(
        network=NetworkSettings(width=16, max_width=128, residual_blocks=4, norm="instance"),
        trunks="apart",
        style=StyleSettings(weight=0.003, regression=1.0),
        perceptual_weight=3.0,
        discriminator=PatchSettings(kind="projected", augment="few"),
    )
    if objective is None:
        return Preset(_TRAINING, settings)
    # A comparator with a GAN has no network that pixels alone teach.
    training = _COUPLED_TRAINING if objective == "perceptual-gan" else _TRAINING
    return Preset(training, settings.model_copy(update={"objective": objective, "perceptual_weight": 0.0}))


_SMALL = Preset(
    TrainingSettings(
        batch=4,
        ema=0.998,
        augment=_AUGMENT,
        # Networks that the game alone teaches learn more slowly than those that L1 teaches.
        optimiser=OptimiserSettings(lr=2e-4, beta1=0.5, beta2=0.99),
        optimisers=dict.fromkeys(DRAWS_BASE, OptimiserSettings(lr=5e-4)),
    ),
    Settings(
        network=NetworkSettings(width=16, max_width=128, residual_blocks=2, norm="pixel"),
        trunks="apart",
        fine=0.025,
        style=StyleSettings(weight=0.01, regression=0.5),
        # With an instance norm D could not see how strong the contrasts of a picture are.
        discriminator=PatchSettings(layers=2, width=32, max_width=128, norm="none", init="he"),
        penalty=R1Settings(weight=0.02),
    ),
)

PRESETS = {
    "paper": Preset(
        TrainingSettings(
            batch=8,
            augment=_AUGMENT,
            optimiser=OptimiserSettings(lr=1e-3, beta1=0.0, beta2=0.99),
            optimisers={"style_encoder": OptimiserSettings(lr=1e-4)},
        ),
        Settings(),
    ),
    "quick": _quick(),
    "small": _SMALL,
    "l1": _quick("l1"),
    "perceptual": _quick("perceptual"),
    "perceptual-gan": _quick("perceptual-gan"),
}
