"""What GRIT's networks compute: from source, style and noise to base and residual, and what D sees of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor

from edgan.methods.base import Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import judged_taps
from edgan.methods.common.perceptual import pretrained_maps
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.decoupled import add
from edgan.methods.translation.grit_settings import Settings
from edgan.nets.grit import noise_shapes
from edgan.nets.high_pass import high_pass
from edgan.routing import Tap


def base_taps(settings: Settings) -> tuple[Tap, ...]:
    """From source, style and no noise to the base: in a drawn style, as in use, and in the target's own."""
    return (
        Tap("content", ("source",), network="content_encoder"),
        Tap("posterior", ("image",), network="style_encoder"),
        Tap("mean", ("posterior",), function=posterior_mean),
        Tap("log_variance", ("posterior",), function=posterior_log_variance),
        Tap("epsilon", noise=("normal", (settings.style.size,))),
        Tap("own_style", ("mean", "log_variance", "epsilon"), function=reparameterise),
        Tap("own_smooth", ("content", "own_style"), network="trunk"),
        Tap("own_base", ("own_smooth",), network="base_head"),
        Tap("style", noise=("normal", (settings.style.size,))),
        Tap("smooth", ("content", "style"), network="trunk"),
        Tap("base", ("smooth",), network="base_head"),
        Tap("posterior_of_base", ("base",), network="style_encoder"),
        Tap("style_of_base", ("posterior_of_base",), function=posterior_mean),
    )


def residual_taps(settings: Settings, shape: Shape) -> tuple[Tap, ...]:
    """From source, style and noise to the residual, and the output."""
    noise = tuple(Tap(f"noise_{side[1]}", noise=("normal", side)) for side in noise_shapes(shape.size))
    trunk = "residual_trunk" if settings.trunks == "apart" else "trunk"
    return (
        *noise,
        Tap("noisy", ("content", "style", *(tap.name for tap in noise)), network=trunk),
        Tap("full_residual", ("noisy",), network="residual_head"),
        Tap("residual", ("full_residual",), function=high_pass_of(settings, shape)),
        Tap("output", ("base", "residual"), function=add),
    )


def game_taps(settings: Settings, shape: Shape) -> tuple[Tap, ...]:
    """What D sees and says, and the maps that a perceptual loss compares: D's own, or the pretrained ones behind it."""
    filtered = high_pass_of(settings, shape)
    seen = ("image", "own_base", "output")
    if settings.discriminator.kind == "projected":
        maps: tuple[Tap, ...] = (
            pretrained_maps("image", "image_features"),
            pretrained_maps("own_base", "base_features"),
        )
    else:
        maps = tuple(
            Tap(name, (picture, "source"), network="discriminator", method="features")
            for name, picture in (("image_features", "seen_image"), ("base_features", "seen_own_base"))
        )
    return (
        *(Tap(f"seen_{picture}", (picture,), function=filtered) for picture in seen),
        *judged_taps(settings.discriminator, shape, real="seen_image", fake="seen_output", source="source"),
        *maps,
    )


def high_pass_of(settings: Settings, shape: Shape) -> Callable[[Tensor], Tensor]:
    """The filter on the residual and on what D sees: high frequencies alone, or everything."""
    if settings.objective != "grit" or settings.fine is None:
        return identity
    return partial(high_pass, deviation=settings.fine * shape.size)
