"""Paper 2's edit error: how often linear SVMs, trained on real images, miss an attribute in edited ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.metric import AttributeEdit, EditMetric

if TYPE_CHECKING:
    from sklearn.svm import LinearSVC

PER_CLASS = 400
C = 1e-3
CLASS_C = 1e-2
SVM_PROTOCOL = (
    "Toward a Controllable Disentanglement Network, Section IV-E: share of edited images, all without the attribute "
    "before, in which a linear SVM does not find it; {count} SVMs on pixels, each trained on another draw of up to "
    f"{PER_CLASS} training images with it and as many without (C = {C:g}); mean and 95 % interval"
)


@dataclass(frozen=True)
class ErrorCurve:
    """The edit error of one attribute at several intensities.

    Attributes:
        intensities: (K,).
        errors: (S, K) in [0, 1], a row for each of S SVMs.
    """

    intensities: tuple[float, ...]
    errors: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """(K,), mean over the SVMs."""
        return self.errors.mean(0)

    @property
    def interval(self) -> NDArray[np.float64]:
        """(K,), half the width of the mean's 95 % interval over the SVMs (Student's t); 0 for a single SVM."""
        count = len(self.errors)
        if count < 2:
            return np.zeros(self.errors.shape[1])
        from scipy.special import stdtrit

        spread = self.errors.std(0, ddof=1) / np.sqrt(count)
        return float(stdtrit(count - 1, 0.975)) * spread


def train_svms(images: NDArray[np.uint8], has: NDArray[np.bool_], *, count: int = 5, seed: int = 0) -> list[LinearSVC]:
    """Train linear SVMs for one attribute, each on a balanced random draw of training images.

    Args:
        images: (N, H, W, C) uint8.
        has: (N,) whether each has the attribute.
        count: number of SVMs.
        seed: of the draws.

    Raises:
        UsageError: all images have the attribute, or none has.
    """
    from sklearn.svm import LinearSVC

    with_it, without = np.flatnonzero(has), np.flatnonzero(~has)
    if len(with_it) == 0 or len(without) == 0:
        raise UsageError(
            "has must contain both True and False: an SVM needs images with the attribute and images without it."
        )
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
        machines: from `train_svms`.
        edited: intensity to the edited images, (N, C, H, W), clipped to [-1, 1] here; none had the attribute before.
        intensities: in the order of the curve.
    """
    errors = np.zeros((len(machines), len(intensities)))
    for column, intensity in enumerate(intensities):
        pictures = edited(intensity).clamp(-1, 1).permute(0, 2, 3, 1).flatten(1).numpy()
        errors[:, column] = [1.0 - machine.predict(pictures).mean() for machine in machines]
    return ErrorCurve(tuple(intensities), errors)


def class_error(
    train_images: NDArray[np.uint8],
    train_label: NDArray[np.int64],
    images: Tensor,
    label: NDArray[np.int64],
    edited: Callable[[Tensor, int], Tensor],
    classes: Sequence[int],
) -> float | None:
    """How often one linear SVM on pixels misses the class that images were edited to.

    Args:
        train_images, train_label: (M, H, W, C) uint8 and (M,), which train the SVM.
        images, label: (N, C, H, W) in [-1, 1] and (N,), held out.
        edited: (images, class) to the same images edited to that class, clipped to [-1, 1] here.
        classes: the classes to edit to; each is tried on all images of the other classes.

    Returns:
        The mean over classes; None where no class has both training images and images of other classes.
    """
    from sklearn.svm import LinearSVC

    pixels = train_images.reshape(len(train_images), -1) / 127.5 - 1
    machine = LinearSVC(C=CLASS_C, random_state=0).fit(pixels, train_label)
    errors = []
    for target in classes:
        others = images[torch.from_numpy(label != target)]
        if len(others) and (train_label == target).any():
            pictures = edited(others, target).clamp(-1, 1).permute(0, 2, 3, 1).flatten(1).numpy()
            errors.append(float(np.mean(machine.predict(pictures) != target)))
    return float(np.mean(errors)) if errors else None


def _of_edit(edit: AttributeEdit) -> float:
    machines = train_svms(edit.train_images, edit.train_has, count=1)
    return float(error_curve(machines, lambda _: edit.edited, [edit.intensity]).mean[0])


METRIC = EditMetric(
    name="edit_error",
    title="Edit error",
    better="lower",
    protocol=SVM_PROTOCOL.format(count=1),
    uses=("evaluate",),
    measure=_of_edit,
)
