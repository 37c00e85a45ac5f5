"""Row 3.6: whether inversion ranks models as the Inception score and MS-SSIM of their samples do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from scipy.stats import spearmanr

import edgan
from edgan.api.invertibility import SAMPLES, classifier_of, classifier_score
from edgan.data import open_dataset
from edgan.metrics import sample_ms_ssim
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit, with_five_seeds
from reproduction.framework.verdict import Check, Figure, above_zero, figure, rank_correlation
from reproduction.paper3.gans import held_out_images, set_of
from reproduction.paper3.scales import Scale
from reproduction.paper3.table1 import ALL, NEEDED, SCALES, scored

FIRST = 2
CHANCE = FIRST * FIRST / len(ALL)
"""Expected number of models that the first two places of two unrelated rankings share."""
RIVALS = {"classifier": "classifier score", "ms_ssim": "MS-SSIM"}
SIGN = {"classifier": 1.0, "ms_ssim": -1.0}


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed and data set: it samples from the models that row 3.4 trained."""
    return [sampled_unit(scale, keys, name, seed) for seed in range(scale.seeds) for name in scale.sets]


def sampled_unit(scale: Scale, keys: Mapping[str, str], name: str, seed: int) -> Unit:
    """A unit that scores samples of all models on a data set; their inversion scores are among its needs."""
    mine = {model: unit for model, unit in scored(scale, keys, seed).items() if set_of(unit) == name}
    options = {
        "data": [name, keys[name]],
        "models": [model.partition(" ")[2] for model in mine],
        "samples": min(SAMPLES, scale.images),
    }
    return Unit(f"samples-{name}-{seed}", sample_scores, options, needs=tuple(mine.values()), seed=seed)


def sample_scores(unit: Unit, place: Place) -> dict[str, dict[str, float]]:
    """Draw samples of each model and score them.

    Returns:
        By model, and for as many test images under "real": "ms_ssim" and, if the data set has classes, "classifier".
    """
    scores: dict[str, dict[str, float]] = {}
    classifier: Any = None
    for name, need in zip(unit.options["models"], unit.needs, strict=True):
        place.tick()
        model = edgan.load(place.folder / "runs" / need.key, place.device, "newest")
        real = held_out_images(place, model, unit.options["samples"], set_of(unit))
        if not scores:
            dataset = open_dataset(
                place.data[set_of(unit)], size=model.size, channels=model.channels, crop=model.crop.text
            )
            classifier = classifier_of(dataset)
            scores["real"] = score_of(real, classifier)
        scores[name] = score_of(model.sample(len(real), seed=unit.seed).cpu(), classifier)
    return scores


def score_of(pictures: Any, classifier: Any) -> dict[str, float]:
    """Two metrics of samples.

    Args:
        pictures: the samples, (N, C, H, W) in [-1, 1].
        classifier: the classifier of `classifier_of`, or None.

    Returns:
        "ms_ssim" between pairs (lower is more diverse); "classifier" (higher is better).
    """
    scores = {"ms_ssim": sample_ms_ssim(pictures)}
    if classifier is not None:
        scores["classifier"] = classifier_score(classifier.network, pictures)[0]
    return scores


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """The ranking by PSNR correlates with both others, and shares more of its first two models than by chance."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for name in dict.fromkeys(map(set_of, finals)):
        mine = [unit for unit in finals if set_of(unit) == name]
        for rival, words in RIVALS.items():
            if rival not in outputs[mine[0].key]["real"]:
                continue
            for what in ("psnr", "ssim"):
                pairs = [_rankings(unit, outputs, what, rival) for unit in mine]
                correlation = [float(spearmanr(*pair).statistic) for pair in pairs]
                shared = [float(len(_first(first) & _first(other))) for first, other in pairs]
                label = f"{name}: {what.upper()} and {words}"
                figures[f"{label}, rank correlation"] = figure(correlation)
                figures[f"{label}, first {FIRST} models shared"] = figure(shared)
                if what == "psnr":
                    models = len(pairs[0][0])
                    swap = 12 / (models * (models**2 - 1))  # what exchanging two neighbours takes off the correlation
                    checks.append(rank_correlation(f"{label}, rank correlation", correlation, swap))
                    above = [x - CHANCE for x in shared]
                    checks.append(above_zero(f"{label}, first {FIRST} models shared, minus chance", above, 1.0))
                    lines.append(
                        f"{label}: correlation {fmean(correlation):.2f}, {fmean(shared):.1f} of {FIRST} first models "
                        "shared"
                    )
            for model in ("real", *ALL):
                figures[f"{name}: {words} of {model}"] = figure([outputs[unit.key][model][rival] for unit in mine])
    return Outcome("; ".join(lines), checks, figures)


def _rankings(unit: Unit, outputs: Outputs, what: str, rival: str) -> tuple[list[float], list[float]]:
    """Both scores of each model, larger is better."""
    inverted = [float(outputs[need.key][what]) for need in unit.needs]
    sampled = [SIGN[rival] * float(outputs[unit.key][name][rival]) for name in unit.options["models"]]
    return inverted, sampled


def _first(scores: Sequence[float]) -> set[int]:
    """The indices of the first models."""
    return set(sorted(range(len(scores)), key=lambda index: -scores[index])[:FIRST])


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"Trainings and inversions are those of row 3.4: {scale.words()}. {min(SAMPLES, scale.images):,} samples of "
        "each model: Inception score, with a small classifier of the data set instead of Inception, if the set has "
        f"classes; mean MS-SSIM of 500 pairs. Spearman's correlation over {len(ALL)} models; unrelated rankings share "
        f"{CHANCE:.2f} of their first {FIRST} models. The paper uses Inception score on CIFAR-10 and MS-SSIM on CelebA."
    )


BRIEF = (
    "correlation {fashion-mnist: PSNR and classifier score, rank correlation|.2f} (classifier score), "
    "{fashion-mnist: PSNR and MS-SSIM, rank correlation|.2f} (MS-SSIM)"
)
ROW = Row("3.6", protocol, units, judge, with_five_seeds(SCALES), brief=BRIEF, methods=NEEDED)
