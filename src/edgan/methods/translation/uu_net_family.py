"""The members of the UU-Net family as data, and the functions that their taps and terms are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from edgan.losses import kl_between, kl_to_standard_normal
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean
from edgan.nets.uu_net import Maps


@dataclass(frozen=True)
class Variant:
    """A member of the family.

    Attributes:
        links: which of the generator's maps D takes over: "encoder", "code", "decoder", and "triple": the encoder's
            beside D's decoder.
        skips: whether the generator's decoder sees its encoder's maps.
        variational: whether the generator's code is.
        judge_kl: weight of the KL of D's code; None: D's code is not variational.
        cross_kl: weight of L_CKL (Eq. 5).
        tail: whether D has the tail module.
        u_shaped: whether D is; otherwise it is Pix2Pix's.
    """

    links: tuple[str, ...] = ()
    skips: bool = True
    variational: bool = False
    judge_kl: float | None = None
    cross_kl: float = 0.0
    tail: bool = False
    u_shaped: bool = True


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
    "uuvae-gan": Variant(BOTH, variational=True, judge_kl=0.0),
    "uuvae-gan-kl0.4": Variant(BOTH, variational=True, judge_kl=0.4),
    "uuvae-gan-kl0.65": Variant(BOTH, variational=True, judge_kl=0.65),
    "uuvae-gan-tail-kl": Variant(BOTH, variational=True, judge_kl=0.65, tail=True),
    "uuvae-gan-ckl": Variant(BOTH, variational=True, judge_kl=0.0, cross_kl=1.0),
    "uuvae-gan-kls": Variant(BOTH, variational=True, judge_kl=0.65, cross_kl=1.0),
}


def innermost(maps: Maps) -> Tensor:
    """The last of a network's maps: an encoder's code or posterior, a decoder's picture."""
    return maps[-1]


def taken(kinds: tuple[str, ...], *maps: Any) -> tuple[Maps, Maps, Maps, Maps]:
    """What D takes over of (encoded, code, decoded): encoder maps, code, decoder maps, encoder maps innermost first."""
    if not kinds:
        return (), (), (), ()
    encoded, code, decoded = maps
    return (
        encoded[:-1] if "encoder" in kinds else (),
        (code,) if "code" in kinds else (),
        decoded[:-1] if "decoder" in kinds else (),
        encoded[-2::-1] if "triple" in kinds else (),
    )


def mean_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Eq. 3 with its sign turned, in nats a component: (N, Z, s, s) twice to (N,)."""
    return kl_to_standard_normal(mean, log_variance) / mean[0].numel()


def judge_kl(alpha: float, beta: float, real: Maps, fake: Maps) -> Tensor:
    """Eq. 6, in nats a component: the KL of D's code at real and at fake pictures, alpha to beta; (N,)."""
    parts = [mean_kl(posterior_mean(judged[1]), posterior_log_variance(judged[1])) for judged in (real, fake)]
    return (alpha * parts[0] + beta * parts[1]) / (alpha + beta)


def cross_kl(alpha: float, beta: float, real: Maps, fake: Maps, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Eq. 5, in nats a component: from D's posterior to G's, at real and fake pictures as alpha to beta; (N,)."""
    parts = [
        kl_between(posterior_mean(judged[1]), posterior_log_variance(judged[1]), mean, log_variance) / mean[0].numel()
        for judged in (real, fake)
    ]
    return (alpha * parts[0] + beta * parts[1]) / (alpha + beta)
