"""Held-out figures of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from edgan.data import Dataset
from edgan.errors import EdganError
from edgan.methods import Method
from edgan.metrics.similarity import psnr, rmse, ssim
from edgan.metrics.spectrum import high_frequency_energy
from edgan.models.inputs import fixed_inputs
from edgan.models.model import Model, Reconstruction
from edgan.models.preview import conditions
from edgan.routing import Forward, Inputs

LIMIT = 128


def split_inputs(dataset: Dataset, split: str, limit: int | None = None, device: torch.device | str = "cpu") -> Inputs:
    """The samples of a split, in the set's order, with noise that is the same at each call.

    Raises:
        EdganError: the split is empty.
    """
    if len(dataset.indices(split)) == 0:
        raise EdganError(f"{dataset.path} has no images in its {split} split, so nothing can be evaluated on it.")
    return fixed_inputs(dataset, split, limit, torch.device(device))


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
def balance(method: Method, networks: Mapping[str, nn.Module], inputs: Inputs) -> dict[str, float]:
    """How the game stands.

    Args:
        method: whose taps "d_real" and "d_fake", where it has them, are D's verdicts.
        networks: all of them; they are left in evaluation mode.
        inputs: the samples.

    Returns:
        d_real, d_fake: mean D(real), D(output) in [0, 1]; critic_real, critic_fake: their scores where D gives no
        probability.
    """
    for network in networks.values():
        network.eval()
    forward = Forward(method.plan, networks, inputs)
    verdicts = {name: forward[name].float() for name in ("d_real", "d_fake") if name in method.plan.tap}
    if not method.logits:
        return {name.replace("d_", "critic_"): float(score.mean()) for name, score in verdicts.items()}
    return {name: float(torch.sigmoid(logit).mean()) for name, logit in verdicts.items()}


def variation(made: Reconstruction, images: Tensor) -> dict[str, float]:
    """How much the pictures differ from each other.

    Returns:
        residual: root mean square of the residual; spread: mean standard deviation over outputs, as a multiple of that
        over the images; variety: the share of the residual that differs from image to image, 0 where every image gets
        the same.
    """
    power = made.residual.square().mean()
    return {
        "residual": float(power.sqrt()),
        "variety": float(made.residual.var(0, correction=0).mean() / power) if power > 0 else 1.0,
        "spread": _spread(made.output, images),
    }


def _spread(pictures: Tensor, images: Tensor) -> float:
    return float(pictures.std(0).mean() / images.std(0).mean().clamp_min(1e-6)) if len(images) > 1 else 1.0


def held_out(model: Model, networks: Mapping[str, nn.Module], dataset: Dataset, limit: int = LIMIT) -> dict[str, float]:
    """Everything that training logs of the validation split (of the training split where there is no other)."""
    inputs = split_inputs(dataset, watched_split(dataset), limit, model.device)
    images = inputs.fields["image"].cpu()
    found: dict[str, float] = {}
    if model.redraws:
        made = Reconstruction(*(picture.cpu() for picture in model.redraw(inputs.fields)))
        found = similarity(made, images) | variation(made, images)
    elif model.can("sample"):
        samples = model.sample(len(images), seed=0, **conditions(model, inputs.fields)).cpu()
        real = high_frequency_energy(images).mean()
        energy = high_frequency_energy(samples.clamp(-1, 1)).mean() / real
        found = {"energy_output": float(energy), "spread": _spread(samples, images)}
    dtype = next(p.dtype for network in networks.values() for p in network.parameters())
    cast = {name: x.to(dtype) if x.is_floating_point() else x for name, x in inputs.fields.items()}
    return found | balance(model.method, networks, replace(inputs, fields=cast))


def watched_split(dataset: Dataset) -> str:
    """The split that previews and held-out figures look at."""
    return "val" if len(dataset.indices("val")) else "train"
