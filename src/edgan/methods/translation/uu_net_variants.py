"""The members of the UU-Net family as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """A member of the family.

    Attributes:
        links: which of the generator's maps D takes over: "encoder", "code", "decoder", and "triple": the encoder's
            again, for D's decoder.
        skips: whether the generator's decoder sees its encoder's maps.
        variational: whether the generator's code is.
        discriminator_kl: weight of the KL of D's code; None: D's code is not variational.
        cross_kl: weight of L_CKL (Eq. 5).
        tail: whether D has the tail module.
        u_shaped: whether D is; otherwise it is Pix2Pix's.
    """

    links: tuple[str, ...] = ()
    skips: bool = True
    variational: bool = False
    discriminator_kl: float | None = None
    cross_kl: float = 0.0
    tail: bool = False
    u_shaped: bool = True

    @property
    def linked(self) -> tuple[str, ...]:
        """The halves of the generator that the links lead to; the decoder's maps depend on the encoder too."""
        return (*(("encoder",) if self.links else ()), *(("decoder",) if "decoder" in self.links else ()))


BOTH = ("encoder", "decoder")
VARIANTS: Mapping[str, Variant] = {
    "vae-gan": Variant(skips=False, variational=True, u_shaped=False),
    "unet-vae-gan": Variant(variational=True, u_shaped=False),
    "unlinked": Variant(),
    "v1": Variant(("encoder",)),
    "v2": Variant(("code",)),
    "v3": Variant(("decoder",)),
    "v4": Variant(BOTH),
    "uucnet": Variant(("encoder", "triple")),
    "uuvae-gan": Variant(BOTH, variational=True, discriminator_kl=0.0),
    "uuvae-gan-kl0.4": Variant(BOTH, variational=True, discriminator_kl=0.4),
    "uuvae-gan-kl0.65": Variant(BOTH, variational=True, discriminator_kl=0.65),
    "uuvae-gan-tail-kl": Variant(BOTH, variational=True, discriminator_kl=0.65, tail=True),
    "uuvae-gan-ckl": Variant(BOTH, variational=True, discriminator_kl=0.0, cross_kl=1.0),
    "uuvae-gan-kls": Variant(BOTH, variational=True, discriminator_kl=0.65, cross_kl=1.0),
}
