"""The perceptual loss on a projected discriminator's pretrained maps: taps and term."""

from __future__ import annotations

from edgan.losses import perceptual
from edgan.routing import Tap, Term


def pretrained_maps(image: str, name: str, network: str = "discriminator") -> Tap:
    """A tap with the pretrained maps of a picture, which never change; `judge` of the network reads them too.

    Args:
        image: the picture's tap or batch field.
        name: the new tap's.
        network: a projected discriminator.
    """
    return Tap(name, (image,), network=network, method="pretrained_maps")


def perceptual_term(name: str, image: str, maps: str, targets: str, source: str) -> Term:
    """The perceptual loss between two taps of pretrained maps.

    Args:
        name: of the row.
        image: the predicted picture, for the label.
        maps: the tap with its maps.
        targets: the tap with the target's maps.
        source: the page's equation.
    """
    return Term(name, perceptual, (maps, targets), f"L1(pretrained({image}))", source)
