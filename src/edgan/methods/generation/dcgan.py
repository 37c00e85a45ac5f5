"""DCGAN: the original game with convolutions.

Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks (Radford, Metz, Chintala;
ICLR 2016); the first of the five GANs that Paper 3 inverts (Table 1).
"""

from __future__ import annotations

from edgan.losses import discrimination, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common.gan import PAPER, SMALL, GanSettings, gan
from edgan.methods.page import Page, Preset
from edgan.routing import Term, row


class Settings(GanSettings):
    """Every GAN's."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    rows = (
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Goodfellow 2014"), generator=1.0),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Goodfellow 2014"), discriminator=1.0),
    )
    return gan(settings, shape, rows)


PAGE = Page(
    name="dcgan",
    summary="G and D play the original game, with convolutions and batch norm",
    paper="Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional GANs (ICLR 2016)",
    settings=Settings,
    capabilities=("sample",),
    presets={name: Preset.parse(Settings, values) for name, values in {"paper": PAPER, "small": SMALL}.items()},
    build=build,
)
