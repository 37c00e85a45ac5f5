"""How the soft target and the latent of a trained model depend on each other, on images that it has not seen."""

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
"""Images: the permutation test's time grows with their square."""


def latent_dependence(model: Model, images: Tensor, seed: int) -> dict[str, dict[str, float]]:
    """The dependence of y and z, after the training and as it would be without one.

    Args:
        model: of a method with a soft target "y" and a latent "z".
        images: (N, C, size, size) in [-1, 1], held out.
        seed: of the untrained encoder and of the permutations.

    Returns:
        "after": of the model; "before": with the networks behind z as they are initialised; each "covariance",
        "correlation" and "p". Empty where the method has no y, or where one network says both.
    """
    plan = model.method.plan
    behind = plan.networks_behind("z")
    if "y" not in plan.tap or behind & plan.networks_behind("y"):
        return {}
    here = model.prepare(images[:MOST])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        new: dict[str, nn.Module] = {name: model.method.networks[name]().to(here).eval() for name in sorted(behind)}
    stages: dict[str, Mapping[str, nn.Module]] = {"before": {**model.networks, **new}, "after": model.networks}
    return {name: asdict(dependence(*_codes(model, here, nets), seed=seed)) for name, nets in stages.items()}


@torch.no_grad()
def _codes(model: Model, images: Tensor, networks: Mapping[str, nn.Module]) -> tuple[Tensor, Tensor]:
    """y (N, A) and z (N, Z) on the CPU."""
    parts = []
    for chunk in images.split(CHUNK):
        forward = in_use(model.method, networks, {"image": chunk}, {}, (None, 0), model.size)
        parts.append((forward["y"].cpu(), forward["z"].cpu()))
    y, z = zip(*parts, strict=True)
    return torch.cat(y), torch.cat(z)
