"""The result of NRDS: scores, areas and their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from edgan.metrics.nrds.samples import Samples
from edgan.metrics.nrds.training import Followed

BOOTSTRAPS = 500
FEW = 50
AT_ONCE = 0.05
CONFIDENCE = 0.95


@dataclass(frozen=True)
class NRDS:
    """Normalised relative discriminative scores. Mappings are by model, in the order of the call.

    Attributes:
        scores: area over the sum of all models' areas (Eq. 11), mean over seeds; they add up to 1. Only their order
            within this one comparison means anything.
        intervals: 95 % interval of each score; `protocol` says which variation it covers.
        areas: area under the curve of mean output, mean over seeds, from 0 to epochs - 1.
        real_area: the same for the real samples.
        gaps: 95 % interval of real_area - area. Where it contains 0, the discriminator cannot tell the model from real.
        curves: mean output after each epoch, mean over seeds, in (0, 1).
        real_curve: the same for the real samples.
        pair_probabilities: `pair_probabilities[a][b]` is the share of bootstrap draws of seeds and tested samples in
            which a's area is larger than b's, ties counting half.
        seeds: number of discriminators that were trained.
        protocol: how it was measured: the sentence that must stand beside the figures.
        warnings: what should make a reader careful.
        curve_intervals: 95 % interval of each point of each curve, (low, high) for every epoch.
        real_curve_interval: the same for the real samples.
        outputs: the discriminators' mean output on each sample over the epochs, mean over the seeds that tested it;
            None where none did. `to_dict` leaves it out.
    """

    scores: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    areas: Mapping[str, float]
    real_area: float
    gaps: Mapping[str, tuple[float, float]]
    curves: Mapping[str, tuple[float, ...]]
    real_curve: tuple[float, ...]
    pair_probabilities: Mapping[str, Mapping[str, float]]
    seeds: int
    protocol: str
    warnings: tuple[str, ...]
    curve_intervals: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    real_curve_interval: tuple[tuple[float, float], ...] = ()
    outputs: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain dictionaries, lists, numbers and strings, ready for JSON."""
        return {name: value for name, value in _plain(asdict(self)).items() if name != "outputs"}


def summarise(
    names: Sequence[str], sets: Sequence[Samples], runs: Sequence[Sequence[Followed]], seed: int, protocol: str
) -> NRDS:
    """Combine the runs of all seeds.

    Args:
        names: the models' names, in the order for the result.
        sets: the real set, then every model's, in any order.
        runs: for every seed, the record of each of `sets`.
    """
    given = [0, *(1 + [s.name for s in sets[1:]].index(name) for name in names)]
    sets, runs = [sets[k] for k in given], [[run[k] for k in given] for run in runs]
    areas = np.array([[followed.areas.mean() for followed in run] for run in runs])  # (seeds, sets)
    drawn = np.stack([_draws(len(s), [run[k] for run in runs], seed) for k, s in enumerate(sets)], axis=-1)
    scores, drawn_scores = areas[:, 1:], drawn[..., 1:]
    scores, drawn_scores = (a / a.sum(-1, keepdims=True) for a in (scores, drawn_scores))
    curves = np.array([[followed.curve for followed in run] for run in runs]).mean(0)
    bands = [_band([run[k] for run in runs]) for k in range(len(sets))]
    gaps = _intervals(areas[:, :1] - areas[:, 1:], drawn[..., :1] - drawn[..., 1:])
    return NRDS(
        scores=_named(names, scores.mean(0)),
        intervals={
            name: (max(0.0, low), min(1.0, high))
            for name, (low, high) in zip(names, _intervals(scores, drawn_scores), strict=True)
        },
        areas=_named(names, areas[:, 1:].mean(0)),
        real_area=float(areas[:, 0].mean()),
        gaps=dict(zip(names, gaps, strict=True)),
        curves={name: tuple(map(float, curve)) for name, curve in zip(names, curves[1:], strict=True)},
        real_curve=tuple(map(float, curves[0])),
        pair_probabilities={a: _named(names, row) for a, row in zip(names, _wins(drawn[..., 1:], seed), strict=True)},
        seeds=len(runs),
        protocol=protocol,
        warnings=(*_about_samples(sets), *_about_curves(curves, gaps, len(runs))),
        curve_intervals=dict(zip(names, bands[1:], strict=True)),
        real_curve_interval=bands[0],
        outputs={
            name: _outputs(len(s), [run[k] for run in runs])
            for k, (name, s) in enumerate(zip(names, sets[1:], strict=True), start=1)
        },
    )


def _intervals(values: np.ndarray, drawn: np.ndarray) -> list[tuple[float, float]]:
    """95 % intervals of a figure's mean over seeds: Student's t, with the variance over seeds and over samples.

    Args:
        values: the figure for every seed, (seeds, models).
        drawn: the same for every draw of samples, (draws, seeds, models).

    The spread over seeds already holds some of the spread over samples, through the split: the intervals are a little
    too wide rather than too narrow.
    """
    half = _half(values, drawn.mean(1).var(0, ddof=1))
    return [(float(m - h), float(m + h)) for m, h in zip(values.mean(0), half, strict=True)]


def _half(values: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Half the width of the interval of a mean over seeds, from values by seed and the variance over samples."""
    from scipy.special import stdtrit

    count = len(values)
    quantile = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    if count > 1:
        variance = variance + values.var(0, ddof=1) / count
        quantile = stdtrit(count - 1, (1 + CONFIDENCE) / 2)
    return np.asarray(quantile * np.sqrt(variance))


def _band(runs: Sequence[Followed]) -> tuple[tuple[float, float], ...]:
    """The 95 % interval of each point of one set's curve, within [0, 1].

    Seeds share samples, so their standard errors are averaged and not added as if independent.
    """
    values = np.array([run.curve for run in runs])
    half = _half(values, np.mean([run.errors**2 for run in runs], axis=0))
    return tuple((max(0.0, float(m - h)), min(1.0, float(m + h))) for m, h in zip(values.mean(0), half, strict=True))


def _draws(size: int, runs: Sequence[Followed], seed: int) -> np.ndarray:
    """Areas of one set of `size` samples when its samples are resampled with replacement, (draws, seeds).

    The random stream restarts for every set: equal sets get equal areas, and sets made from the same images sample for
    sample (reconstructions) are drawn in pairs.
    """
    area, tested = np.zeros((size, len(runs))), np.zeros((size, len(runs)))
    for column, run in enumerate(runs):
        area[run.index, column], tested[run.index, column] = run.areas, 1
    plain = area.sum(0) / tested.sum(0)
    rng = np.random.default_rng(seed)
    result = np.zeros((BOOTSTRAPS, len(runs)))
    for draw in range(BOOTSTRAPS):
        weight = np.bincount(rng.integers(size, size=size), minlength=size)
        total = weight @ tested
        # A tiny set can be drawn without any sample that this seed tested.
        result[draw] = np.where(total > 0, weight @ area / np.maximum(total, 1), plain)
    return result


def _outputs(size: int, runs: Sequence[Followed]) -> tuple[float | None, ...]:
    """The mean height of each sample's own curves."""
    total, times = np.zeros(size), np.zeros(size)
    for run in runs:
        total[run.index] += run.areas / (len(run.curve) - 1)
        times[run.index] += 1
    return tuple(float(sum_ / n) if n else None for sum_, n in zip(total, times, strict=True))


def _wins(drawn: np.ndarray, seed: int) -> np.ndarray:
    """How often each model's area is larger than each other's when seeds are resampled too, (models, models)."""
    draws, seeds, _ = drawn.shape
    chosen = np.random.default_rng(seed).integers(seeds, size=(draws, seeds))
    areas = np.take_along_axis(drawn, chosen[..., None], axis=1).mean(1)
    rows, columns = areas[:, :, None], areas[:, None, :]
    return (rows > columns).mean(0) + (rows == columns).mean(0) / 2


def _about_samples(sets: Sequence[Samples]) -> Iterator[str]:
    small = [f"{s.name!r} ({len(s)})" for s in sets if len(s) < FEW]
    if small:
        yield f"Fewer than {FEW} samples in {', '.join(small)}: another draw may reverse the order."
    outside = [repr(s.name) for s in sets if s.reaches_outside()]
    if outside:
        yield (
            f"Values outside [-1, 1] in {', '.join(outside)}: a discriminator can tell sets apart by that alone. Clip "
            "the images as saving them would."
        )
    if len(sets) == 2:
        yield "A single model always scores 1; only its area, compared with real_area, says something."


def _about_curves(curves: np.ndarray, gaps: Sequence[tuple[float, float]], seeds: int) -> Iterator[str]:
    if seeds == 1:
        yield "One seed: another discriminator may order close models differently, and the intervals do not show it."
    elif all(low <= 0 <= high for low, high in gaps):
        yield (
            "The discriminator could not distinguish any model from real samples, so the order means nothing. Use more "
            "samples or epochs."
        )
    if curves[1:, 0].max() < AT_ONCE:
        yield (
            f"After one epoch the discriminator already gives every model less than {AT_ONCE}: the ranking rests on "
            "small remainders. Look for something that gives all models away, such as size, clipping or file format."
        )


def _named(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
