"""ED//GAN's settings and presets.

The preset `paper` is the paper's Table 1 with the settings of the released code. Its transposed convolutions make the
output overshoot and print a checkerboard: in single probes on UTKFace at 64 px, small networks had 8 and 23 times the
real images' high-frequency energy after 400 and 300 steps. The preset `small` keeps the table and changes the networks:

- bilinear resize-convolutions in place of transposed ones, whose uneven overlap causes the checkerboard;
- the released code's two layers at full size, without which a resize-convolution draws nothing sharp;
- no norm in Enc and Dec, which the paper finds unnecessary here (Section 2.3.1), and Adam at 1e-3: the base is
  1 dB better after 350 steps;
- no norm in D, and a light R1 penalty every 16 steps, so that D does not outrun G;
- a residual that starts at 0, so that the first output is the base.

With `small`, inference uses the weights of the last step: averaged ones (`ema`) draw a smoother residual.

The default preset `quick` goes further: a projected discriminator (Sauer et al. 2021) with the hinge loss in place of
Eq. 7 and 8, DiffAugment by shifts alone on few images, averaged weights, rates that fall to 0, a z of 128, and no norm
in the generator, since batch norm tinted half of the validation faces of UTKFace. Its encoder-decoder learns alone for
three quarters of the steps. The generator begins as a copy of the decoder, without which it draws nearly the same
residual on all faces, and a feature loss of the output teaches it too, in its column alone.
"""

from __future__ import annotations

from pydantic import Field

from edgan.methods.common import ed_gan
from edgan.methods.common.other_run import LabelledOrigin
from edgan.methods.generator_training import FeatureTraining, GeneratorTraining
from edgan.methods.page import Preset


class Settings(FeatureTraining, GeneratorTraining, ed_gan.EncoderDecoderSettings):
    """Settings of ED//GAN: those of ED+GAN without its weight, and the generator's."""

    generator: ed_gan.GeneratorSettings = ed_gan.GeneratorSettings()
    encoder_decoder: LabelledOrigin | None = Field(
        None, description="the run whose encoder-decoder draws the base; its own unless set"
    )


PRESETS = {
    "paper": Preset(
        ed_gan.PAPER_TRAINING,
        Settings(network=ed_gan.PAPER_NETWORK, discriminator=ed_gan.PAPER_DISCRIMINATOR),
    ),
    "quick": Preset(
        ed_gan.QUICK_TRAINING,
        Settings(
            network=ed_gan.QUICK_NETWORK,
            generator=ed_gan.QUICK_GENERATOR,
            discriminator=ed_gan.QUICK_DISCRIMINATOR.model_copy(update={"augment_cutout": False}),
            latent=ed_gan.QUICK_LATENT,
            **ed_gan.QUICK_GENERATOR_TRAINING.model_dump(exclude_unset=True),
            feature_weight=ed_gan.QUICK_FEATURE_WEIGHT,
        ),
    ),
    "small": Preset(
        ed_gan.SMALL_TRAINING,
        Settings(
            network=ed_gan.SMALL_NETWORK,
            generator=ed_gan.GeneratorSettings(init="he", output_gain=0.0),
            discriminator=ed_gan.SMALL_DISCRIMINATOR,
            penalty=ed_gan.SMALL_PENALTY,
        ),
    ),
}
