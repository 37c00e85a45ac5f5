"""AE-XCov's settings and presets."""

from __future__ import annotations

from functools import partial

from pydantic import Field

from edgan.methods.common.cdnet_networks import NetworkSettings
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class Settings(Strict):
    """Settings of AE-XCov."""

    network: NetworkSettings = NetworkSettings()
    decorrelation_weight: float = Field(1.0, ge=0, description="of XCov (5 for the paper's digits)")
    unbiased: bool = Field(False, description="XCov without its bias, as CDNet's decorrelation.unbiased")


_RMSPROP = partial(OptimiserSettings, name="rmsprop", lr=1e-4, beta2=0.9, decay=0.75)
_ADAM = OptimiserSettings(name="adam", lr=1e-3, beta1=0.5)

PRESETS = {
    "paper": Preset(
        TrainingSettings(crop="celeba-148", batch=128, optimiser=_RMSPROP(decay_at=(10_000, 20_000))), Settings()
    ),
    "paper-digits": Preset(
        TrainingSettings(size=28, batch=100, optimiser=_RMSPROP()),
        Settings(
            network=NetworkSettings(width=32, hidden=(1000,), latent=10, dropout=0.25, pixel_range="unit"),
            decorrelation_weight=5.0,
        ),
    ),
    "small": Preset(
        TrainingSettings(batch=64, optimiser=_ADAM),
        Settings(network=NetworkSettings(width=32, hidden=(512,), latent=128, dropout=0.1), unbiased=True),
    ),
    "small-digits": Preset(
        TrainingSettings(size=28, batch=100, optimiser=_ADAM),
        Settings(
            network=NetworkSettings(width=32, hidden=(256,), latent=10, dropout=0.1),
            decorrelation_weight=5.0,
            unbiased=True,
        ),
    ),
}
