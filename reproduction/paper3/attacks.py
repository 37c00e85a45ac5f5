"""Row 3.10: noise, pictures bent towards a classifier, and training images learned by heart, before three metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.api.invertibility import SAMPLES, classifier_of
from edgan.data import from_uint8, open_dataset
from edgan.metrics import psnr, ssim
from edgan.routing import descend
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper3.agreement import score_of
from reproduction.paper3.gans import table_unit
from reproduction.paper3.scales import SET, Scale
from reproduction.paper3.table1 import GANS, NEEDED
from reproduction.paper3.table1 import SCALES as TABLE

REMEMBERED = (100, 1000, 10_000)
HEART = f"memory of {REMEMBERED[1]:,}"
BENDS, RATE = 30, 0.1
AS_GOOD = 0.05
"""A metric that gives an attack so much less than real images, as a share, or more, is fooled."""
SCALES: Mapping[str, Scale] = {name: replace(scale, sets=(SET,)) for name, scale in TABLE.items()}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed: attacks, beside the GANs that row 3.4 scored."""
    finals = []
    for seed in range(scale.seeds):
        options = {
            "data": [SET, keys[SET]],
            "size": scale.side(SET),
            "images": scale.images,
            "pictures": min(SAMPLES, scale.images),
        }
        needed = tuple(table_unit(scale, keys[SET], method, seed) for method in GANS)
        finals.append(Unit(f"attacks-{seed}", attack, options, needs=needed, seed=seed))
    return finals


def attack(unit: Unit, place: Place) -> dict[str, dict[str, float]]:
    """Score sets of pictures that no generator drew.

    Returns:
        For "real", "noise", "bent" and "memory of N": "classifier" and "ms_ssim" of up to 1,000 pictures; but for the
        real ones "psnr" and "ssim" of test images beside the nearest picture of the set.
    """
    options = unit.options
    dataset = open_dataset(place.data[SET], size=options["size"])
    taught = classifier_of(dataset)
    assert taught is not None  # the set has classes
    draws, generator = np.random.default_rng(unit.seed), torch.Generator().manual_seed(unit.seed)

    def some(split: str, most: int) -> Tensor:
        where = dataset.indices(split)
        chosen = np.sort(draws.choice(where, min(most, len(where)), replace=False))
        return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[chosen])))

    test = some("test", options["images"])
    count = options["pictures"]
    noise = 2 * torch.rand(count, *test.shape[1:], generator=generator) - 1
    sets = {"noise": noise, "bent": bent(noise, taught.network, len(dataset.label_names))}
    sets |= {f"memory of {most:,}": some("train", most) for most in REMEMBERED}
    found = {"real": score_of(test[:count], taught)}
    for name, pictures in sets.items():
        place.tick()
        nearest = nearest_of(pictures, test)
        drawn = pictures[torch.randint(len(pictures), (count,), generator=generator)]
        found[name] = {
            **score_of(drawn, taught),
            "psnr": float(psnr(nearest, test)),
            "ssim": float(ssim(nearest, test)),
        }
    return found


def bent(pictures: Tensor, network: nn.Module, classes: int) -> Tensor:
    """Pictures changed until a classifier is sure of a class, each class as often (Barratt and Sharma 2018, Section 4).

    Args:
        pictures: (N, C, H, W) in [-1, 1].
        network: to logits (n, classes).
        classes: how many.
    """
    free = torch.atanh(0.99 * pictures).requires_grad_()
    wanted = torch.arange(len(pictures)) % classes
    adam = torch.optim.Adam([free], RATE)
    for _ in range(BENDS):
        descend(F.cross_entropy(network(torch.tanh(free)), wanted, reduction="sum"), [free], adam)
    return torch.tanh(free).detach()


def nearest_of(pictures: Tensor, images: Tensor) -> Tensor:
    """The picture that is nearest to each image in squared error: what the best inversion of such a "generator" finds.

    Args:
        pictures: (M, C, H, W); images: (N, C, H, W).

    Returns:
        (N, C, H, W).
    """
    return pictures[torch.cdist(images.flatten(1), pictures.flatten(1)).argmin(1)]


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """MS-SSIM takes noise for real, the classifier's score bent noise, both memory; inversion none, beside each GAN."""
    each = [outputs[unit.key] for unit in finals]
    figures: dict[str, Figure] = {}
    for name in each[0]:
        for what in each[0][name]:
            figures[f"{what} of {name}"] = figure([result[name][what] for result in each])

    def fooled(name: str, what: str) -> list[float]:
        """How much better than real images less a margin."""
        sign = -1.0 if what == "ms_ssim" else 1.0
        return [sign * (result[name][what] - result["real"][what]) + AS_GOOD * result["real"][what] for result in each]

    words = {"ms_ssim": "MS-SSIM", "classifier": "classifier score"}
    pairs = (("noise", "ms_ssim"), ("bent", "classifier"), (HEART, "ms_ssim"), (HEART, "classifier"))
    checks: list[Check] = [
        above_zero(f"{words[what]}: {name} beside real images, and {AS_GOOD:.0%} more", fooled(name, what))
        for name, what in pairs
    ]
    worst = {
        what: [min(outputs[need.key][what] for need in unit.needs) for unit in finals] for what in ("psnr", "ssim")
    }
    for name in ("noise", "bent", HEART):
        for what, values in worst.items():
            less = [a - result[name][what] for a, result in zip(values, each, strict=True)]
            checks.append(above_zero(f"{what.upper()}: the worst GAN's less the nearest of {name}", less))
    for what, values in worst.items():
        figures[f"{what} of the worst GAN"] = figure(values)
    line = ", ".join(
        f"{name} {fmean(result[name]['psnr'] for result in each):.2f} dB" for name in each[0] if name != "real"
    )
    return Outcome(f"nearest picture: {line}; the worst GAN {fmean(worst['psnr']):.2f} dB", checks, figures)


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"Beside the GANs of row 3.4 ({scale.words()}). Attacks: {SAMPLES:,} pictures of uniform noise; the same, bent "
        f"by {BENDS} steps until the classifier is sure of a class; and {', '.join(f'{n:,}' for n in REMEMBERED)} "
        "training images learned by heart. Inception score with a small classifier of the set in Inception's place, "
        "and MS-SSIM: an attack fools them that scores as real test images do. Inversion: test images beside the "
        "nearest picture of the attack, which no inversion can beat; it is not fooled where each GAN with its "
        f"connection network comes nearer. The judgement is on {REMEMBERED[1]:,} remembered images, as many as the "
        "other two metrics see."
    )


ROW = Row("3.10", protocol, units, judge, SCALES, methods=NEEDED)
