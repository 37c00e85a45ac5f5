"""VGG16's convolutional features, with torchvision's ImageNet weights."""

from __future__ import annotations

import importlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import EdganError
from edgan.extras import install_command
from edgan.nets.published_weights import VGG16

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Vgg16Features(nn.Module):
    """Images to VGG16's last map: `(N, 1 or 3, H, W)` in [-1, 1] to `(N, 512, side/32, side/32)`.

    Very Deep Convolutional Networks for Large-Scale Image Recognition (Simonyan, Zisserman; ICLR 2015): thirteen 3 x 3
    convolutions and five poolings. Grey images are repeated, smaller ones enlarged to `side`, and all normalised as
    ImageNet is. Paper 3 states neither the layer nor the input's size; this is the last pooling, at 64 px.

    Args:
        side: images are resized to this.

    Raises:
        EdganError: torchvision is missing; or the weights are, and no download was asked for.
    """

    def __init__(self, side: int = 64) -> None:
        super().__init__()
        self.side = side
        self.layers = _torchvision_layers()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.mean: Tensor
        self.deviation: Tensor

    def forward(self, image: Tensor) -> Tensor:
        """`(N, 1 or 3, H, W)` in [-1, 1] to `(N, 512, side/32, side/32)`."""
        colour = image.expand(-1, 3, -1, -1)
        if image.shape[-1] != self.side:
            colour = F.interpolate(colour, size=(self.side, self.side), mode="bilinear", align_corners=False)
        return self.layers((0.5 * (colour + 1.0) - self.mean) / self.deviation)


def _torchvision_layers() -> nn.Module:
    try:
        models = importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:
        raise EdganError(
            f"VGG16 needs torchvision, which cannot be imported ({str(error).splitlines()[0]}). Install it with: "
            f"{install_command('torchvision')}. Or train the method connection, which uses the GAN's own discriminator."
        ) from None
    network = models.vgg16(weights=None, init_weights=False)
    network.load_state_dict(VGG16.tensors())
    return network.features
