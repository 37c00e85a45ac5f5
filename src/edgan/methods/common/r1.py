"""R1, the gradient penalty on a discriminator at real images (Mescheder et al. 2018), evaluated every few steps."""

from __future__ import annotations

from pydantic import Field

from edgan.losses import r1_penalty
from edgan.methods.common.identity import identity
from edgan.routing import Row, Tap, Term, row
from edgan.settings import Strict


class R1Settings(Strict):
    """R1 on the discriminator at real images (Mescheder et al. 2018). No paper here has it; 0 leaves the row out."""

    weight: float = Field(0.0, ge=0)
    every: int = Field(16, ge=1, description="steps between two evaluations; the weight is scaled up to match")


def lazy_r1(settings: R1Settings, conditions: tuple[str, ...] = ()) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """The R1 row of a discriminator of images and the two taps it reads; both empty where the weight is 0.

    Args:
        settings: weight and how often.
        conditions: what the discriminator reads after the image.
    """
    if settings.weight == 0:
        return (), ()
    taps = (
        Tap("real_point", ("image",), function=identity, leaf=True, float32=True),
        Tap("d_real_point", ("real_point", *conditions), network="discriminator", float32=True),
    )
    return taps, (r1_row(settings),)


def r1_row(settings: R1Settings) -> Row:
    """R1 of D's output "d_real_point" with respect to "real_point"."""
    term = Term(
        "penalty",
        r1_penalty,
        ("real_point", "d_real_point"),
        "R1(image)",
        "Mescheder 2018",
        every=settings.every,
        differentiates=True,
    )
    return row(term, discriminator=settings.weight)
