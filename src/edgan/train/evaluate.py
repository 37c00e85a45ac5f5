"""Held-out figures of a model."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from edgan.data import Dataset
from edgan.data.batch import from_uint8
from edgan.errors import EdganError
from edgan.metrics.similarity import psnr, rmse, ssim
from edgan.metrics.spectrum import high_frequency_energy
from edgan.train.model import Model

LIMIT = 256


def images_of(dataset: Dataset, part: str, limit: int | None = None) -> Tensor:
    """The images of a part, (N, C, H, W) in [-1, 1], in the set's order.

    Raises:
        EdganError: the part is empty.
    """
    where = dataset.indices(part)[:limit]
    if len(where) == 0:
        raise EdganError(f"{dataset.path} has no images in its {part} part, so nothing can be evaluated on it.")
    return from_uint8(torch.from_numpy(dataset.images[where]))


def similarity(model: Model, images: Tensor) -> dict[str, float]:
    """How near the reconstructions of images come.

    Args:
        model: one that can reconstruct.
        images: (N, C, H, W) in [-1, 1].

    Returns:
        PSNR (dB), SSIM and RMSE of base and output, and the mean squared Laplacian of both as multiples of the images'.
        Outputs are clipped to [-1, 1] for the similarities, as they are when saved.
    """
    base, _, output = model.reconstruct(images)
    real = high_frequency_energy(images).mean()
    values: dict[str, float] = {}
    for name, made in (("base", base), ("output", output)):
        shown = made.clamp(-1, 1)
        values[f"psnr_{name}"] = float(psnr(shown, images))
        values[f"ssim_{name}"] = float(ssim(shown, images))
        values[f"rmse_{name}"] = float(rmse(shown, images))
        values[f"energy_{name}"] = float(high_frequency_energy(shown).mean() / real)
    return values


@torch.no_grad()
def balance(model: Model, discriminator: nn.Module, images: Tensor) -> dict[str, float]:
    """How the game stands on held-out images.

    Returns:
        d_real, d_fake: mean D(real), D(output) in [0, 1]; residual: root mean square of the residual; spread: mean
        standard deviation over outputs, as a multiple of that over the images.
    """
    _, residual, output = model.reconstruct(images)
    discriminator.eval()
    logits = {name: discriminator(x.to(model.device)) for name, x in (("d_real", images), ("d_fake", output))}
    values = {name: float(torch.sigmoid(logit.float()).mean()) for name, logit in logits.items()}
    values["residual"] = float(residual.square().mean().sqrt())
    values["spread"] = float(output.std(0).mean() / images.std(0).mean().clamp_min(1e-6)) if len(images) > 1 else 1.0
    return values


def held_out(model: Model, networks: Mapping[str, nn.Module], dataset: Dataset, limit: int = LIMIT) -> dict[str, float]:
    """Everything that training logs of the validation part (of the training part where there is no other)."""
    part = "val" if len(dataset.indices("val")) else "train"
    images = images_of(dataset, part, limit)
    values = similarity(model, images)
    if "discriminator" in networks:
        values |= balance(model, networks["discriminator"], images)
    return values
