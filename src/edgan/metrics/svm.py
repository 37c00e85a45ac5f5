"""Paper 2's protocol: linear SVMs that were taught an attribute on real images look for it in edited ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.svm import LinearSVC
from torch import Tensor

from edgan.errors import UsageError

PER_CLASS = 400
C = 1e-3
PROTOCOL = (
    "Toward a Controllable Disentanglement Network, Section IV-E: share of edited images, all without the attribute "
    "before, in which a linear SVM does not see it; {count} SVMs on pixels, each taught on another draw of up to "
    f"{PER_CLASS} training images with and as many without (C = {C:g}); mean and 95 % interval"
)


@dataclass(frozen=True)
class ErrorCurve:
    """The error of one attribute over intensities.

    Attributes:
        intensities: (K,).
        errors: (S, K) in [0, 1], one row an SVM.
    """

    intensities: tuple[float, ...]
    errors: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """(K,), over the SVMs."""
        return self.errors.mean(0)

    @property
    def interval(self) -> NDArray[np.float64]:
        """(K,), half the width of the mean's 95 % interval over the SVMs (Student's t); 0 for a single SVM."""
        count = len(self.errors)
        if count < 2:
            return np.zeros(self.errors.shape[1])
        spread = self.errors.std(0, ddof=1) / np.sqrt(count)
        return float(stdtrit(count - 1, 0.975)) * spread


def teach_svms(images: NDArray[np.uint8], has: NDArray[np.bool_], *, count: int = 5, seed: int = 0) -> list[LinearSVC]:
    """Linear SVMs for one attribute, each on a balanced random draw of the training part.

    Args:
        images: (N, H, W, C) uint8.
        has: (N,) whether each has the attribute.
        count: how many SVMs.
        seed: of the draws.

    Raises:
        UsageError: all images have the attribute, or none has.
    """
    with_it, without = np.flatnonzero(has), np.flatnonzero(~has)
    if len(with_it) == 0 or len(without) == 0:
        raise UsageError("An SVM needs images with the attribute and without it, and there are of one kind only.")
    share = min(PER_CLASS, len(with_it), len(without))
    machines = []
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        rows = np.concatenate([rng.choice(with_it, share, replace=False), rng.choice(without, share, replace=False)])
        pixels = images[np.sort(rows)].reshape(2 * share, -1) / 127.5 - 1
        machines.append(LinearSVC(C=C, random_state=index).fit(pixels, has[np.sort(rows)]))
    return machines


def error_curve(
    machines: Sequence[LinearSVC], edited: Callable[[float], Tensor], intensities: Sequence[float]
) -> ErrorCurve:
    """How often the SVMs miss the attribute in edited images.

    Args:
        machines: from `teach_svms`.
        edited: intensity -> (N, C, H, W) in [-1, 1] (clipped here), the edited images; none had the attribute before.
        intensities: in the order of the curve.
    """
    errors = np.zeros((len(machines), len(intensities)))
    for column, intensity in enumerate(intensities):
        pictures = edited(intensity).clamp(-1, 1).permute(0, 2, 3, 1).flatten(1).numpy()
        errors[:, column] = [1.0 - machine.predict(pictures).mean() for machine in machines]
    return ErrorCurve(tuple(intensities), errors)
