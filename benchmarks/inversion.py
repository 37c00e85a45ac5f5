"""Time inversion by one forward pass, by L-BFGS on a batch, and by L-BFGS on one image at a time.

    python -m benchmarks.inversion RUN DATA [--images 64] [--steps 100]

RUN is a run of `connection` or `encoder`. One image at a time is the way of iGAN's released code: scipy's L-BFGS-B
with the same loss, start and tolerance.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from edgan.api import load
from edgan.data import open_dataset
from edgan.inversion import fit
from edgan.losses import l2
from edgan.models.inputs import split_inputs
from edgan.models.inverting import features_of, generator_of
from edgan.models.model import Model

WEIGHT, TOLERANCE = 0.002, 1e-6


def one_at_a_time(model: Model, images: Tensor, start: Tensor, steps: int) -> tuple[list[float], int]:
    """Final losses, and number of evaluations, of scipy's L-BFGS-B through z = tanh(u)."""
    generator, features = generator_of(model), features_of(model)
    assert features is not None, "this benchmark needs a run with the features of a discriminator"
    losses, evaluations = [], 0
    for image, z in zip(images.split(1), start.split(1), strict=True):
        with torch.no_grad():
            wanted = features(image)

        def objective(u: np.ndarray, image: Tensor = image, wanted: Tensor = wanted) -> tuple[float, np.ndarray]:
            point = torch.from_numpy(u).float()[None].requires_grad_()
            drawn = generator(torch.tanh(point))
            loss = (l2(drawn, image) + WEIGHT * l2(features(drawn), wanted)).sum()
            (gradient,) = torch.autograd.grad(loss, point)
            return float(loss.detach()), gradient[0].double().numpy()

        begin = torch.atanh(z[0].clamp(-0.999, 0.999)).double().numpy()
        options = {"maxiter": steps, "ftol": TOLERANCE, "gtol": TOLERANCE}
        result = minimize(objective, begin, jac=True, method="L-BFGS-B", options=options)
        losses.append(float(result.fun))
        evaluations += int(result.nfev)
    return losses, evaluations


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--alone", type=int, default=16, help="how many of them are also inverted one at a time")
    parser.add_argument("--steps", type=int, default=100)
    arguments = parser.parse_args()
    model = load(arguments.run, "cpu")
    dataset = open_dataset(arguments.data, size=model.size, channels=model.channels)
    many = split_inputs(dataset, "val" if len(dataset.indices("val")) else "train", 1000).fields["image"]
    for _ in range(3):
        begun = time.perf_counter()
        model.encode(many)
        rate = len(many) / (time.perf_counter() - begun)
    print(f"{torch.get_num_threads()} threads; one forward pass: {rate:.0f} images/s ({len(many)} images)")
    images = many[: arguments.images]
    start = model.encode(images)
    begun = time.perf_counter()
    generator, features = generator_of(model), features_of(model)
    together = fit(images, generator, start, features=features, steps=arguments.steps, tolerance=TOLERANCE)
    batched = (time.perf_counter() - begun) / len(images)
    print(
        f"L-BFGS, {len(images)} together: {1000 * batched:.1f} ms per image, loss {float(together.loss.mean()):.5f}, "
        f"{float(together.steps.float().mean()):.0f} steps"
    )
    few = min(arguments.alone, len(images))
    begun = time.perf_counter()
    losses, evaluations = one_at_a_time(model, images[:few], start[:few], arguments.steps)
    alone = (time.perf_counter() - begun) / few
    print(
        f"L-BFGS, one at a time: {1000 * alone:.1f} ms per image, loss {np.mean(losses):.5f} "
        f"(together {float(together.loss[:few].mean()):.5f}), {evaluations / few:.0f} evaluations; "
        f"{alone / batched:.1f} times as long"
    )


if __name__ == "__main__":
    main()
