"""Rows 3.10 and 3.15+: noise, optimised noise, and memorised training images, before three metrics."""

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
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure
from reproduction.paper3.agreement import score_of
from reproduction.paper3.gans import table_unit
from reproduction.paper3.scales import SET, Scale
from reproduction.paper3.table1 import GANS, NEEDED
from reproduction.paper3.table1 import SCALES as TABLE

REMEMBERED = (100, 1000, 10_000)
HEART = f"memory of {REMEMBERED[1]:,}"
LABELS = {
    "real": "real images",
    "noise": "noise",
    "bent": "optimised noise",
    **{f"memory of {count:,}": f"{count:,} memorised images" for count in REMEMBERED},
}
MEASURES = {"ms_ssim": "MS-SSIM", "classifier": "classifier score", "psnr": "PSNR", "ssim": "SSIM"}
BENDS, RATE = 30, 0.1
AS_GOOD = 0.05
"""A metric is fooled if it scores an attack at most this share below real images."""
SCALES: Mapping[str, Scale] = {name: replace(scale, sets=(SET,)) for name, scale in TABLE.items()}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed: the attacks, and the GANs that row 3.4 scored."""
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
        For "real", "noise", "bent" and "memory of N": "classifier" and "ms_ssim" of up to 1,000 pictures. For all but
        "real" also "psnr" and "ssim" between test images and the nearest picture of the set.
    """
    options = unit.options
    dataset = open_dataset(place.data[SET], size=options["size"])
    classifier = classifier_of(dataset)
    assert classifier is not None  # the set has classes
    draws, generator = np.random.default_rng(unit.seed), torch.Generator().manual_seed(unit.seed)

    def random_images(split: str, most: int) -> Tensor:
        where = dataset.indices(split)
        chosen = np.sort(draws.choice(where, min(most, len(where)), replace=False))
        return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[chosen])))

    test = random_images("test", options["images"])
    count = options["pictures"]
    noise = 2 * torch.rand(count, *test.shape[1:], generator=generator) - 1
    sets = {"noise": noise, "bent": bent(noise, classifier.network, len(dataset.label_names))}
    sets |= {f"memory of {most:,}": random_images("train", most) for most in REMEMBERED}
    scores = {"real": score_of(test[:count], classifier)}
    for name, pictures in sets.items():
        place.tick()
        nearest = nearest_of(pictures, test)
        drawn = pictures[torch.randint(len(pictures), (count,), generator=generator)]
        scores[name] = {
            **score_of(drawn, classifier),
            "psnr": float(psnr(nearest, test)),
            "ssim": float(ssim(nearest, test)),
        }
    return scores


def bent(pictures: Tensor, network: nn.Module, classes: int) -> Tensor:
    """Optimise pictures until a classifier is sure of a class, balanced over classes (Barratt and Sharma 2018, Sec. 4).

    Args:
        pictures: (N, C, H, W) in [-1, 1].
        network: from pictures to logits (n, classes).
        classes: number of classes.
    """
    free = torch.atanh(0.99 * pictures).requires_grad_()
    wanted = torch.arange(len(pictures)) % classes
    adam = torch.optim.Adam([free], RATE)
    for _ in range(BENDS):
        descend(F.cross_entropy(network(torch.tanh(free)), wanted, reduction="sum"), [free], adam)
    return torch.tanh(free).detach()


def nearest_of(pictures: Tensor, images: Tensor) -> Tensor:
    """The picture nearest to each image in squared error, which no inversion of such a "generator" can beat.

    Args:
        pictures: (M, C, H, W); images: (N, C, H, W).

    Returns:
        (N, C, H, W).
    """
    return pictures[torch.cdist(images.flatten(1), pictures.flatten(1)).argmin(1)]


NOISES = (("noise", "ms_ssim"), ("bent", "classifier"))
MEMORIES = ((HEART, "ms_ssim"), (HEART, "classifier"))


def judge_noise(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.10: noise fools MS-SSIM, optimised noise the classifier score; inversion ranks every GAN above both."""
    return _judge(NOISES, finals, outputs)


def judge_memory(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """3.15: memorised images fool MS-SSIM and the classifier score; inversion ranks every GAN above them."""
    return _judge(MEMORIES, finals, outputs)


def _judge(pairs: Sequence[tuple[str, str]], finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """Each of these sets fools this metric of samples, and none of them inversion."""
    each = [outputs[unit.key] for unit in finals]
    figures: dict[str, Figure] = {}
    for name in each[0]:
        for what in each[0][name]:
            figures[f"{MEASURES[what]} of {LABELS.get(name, name)}"] = figure([result[name][what] for result in each])

    def fooled(name: str, what: str) -> list[float]:
        """By how much a set scores better than real images, plus a margin."""
        sign = -1.0 if what == "ms_ssim" else 1.0
        return [sign * (result[name][what] - result["real"][what]) + AS_GOOD * result["real"][what] for result in each]

    checks: list[Check] = [
        above_zero(f"{MEASURES[what]}: {LABELS[name]} minus real images, plus {AS_GOOD:.0%}", fooled(name, what))
        for name, what in pairs
    ]
    worst = {
        what: [min(outputs[need.key][what] for need in unit.needs) for unit in finals] for what in ("psnr", "ssim")
    }
    for name in dict.fromkeys(name for name, _ in pairs):
        for what, values in worst.items():
            label = f"{MEASURES[what]}: worst GAN minus the nearest picture of {LABELS[name]}"
            checks.append(above_zero(label, differences(values, [result[name][what] for result in each])))
    for what, values in worst.items():
        figures[f"{MEASURES[what]} of the worst GAN"] = figure(values)
    line = ", ".join(
        f"{LABELS.get(name, name)} {fmean(result[name]['psnr'] for result in each):.2f} dB"
        for name in each[0]
        if name != "real"
    )
    return Outcome(f"nearest picture: {line}; the worst GAN {fmean(worst['psnr']):.2f} dB", checks, figures)


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"The GANs are those of row 3.4 ({scale.words()}). Attacks: {SAMPLES:,} pictures of uniform noise; the same, "
        f"optimised by {BENDS} steps until the classifier is sure of a class; and "
        f"{', '.join(f'{n:,}' for n in REMEMBERED)} memorised training images. An attack fools Inception score (with a "
        "small classifier of the data set instead of Inception) or MS-SSIM if it scores as real test images do. "
        "Inversion is scored between test images and the nearest picture of the attack, which no inversion can beat; "
        f"it is not fooled if each GAN with its connection network scores higher. Row 3.15+ judges {REMEMBERED[1]:,} "
        "memorised images, as many as the other two metrics see."
    )


BRIEF = (
    "worst GAN {PSNR of the worst GAN|.1f} dB; noise {PSNR of noise|.1f}, "
    "1,000 memorised images {PSNR of 1,000 memorised images|.1f} dB"
)
ROWS = (
    Row("3.10", protocol, units, judge_noise, SCALES, brief=BRIEF, methods=NEEDED),
    Row("3.15+", protocol, units, judge_memory, SCALES, brief=BRIEF, methods=NEEDED),
)
