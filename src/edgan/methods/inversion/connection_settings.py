"""The connection network's settings and presets."""

from __future__ import annotations

from pydantic import Field

from edgan.methods.common.frozen_gan import InversionSettings
from edgan.methods.common.gan import PAPER_CROP
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, TrainingSettings


class Settings(InversionSettings):
    """Settings of the connection network."""

    hidden: int = Field(1024, ge=1, description="width of its hidden layers")
    layers: int = Field(1, ge=1, description="number of D's last layers that it reads; 1 in the paper")
    cycle: float = Field(0.0, ge=0, description="weight of the cycle loss, a squared error; 0 in the paper")


PRESETS = {
    "paper": Preset(
        TrainingSettings(crop=PAPER_CROP, batch=128, steps=100_000, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)),
        Settings(),
    ),
    "small": Preset(TrainingSettings(batch=128, optimiser=OptimiserSettings(lr=1e-3, beta1=0.9)), Settings()),
}
