"""What is wrong with a model's pictures, in words. These findings explain a ranking and do not enter its scores.

Thresholds are set so that held-out images of UTKFace, CelebA, CIFAR-10, MNIST and CMP facades give no finding.
Distances between pictures are root mean squared differences on the [-1, 1] scale after reduction to 16x16 by means. Two
pictures of a set count as the same when they are nearer than a quarter of the median distance from a real picture to
the real one most like it; a picture is a copy when it is also within 2.5 grey levels of a real one. Of larger sets,
2,000 pictures are judged, and the spectra of 256.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.metrics.distributions.features import to_float
from edgan.metrics.spectra.high_frequency import PLAIN, high_frequency_energy
from edgan.metrics.spectra.octave_bands import octave_bands
from edgan.metrics.spectra.periodic_peak import PEAK_MIN_IMAGES, PEAK_MIN_SIDE, PeriodicPeak, periodic_peak

AT_MOST, SPECTRA = 2000, 256
LEAST_SIDE = 3
"""Pixels on a side of the smallest pictures whose detail can be measured."""
SIDE = 16
ALIKE = 0.25
COPY = 0.02
FLAT = 0.01
# Fewer distinct pictures than this share, and fewer by a tenth than the real set has.
DISTINCT = 0.9
COPIES = 0.05
# Power per frequency in the finest octave over that two octaves below: white noise has 1, photographs about 0.01.
NOISE, TIMES_REAL = 0.1, 8.0
BLURRY, GRAINY = 0.6, 1.7
MOST_TIMES = 1000
NEIGHBOURS = 5
COVERED, CLOSE = 0.7, 0.6
ENOUGH = 50


@dataclass(frozen=True)
class Finding:
    """One thing about one model's pictures.

    Attributes:
        kind: "constant", "noise", "few-distinct", "copies", "blurry", "grainy", "pattern", "narrow", "away" or "grey".
        figure: the number that it is based on.
        sentence: what it means, for a reader.
    """

    kind: str
    figure: float
    sentence: str


class Reference:
    """The real set and its own statistics: what is usual in it is not held against a model."""

    def __init__(self, real: np.ndarray) -> None:
        """Measure the real pictures, (N, H, W, C) uint8, N at least 2."""
        self.all = _reduced(real)
        self.some = _some(self.all)
        self.alike = ALIKE * float(_nearest_other(self.some).median())
        self.copy = min(COPY, self.alike)
        self.distinct = _distinct(self.some, self.alike) / len(self.some)
        half = len(self.some) // 2
        self.first_half, self.second_half = self.some[:half], self.some[half : 2 * half]
        images = _images(real)
        self.energy = float(high_frequency_energy(images).mean())
        self.flatness = _flatness(images)
        self.peak = _peak(images)
        self.grey = _is_grey(real)

    def findings(self, pictures: np.ndarray) -> tuple[Finding, ...]:
        """What is wrong with a model's pictures, (N, H, W, C) uint8 of the real ones' shape; most telling first."""
        points, images = _some(_reduced(pictures)), _images(pictures)
        findings = list(_constant(points))
        if findings:
            return tuple(findings)
        findings += self._noise(images)
        if not findings:
            few = list(self._few_distinct(points))
            findings += [*few, *self._copies(points), *self._detail(images)]
            findings += () if few else self._coverage(points)
        findings += self._pattern(images)
        if not self.grey and _is_grey(pictures):
            findings.append(Finding("grey", 1.0, "All its pictures are grey; the real ones are in colour."))
        return tuple(findings)

    def _noise(self, images: Tensor) -> Iterator[Finding]:
        flatness = _flatness(images)
        if flatness >= NOISE and flatness >= TIMES_REAL * self.flatness:
            yield Finding(
                "noise",
                flatness,
                f"It looks like noise: its spectrum is flat (fine over coarse detail {flatness:.2g}, real pictures "
                f"{self.flatness:.2g}, white noise 1).",
            )

    def _few_distinct(self, points: Tensor) -> Iterator[Finding]:
        count = _distinct(points, self.alike)
        share = count / len(points)
        if share < DISTINCT and share < self.distinct - (1 - DISTINCT):
            yield Finding(
                "few-distinct",
                float(count),
                f"It repeats itself: {_of(count, len(points))} pictures are distinct, the rest are near-copies of "
                f"them (real pictures: {100 * self.distinct:.0f} %).",
            )

    def _copies(self, points: Tensor) -> Iterator[Finding]:
        share = float((_nearest(points, self.all) <= self.copy).double().mean())
        if share >= COPIES:
            yield Finding(
                "copies",
                share,
                f"It copies: {_of(round(share * len(points)), len(points))} pictures are in the real set already, "
                "to within 2.5 grey levels. These are copies, so the score says nothing about generation.",
            )

    def _detail(self, images: Tensor) -> Iterator[Finding]:
        energy = float(high_frequency_energy(images).mean())
        if self.energy < PLAIN:
            if energy >= PLAIN:
                yield Finding("grainy", energy, "It has fine detail, and the real pictures have none.")
            return
        share = energy / self.energy
        if share <= BLURRY:
            yield Finding("blurry", share, f"It is blurry: it has {share:.2f} times the fine detail of real pictures.")
        elif share >= GRAINY:
            yield Finding("grainy", share, f"It is grainy: it has {share:.2f} times the fine detail of real pictures.")

    def _coverage(self, points: Tensor) -> Iterator[Finding]:
        """Precision and coverage of the pictures among real ones, against those of as many other real ones (Naeem et
        al., "Reliable fidelity and diversity metrics for generative models", 2020; both by the same balls).
        """
        count = min(len(self.first_half), len(points))
        if count < ENOUGH:
            return
        real, other, model = self.first_half[:count], self.second_half[:count], points[:count]
        near, near_real = _inside(real, model), _inside(real, other)
        covered, covered_real = _covered(real, model), _covered(real, other)
        if near < CLOSE * near_real:
            yield Finding(
                "away",
                near,
                f"It differs from the real pictures: {100 * near:.0f} % of its own lie as near to one as that one's "
                f"neighbours do (other real pictures: {100 * near_real:.0f} %).",
            )
        elif covered < COVERED * covered_real:
            yield Finding(
                "narrow",
                covered,
                f"It covers only part of the variety: {100 * covered:.0f} % of the real pictures have one of its own "
                f"nearby (other real pictures: {100 * covered_real:.0f} %).",
            )

    def _pattern(self, images: Tensor) -> Iterator[Finding]:
        peak = _peak(images)
        if peak and peak.found and not (self.peak and self.peak.found):
            yield Finding(
                "pattern",
                peak.ratio,
                f"It has a regular pattern of {peak.period} pixels, as transposed convolutions leave: "
                f"{_times(peak.ratio)} the power around it.",
            )


def _constant(points: Tensor) -> Iterator[Finding]:
    """Whether all pictures are the same, and whether they are plain colours."""
    largest = float((points - points[:1]).square().mean(1).max().sqrt())
    if largest < COPY / 2:
        shown = "a plain colour" if _flat(points[:1]) else "the same picture"
        yield Finding("constant", largest, f"It is constant: all its pictures are {shown}.")
    elif _flat(points):
        yield Finding("constant", largest, "It draws nothing: each of its pictures is a plain colour.")


def _flat(points: Tensor) -> bool:
    """Whether within each picture hardly anything varies; (N, C * S * S) holds channel after channel."""
    return bool(points.unflatten(1, (-1, SIDE * SIDE)).std(2).max() < FLAT)


def _reduced(pictures: np.ndarray) -> Tensor:
    """(N, C * 16 * 16) float in [-1, 1], so that mean squares do not depend on the size."""
    chunks = [
        F.adaptive_avg_pool2d(to_float(pictures[start : start + AT_MOST]), SIDE).flatten(1)
        for start in range(0, len(pictures), AT_MOST)
    ]
    return torch.cat(chunks)


def _images(pictures: np.ndarray) -> Tensor:
    """Some of the pictures as (n, C, H, W) float in [-1, 1]."""
    return to_float(pictures[_chosen(len(pictures))[:SPECTRA].numpy()])


def _some(points: Tensor) -> Tensor:
    return points[_chosen(len(points))]


def _chosen(count: int) -> Tensor:
    """Up to 2,000 positions in random order, fixed for each count: pictures may be sorted by class."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(0))[:AT_MOST]


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """Root mean squared differences, (len(a), len(b))."""
    return torch.cdist(a, b) / a.shape[1] ** 0.5


def _nearest(points: Tensor, others: Tensor) -> Tensor:
    """The distance from each point to the nearest of the others, found exactly where it is small."""
    best = torch.stack([_distances(points, chunk).min(1).values for chunk in others.split(AT_MOST)])
    return best.min(0).values


def _nearest_other(points: Tensor) -> Tensor:
    return _distances(points, points).fill_diagonal_(torch.inf).min(1).values


def _distinct(points: Tensor, alike: float) -> int:
    """How many groups remain when pictures nearer than `alike` count as one, in chains."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    near = (_distances(points, points) <= alike).nonzero().T.numpy()
    graph = coo_array((np.ones(near.shape[1], bool), (near[0], near[1])), shape=(len(points), len(points)))
    return int(connected_components(graph, directed=False, return_labels=False))


def _balls(points: Tensor) -> Tensor:
    """The distance from each point to its fifth neighbour."""
    return _distances(points, points).fill_diagonal_(torch.inf).kthvalue(NEIGHBOURS, dim=1).values


def _inside(real: Tensor, made: Tensor) -> float:
    """The share of made pictures inside the ball of some real one (precision)."""
    return float((_distances(made, real) <= _balls(real)).any(1).double().mean())


def _covered(real: Tensor, made: Tensor) -> float:
    """The share of real pictures whose ball holds a made one (coverage)."""
    return float((_distances(real, made).min(1).values <= _balls(real)).double().mean())


def _flatness(images: Tensor) -> float:
    """Power per frequency in the finest octave over that two octaves below; 0 where pictures are too small."""
    if min(images.shape[-2:]) < SIDE:
        return 0.0
    bands = octave_bands(images).mean(0)
    # The finest octave holds all but a disc of radius 1/4, the third the ring from 1/16 to 1/8.
    fine, coarse = bands[0] / (1 - np.pi / 16), bands[2] / (np.pi * (1 / 64 - 1 / 256))
    return float(fine / coarse.clamp(min=1e-12))


def _peak(images: Tensor) -> PeriodicPeak | None:
    if len(images) < PEAK_MIN_IMAGES or min(images.shape[-2:]) < PEAK_MIN_SIDE:
        return None
    return periodic_peak(images)


def _is_grey(pictures: np.ndarray) -> bool:
    return bool((pictures == pictures[..., :1]).all())


def _times(ratio: float) -> str:
    """A ratio in words; against almost nothing, its size says nothing."""
    return f"{ratio:.0f} times" if ratio <= MOST_TIMES else f"more than {MOST_TIMES} times"


def _of(count: int, of: int) -> str:
    return f"{count} of {of}" if of < AT_MOST else f"{count} of {of} inspected"
