"""Freeze-D: with few images, the lower layers of a discriminator that another run has trained stay as they are.

Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs (Mo, Cho, Shin 2020; arXiv 2002.10964).
"""

from __future__ import annotations

import torch
from torch import nn

from edgan.methods import Method
from edgan.models.weight_transfer import Transfer
from edgan.nets.caller_state import seeded
from edgan.nets.projected_discriminator import ProjectedDiscriminator

FEW = 300
"""Training images below which layers are frozen."""
_COLUMN = "discriminator"


def frozen_layers(method: Method, taken: Transfer, images: int) -> tuple[tuple[str, ...], str]:
    """The layers of the discriminator to freeze, as the setting `frozen` names them, and a sentence that says so.

    Args:
        method: bound; its "discriminator" is what may be frozen in part.
        taken: the weights that it starts with. A layer of which they hold nothing is not frozen.
        images: number of training images.

    Returns:
        The lower half of the convolutions that it starts with, and the norms between them; none where the images are
        not few, the discriminator is new, or its lower layers are pretrained features, which never learn anyway.
    """
    part = taken.networks.get(_COLUMN)
    if images >= FEW or part is None or not method.plan.table.column(_COLUMN):
        return (), ""
    few = f"With {images} training images"
    if not part.taken:
        return (), f"{few}, lower layers of a discriminator would be frozen (Freeze-D), but this one is new."
    with seeded(0), torch.device("meta"):
        network = method.networks[_COLUMN]()
    if isinstance(network, ProjectedDiscriminator):
        return (), (
            f"{few}, the lower layers of the discriminator stay as they are (Freeze-D): they are pretrained features, "
            "which no training changes, and its heads learn."
        )
    lower = [layer for layer in _lower_half(network) if layer not in part.new_layers]
    if not lower:
        return (), f"{few}, lower layers of the discriminator would be frozen (Freeze-D), but they are new."
    return tuple(f"{_COLUMN}.{layer}" for layer in lower), (
        f"{few}, the lower layers of the discriminator stay as they are (Freeze-D): {', '.join(lower)}. To train all, "
        "set frozen=none."
    )


def _lower_half(network: nn.Module) -> list[str]:
    """The layers with weights before the upper half of the convolutions, in order from the image on."""
    layers = [
        (name, module)
        for name, module in network.named_modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    convolutions = [name for name, module in layers if isinstance(module, nn.Conv2d)]
    names = [name for name, _ in layers]
    upper = convolutions[len(convolutions) // 2 :]
    return names[: names.index(upper[0])] if upper else []
