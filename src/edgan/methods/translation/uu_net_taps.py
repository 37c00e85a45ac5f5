"""What UU-Net's networks compute: from the source to the output, and what its discriminators read."""

from __future__ import annotations

from functools import partial

from edgan.methods.base import Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import judged_taps
from edgan.methods.common.noisy_source import noisy_source
from edgan.methods.common.pair_discriminator import logits_of
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.translation.uu_net_networks import NetworkSettings, last_map, linked_maps
from edgan.methods.translation.uu_net_settings import CriticSettings, LinkGradientSettings
from edgan.methods.translation.uu_net_variants import Variant
from edgan.routing import Cut, Tap


def generator_taps(variant: Variant, net: NetworkSettings, place: tuple[int, ...], size: int) -> tuple[Tap, ...]:
    """From the source to the output; `place` is the shape of a code and `size` the side of a picture."""
    noise, read = noisy_source(net.noise, size)
    if variant.variational:
        code: tuple[Tap, ...] = (
            Tap("posterior", ("encoded",), function=last_map),
            Tap("mean", ("posterior",), function=posterior_mean),
            Tap("log_variance", ("posterior",), function=posterior_log_variance),
            Tap("epsilon", noise=("normal", place)),
            Tap("code", ("mean", "log_variance", "epsilon"), function=reparameterise),
        )
    else:
        code = (Tap("code", ("encoded",), function=last_map),)
    return (
        *noise,
        Tap("encoded", (read,), network="encoder"),
        *code,
        Tap("decoded", ("encoded", "code", *((read,) if net.full_size else ())), network="decoder"),
        Tap("base", ("decoded",), function=last_map),
        Tap("output", ("base",), function=identity),
    )


def judged_with(variant: Variant, noise: str) -> tuple[str, ...]:
    """What D reads after the picture: the source, the links, and the noise of its own code."""
    links = ("links",) if variant.u_shaped else ()
    return ("source", *links, *(() if variant.discriminator_kl is None else (noise,)))


def discriminator_taps(variant: Variant, place: tuple[int, ...]) -> tuple[Tap, ...]:
    """The links, and D's logits of the image and of the output."""
    maps = ("encoded", "code", "decoded") if variant.links else ()
    links = (Tap("links", maps, function=partial(linked_maps, variant.links)),) if variant.u_shaped else ()
    noise = ("judge_noise", "judge_noise_fake") if variant.discriminator_kl is not None else ()
    return (
        *links,
        *(Tap(name, noise=("normal", place)) for name in noise),
        Tap("judged_real", ("image", *judged_with(variant, "judge_noise")), network="discriminator"),
        Tap("judged_fake", ("output", *judged_with(variant, "judge_noise_fake")), network="discriminator"),
        Tap("d_real", ("judged_real",), function=logits_of),
        Tap("d_fake", ("judged_fake",), function=logits_of),
    )


def critic_taps(critic: CriticSettings, shape: Shape) -> tuple[Tap, ...]:
    """The critic's logits of pairs."""
    return judged_taps(critic, shape, source="source", network="critic", logits=("critic_real", "critic_fake"))


def link_cuts(share: LinkGradientSettings) -> tuple[Cut, ...]:
    """The cuts at the links: one for both phases where they let the same share through, otherwise one for each."""
    if share.discriminate == share.translate:
        return (Cut("links", "links", scale=share.discriminate),)
    return (
        Cut("links, discriminating", "links", scale=share.discriminate, phases=("discriminate",)),
        Cut("links, translating", "links", scale=share.translate, phases=("translate",)),
    )
