"""The latent z of an encoder-decoder and the optional prior on its distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.losses import discrimination, kl_to_standard_normal, non_saturating
from edgan.methods.base import Latent
from edgan.methods.common.posterior import posterior_taps
from edgan.nets.latent import LatentDiscriminator
from edgan.routing import Row, Tap, Term, row
from edgan.settings import Strict


class LatentSettings(Strict):
    """The latent z and the loss on its distribution (Paper 1, end of Section 2.3.1)."""

    size: int = Field(50, ge=1)
    prior: Literal["none", "vae", "aae"] = Field("none", description="with one, a trained model can also sample")
    weight: float = Field(
        0.001, ge=0, description="of the prior's row in the encoder's column; at 0 it teaches nothing"
    )


@dataclass(frozen=True)
class LatentPrior:
    """From image to latent, under a prior.

    Attributes:
        latent: its length and prior.
        taps: from "image" to "z".
        rows: the losses of the prior.
        networks: builders of the networks that only the prior needs, by column.
    """

    latent: Latent
    taps: tuple[Tap, ...]
    rows: tuple[Row, ...] = ()
    networks: Mapping[str, Callable[[], nn.Module]] = field(default_factory=dict)


def latent_prior(settings: LatentSettings) -> LatentPrior:
    """From image to z under the chosen prior: none (Table 1), a VAE's, or an adversarial autoencoder's."""
    if settings.prior == "none":
        return LatentPrior(Latent(settings.size), (Tap("z", ("image",), network="encoder"),))
    if settings.prior == "vae":
        kl = Term("prior", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(z|image), N(0,I))", "Kingma 2014")
        latent = Latent(settings.size, code="mean", prior="normal" if settings.weight else None)
        return LatentPrior(latent, posterior_taps(settings.size), (row(kl, encoder=settings.weight),))
    taps = (
        Tap("z", ("image",), network="encoder"),
        Tap("unit", noise=("uniform", (settings.size,))),
        Tap("z_prior", ("unit",), function=symmetric_uniform),
        Tap("p_prior", ("z_prior",), network="prior_discriminator"),
        Tap("p_z", ("z",), network="prior_discriminator"),
    )
    rows = (
        row(Term("prior", non_saturating, ("p_z",), "non-saturating", "AAE"), encoder=settings.weight),
        row(Term("prior_discrimination", discrimination, ("p_prior", "p_z"), "BCE", "AAE"), prior_discriminator=1.0),
    )
    latent = Latent(settings.size, prior="symmetric-uniform" if settings.weight else None)
    return LatentPrior(latent, taps, rows, {"prior_discriminator": lambda: LatentDiscriminator(settings.size)})


def symmetric_uniform(unit: Tensor) -> Tensor:
    """U(0, 1) to U(-1, 1), the prior of CAAE and the range of Table 1's tanh."""
    return 2.0 * unit - 1.0
