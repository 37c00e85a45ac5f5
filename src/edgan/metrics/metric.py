"""What `evaluate`, `rank` and training know of a metric: its name, its direction, what it needs and its protocol.

One class for each thing that a metric can need. Every class holds a `measure`, a plain function, which can be called
without any of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Use = Literal["evaluate", "rank", "training"]
Better = Literal["higher", "lower", "near 1", "near 1/2", "neither"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric in the registry.

    Attributes:
        name: its key in results and logs, "psnr".
        title: the heading of its column in a report, with its unit.
        form: how its value is written, as a format string.
        better: its direction. "neither" describes a picture and does not judge it.
        protocol: how it is measured: the sentence that stands beside a printed value.
        uses: where it is measured: by `evaluate`, on request by `rank`, and on held-out images during training.
        request: the name by which `rank --also` asks for it; "" is its own. Several metrics may share one.
        least_images, least_side: it is left out where there are fewer images, or where they are smaller (pixels).
        unavailable: a sentence that says why it cannot be measured on this machine; "" where it can.
        needs: what `measure` is given, in words.
    """

    name: str
    title: str
    form: str = "{:.3f}"
    better: Better
    protocol: str
    uses: Sequence[Use] = ("evaluate", "rank", "training")
    request: str = ""
    least_images: int = 1
    least_side: int = 1
    unavailable: Callable[[], str] = lambda: ""
    needs: ClassVar[str]

    @property
    def requested_as(self) -> str:
        """The name by which `rank --also` asks for it."""
        return self.request or self.name

    def fits(self, images: Tensor) -> bool:
        """Whether there are enough images (N, C, H, W), and large enough ones."""
        return len(images) >= self.least_images and min(images.shape[-2:]) >= self.least_side


@dataclass(frozen=True, kw_only=True)
class PairMetric(Metric):
    """Compares each picture with its original.

    Attributes:
        measure: (pictures, originals), both (N, C, H, W) in [-1, 1], to one value for each pair, (N,).
        at_size: (height, width) to (name, protocol), where both depend on the size of the images.
    """

    measure: Callable[[Tensor, Tensor], Tensor]
    at_size: Callable[[int, int], tuple[str, str]] | None = None
    needs: ClassVar[str] = "pairs of pictures"

    def named(self, height: int, width: int) -> tuple[str, str]:
        """Its name and its protocol for images of this size."""
        return self.at_size(height, width) if self.at_size else (self.name, self.protocol)


def _check_running(metric: Metric, running: object) -> None:
    if "evaluate" in metric.uses and running is None:
        raise ValueError(f"{metric.name} needs a running form to be measured by evaluate, or uses without evaluate.")


class RunningRatio(Protocol):
    """A metric of two sets, of which parts are added one after the other."""

    def add(self, pictures: Tensor, images: Tensor) -> None:
        """Add pictures (n, C, H, W) and real ones (m, C, H, W)."""

    def join(self, other: Self, /) -> None:
        """Add what another has; both can be pickled."""

    def value(self) -> float:
        """The metric of all that was added."""


class RunningResidual(Protocol):
    """A metric of residuals, which are added part by part."""

    def add(self, residual: Tensor) -> None:
        """Add residuals (n, C, H, W)."""

    def join(self, other: Self, /) -> None:
        """Add what another has; both can be pickled."""

    def value(self) -> float:
        """The metric of all that was added."""


@dataclass(frozen=True, kw_only=True)
class SetMetric(Metric):
    """Compares a set of pictures with a set of real ones; no picture has a partner.

    Attributes:
        measure: (pictures (N, C, H, W), real ones (M, C, H, W)), both in [-1, 1], to a number.
        output_only: it is measured on the output and not on the base, and its key has no "_output".
        running: makes its form for sets of any size; None: it is measured on small sets only, in training.
    """

    measure: Callable[[Tensor, Tensor], float]
    running: Callable[[], RunningRatio] | None = None
    output_only: bool = False
    needs: ClassVar[str] = "two sets of pictures"

    def __post_init__(self) -> None:
        """A metric that `evaluate` measures needs a running form, since its sets are of any size."""
        _check_running(self, self.running)


@dataclass(frozen=True, kw_only=True)
class ResidualMetric(Metric):
    """Describes the residual that a model adds to its base.

    Attributes:
        measure: residuals (N, C, H, W) to a number.
        running: as of `SetMetric`.
    """

    measure: Callable[[Tensor], float]
    running: Callable[[], RunningResidual] | None = None
    needs: ClassVar[str] = "residuals"

    def __post_init__(self) -> None:
        """A metric that `evaluate` measures needs a running form, since its sets are of any size."""
        _check_running(self, self.running)


@dataclass(frozen=True, kw_only=True)
class FeatureMetric(Metric):
    """Compares the distributions of the features of two sets of pictures.

    Attributes:
        measure: (real features (N, D), a model's (M, D), seed) to values by key: its name, and NAME_std for a spread.
        paired: the same for sets in which row i is made from row i, as of reconstructions; None: as `measure`.
        pretrained: whether it always reads `pretrained_maps.pooled_features`. The others are measured by `rank` alone,
            on the features that it was asked for.
        describe: (what the features are, number of real pictures, size of the smallest model's set) to the protocol.
        cautions: (D, number of pictures by set; the real set is "real") to sentences that a reader should know.
    """

    measure: Callable[[Tensor, Tensor, int], Mapping[str, float]]
    paired: Callable[[Tensor, Tensor, int], Mapping[str, float]] | None = None
    pretrained: bool = False
    describe: Callable[[str, int, int], str]
    cautions: Callable[[int, Mapping[str, int]], list[str]] = lambda _size, _counts: []
    needs: ClassVar[str] = "features of two sets of pictures"

    def __post_init__(self) -> None:
        """Only `rank` can be asked for features, so the other uses need those that are always the same."""
        if not self.pretrained and set(self.uses) != {"rank"}:
            raise ValueError(f"{self.name} needs pretrained features to be measured by more than rank.")


@dataclass(frozen=True)
class AttributeEdit:
    """One attribute, turned up in held-out images.

    Attributes:
        images: (N, C, H, W) in [-1, 1]; none has the attribute.
        edited: the same images, edited to show it; not clipped.
        intensity: the value that the attribute was set to.
        latents: (N, Z) of `images` and of `edited` (clipped); None where the model has no encoder.
        train_images: (M, H, W, C) uint8 of the training split.
        train_has: (M,) which of those have the attribute; some do and some do not.
    """

    images: Tensor
    edited: Tensor
    intensity: float
    latents: tuple[Tensor, Tensor] | None
    train_images: NDArray[np.uint8]
    train_has: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class EditMetric(Metric):
    """Judges the edit of one attribute; its key is NAME_ATTRIBUTE.

    Attributes:
        measure: an edit to a number, or None where it cannot be judged.
    """

    measure: Callable[[AttributeEdit], float | None]
    needs: ClassVar[str] = "images edited in one attribute"


@dataclass(frozen=True, kw_only=True)
class LatentMetric(Metric):
    """Asks what a latent reveals about an attribute; its key is NAME_ATTRIBUTE.

    Attributes:
        measure: (latents (N, Z), which samples have the attribute (N,)) to a number, or None for too few samples.
    """

    measure: Callable[[Tensor, NDArray[np.bool_]], float | None]
    needs: ClassVar[str] = "latents and an attribute"
