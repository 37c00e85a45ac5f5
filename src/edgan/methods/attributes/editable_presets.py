"""What the presets of Editable GAN and of the modified cGAN share.

The small ones are for two CPU cores: narrow networks, Adam, a weaker penalty at every fourth step, and a latent whose
deviation is 1 after a hundred steps. On CelebA at 32 px and with a penalty of weight 20, D did not separate real from
drawn pictures after 500 steps; with weight 1, and at twice the learning rate, it diverged.
"""

from __future__ import annotations

from edgan.methods.common.annealed_latent import AnnealedLatentSettings
from edgan.methods.common.editable_networks import NetworkSettings, StrongR1Settings
from edgan.settings import OptimiserSettings, TrainingSettings

SMALL_NETWORK = NetworkSettings(width=16, discriminator=12, connection=128, connection_groups=8)
SMALL_LATENT = AnnealedLatentSettings(size=32, narrow_from=0, narrow_over=100)
SMALL_PENALTY = StrongR1Settings(weight=4.0, every=4)


def released_training(**optimisers: OptimiserSettings) -> TrainingSettings:
    """The released code's training, with networks whose optimisers differ."""
    optimiser = OptimiserSettings(name="rmsprop", lr=1e-4, beta2=0.99)
    if not optimisers:
        return TrainingSettings(size=128, batch=64, steps=168_660, optimiser=optimiser)
    return TrainingSettings(size=128, batch=64, steps=168_660, optimiser=optimiser, optimisers=optimisers)


def small_training(**optimisers: OptimiserSettings) -> TrainingSettings:
    """The small training, with networks besides the connection network whose optimisers differ."""
    return TrainingSettings(
        batch=32,
        optimiser=OptimiserSettings(name="adam", lr=5e-4, beta1=0.0),
        optimisers={"connection": OptimiserSettings(lr=1e-3, beta1=0.9), **optimisers},
    )
