"""The dependence between the soft target and the latent of a trained model, on held-out images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import torch
from torch import Tensor, nn

from edgan.metrics import dependence
from edgan.models.chunks import CHUNK
from edgan.models.inference import in_use
from edgan.models.model import Model

MOST = 500
"""Number of images: the time of the permutation test grows with their square."""


def latent_dependence(model: Model, images: Tensor, seed: int) -> dict[str, dict[str, float]]:
    """The dependence of y and z, after training and at initialisation.

    Args:
        model: of a method with a soft target "y" and a latent "z".
        images: (N, C, size, size) in [-1, 1], held out.
        seed: of the untrained encoder and of the permutations.

    Returns:
        "after": of the model; "before": with newly initialised networks behind z; each with "covariance", "limit",
        "correlation" and "p". Empty if the method has no y, or if one network computes both.
    """
    plan = model.method.plan
    behind = plan.networks_behind("z")
    if "y" not in plan.tap or behind & plan.networks_behind("y"):
        return {}
    prepared = model.prepare(images[:MOST])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        new: dict[str, nn.Module] = {name: model.method.networks[name]().to(prepared).eval() for name in sorted(behind)}
    stages: dict[str, Mapping[str, nn.Module]] = {"before": {**model.networks, **new}, "after": model.networks}
    return {name: asdict(dependence(*_codes(model, prepared, nets), seed=seed)) for name, nets in stages.items()}


@torch.no_grad()
def _codes(model: Model, images: Tensor, networks: Mapping[str, nn.Module]) -> tuple[Tensor, Tensor]:
    """y (N, A) and z (N, Z) on the CPU."""
    codes = []
    for chunk in images.split(CHUNK):
        forward = in_use(model.method, networks, {"image": chunk}, {}, None, model.size)
        codes.append((forward["y"].cpu(), forward["z"].cpu()))
    y, z = zip(*codes, strict=True)
    return torch.cat(y), torch.cat(z)
