"""A game whose discriminator also gives features: the paper's networks of CDNet and its rivals, or a projected one.

The paper's D gives its last convolution as features h. Those of a projected D are the pretrained maps that its heads
read. They never change, and each is compared relative to its own size (`edgan.losses.perceptual`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgan.losses import l2
from edgan.methods.base import Shape
from edgan.methods.common.cdnet_networks import DiscriminatorSettings, features_of, logits_of
from edgan.methods.common.image_discriminator import seen_taps
from edgan.methods.common.perceptual import perceptual_term, pretrained_maps
from edgan.routing import Tap, Term


def judged(
    settings: DiscriminatorSettings,
    shape: Shape,
    pictures: Mapping[str, str],
    condition: Mapping[str, str] | None = None,
    features: Mapping[str, str] | None = None,
) -> tuple[Tap, ...]:
    """`d_KIND`, D's logits of each picture, and `h_KIND`, features.

    D may see augmented pictures. Features are always those of the pictures themselves.

    Args:
        settings: which discriminator, and whether it sees augmented pictures.
        shape: of the data.
        pictures: kind -> tap of the pictures that D judges: {"real": "image", "fake": "output"}.
        condition: kind -> tap of the attributes that D reads with it; None for an unconditional D.
        features: kind -> tap of the pictures whose features a term reads.
    """
    conditions = {kind: () if condition is None else (condition[kind],) for kind in pictures}
    changed, seen = seen_taps(settings, shape, pictures)
    taps = _projected if settings.kind == "projected" else _of_paper
    return (*changed, *taps(seen, conditions, features or {}))


def feature_term(settings: DiscriminatorSettings, source: str) -> Term:
    """The feature loss between `h_fake` and `h_real`."""
    if settings.kind == "projected":
        return perceptual_term("features", "output", "h_fake", "h_real", source)
    return Term("features", l2, ("h_fake", "h_real"), "L2(h(output), h(image))", source)


def _of_paper(
    pictures: Mapping[str, str], conditions: Mapping[str, tuple[str, ...]], features: Mapping[str, str]
) -> Iterator[Tap]:
    for kind, picture in pictures.items():
        yield Tap(f"judged_{kind}", (picture, *conditions[kind]), network="discriminator")
        yield Tap(f"d_{kind}", (f"judged_{kind}",), function=logits_of)
    for kind, picture in features.items():
        compared = f"judged_{kind}"
        if pictures[kind] != picture:
            compared = f"compared_{kind}"
            yield Tap(compared, (picture, *conditions[kind]), network="discriminator")
        yield Tap(f"h_{kind}", (compared,), function=features_of)


def _projected(
    pictures: Mapping[str, str], conditions: Mapping[str, tuple[str, ...]], features: Mapping[str, str]
) -> Iterator[Tap]:
    for kind, picture in features.items():
        yield pretrained_maps(picture, f"h_{kind}")
    for kind, picture in pictures.items():
        maps = f"h_{kind}" if features.get(kind) == picture else f"maps_{kind}"
        if features.get(kind) != picture:
            yield pretrained_maps(picture, maps)
        yield Tap(f"d_{kind}", (maps, *conditions[kind]), network="discriminator", method="judge")
