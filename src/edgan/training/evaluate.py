"""Held-out figures of a model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from edgan.data import Dataset
from edgan.data.batch import from_uint8
from edgan.errors import EdganError
from edgan.metrics.similarity import psnr, rmse, ssim
from edgan.metrics.spectrum import high_frequency_energy
from edgan.training.model import Model, Reconstruction

LIMIT = 128


def images_of(dataset: Dataset, part: str, limit: int | None = None) -> Tensor:
    """The images of a part, (N, C, H, W) in [-1, 1], in the set's order.

    Raises:
        EdganError: the part is empty.
    """
    where = dataset.indices(part)[:limit]
    if len(where) == 0:
        raise EdganError(f"{dataset.path} has no images in its {part} part, so nothing can be evaluated on it.")
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))


def similarity(made: Reconstruction, images: Tensor) -> dict[str, float]:
    """How near reconstructions come.

    Args:
        made: the reconstructions of the images.
        images: (N, C, H, W) in [-1, 1].

    Returns:
        PSNR (dB), SSIM and RMSE of base and output, and the mean squared Laplacian of both as multiples of the images'.
        Both are clipped to [-1, 1], as they are when saved.
    """
    real = high_frequency_energy(images).mean()
    values: dict[str, float] = {}
    for name, picture in (("base", made.base), ("output", made.output)):
        shown = picture.clamp(-1, 1)
        values[f"psnr_{name}"] = float(psnr(shown, images))
        values[f"ssim_{name}"] = float(ssim(shown, images))
        values[f"rmse_{name}"] = float(rmse(shown, images))
        values[f"energy_{name}"] = float(high_frequency_energy(shown).mean() / real)
    return values


@torch.no_grad()
def balance(made: Reconstruction, images: Tensor, discriminator: nn.Module) -> dict[str, float]:
    """How the game stands.

    Returns:
        d_real, d_fake: mean D(real), D(output) in [0, 1]; residual: root mean square of the residual; spread: mean
        standard deviation over outputs, as a multiple of that over the images; variety: the share of the residual that
        differs from image to image, 0 where every image gets the same.
    """
    like = next(discriminator.parameters())
    discriminator.eval()
    logits = {name: discriminator(x.to(like)) for name, x in (("d_real", images), ("d_fake", made.output))}
    values = {name: float(torch.sigmoid(logit.float()).mean()) for name, logit in logits.items()}
    power = made.residual.square().mean()
    values["residual"] = float(power.sqrt())
    values["variety"] = float(made.residual.var(0, correction=0).mean() / power) if power > 0 else 1.0
    spread = made.output.std(0).mean() / images.std(0).mean().clamp_min(1e-6) if len(images) > 1 else 1.0
    return {**values, "spread": float(spread)}


def held_out(model: Model, networks: Mapping[str, nn.Module], dataset: Dataset, limit: int = LIMIT) -> dict[str, float]:
    """Everything that training logs of the validation part (of the training part where there is no other)."""
    images = images_of(dataset, watched_part(dataset), limit)
    made = model.reconstruct(images)
    return similarity(made, images) | balance(made, images, networks["discriminator"])


def watched_part(dataset: Dataset) -> str:
    """The part that previews and held-out figures look at."""
    return "val" if len(dataset.indices("val")) else "train"
