"""The figures of `evaluate`, over pictures that come chunk by chunk: memory does not grow with their number."""

from __future__ import annotations

import math
from collections import defaultdict

from torch import Tensor

from edgan.metrics.metric import PairMetric, ResidualMetric, RunningRatio, RunningResidual, SetMetric
from edgan.metrics.registry import measured_by
from edgan.models.reconstruction import Reconstruction


class RunningFigures:
    """The figures of bases, outputs and residuals that are added one chunk after the other.

    Args:
        side: of the images in pixels.
        residuals: whether the model has residuals of its own.
    """

    def __init__(self, side: int, *, residuals: bool) -> None:
        self.count = 0
        self._pairs = {
            metric.named(side, side)[0]: metric
            for metric in measured_by("evaluate", PairMetric)
            if side >= metric.least_side
        }
        # Values by image, not their sum: a sum in the order of the chunks would depend on their size.
        self._values: dict[str, list[float]] = defaultdict(list)
        self._ratios: dict[str, RunningRatio] = {
            f"{metric.name}_{kind}": metric.running()
            for kind in ("base", "output")
            for metric in measured_by("evaluate", SetMetric)
            if metric.running is not None and side >= metric.least_side
        }
        self._residuals: dict[ResidualMetric, RunningResidual] = {
            metric: metric.running()
            for metric in measured_by("evaluate", ResidualMetric)
            if metric.running is not None and residuals and side >= metric.least_side
        }

    def add(self, made: Reconstruction, images: Tensor) -> None:
        """Add what a model made of images (n, C, H, W) in [-1, 1]; pictures are clipped, as they are when saved."""
        self.count += len(images)
        for kind, pictures in (("base", made.base), ("output", made.output)):
            shown = pictures.clamp(-1, 1)
            for name, metric in self._pairs.items():
                self._values[f"{name}_{kind}"] += metric.measure(shown, images).tolist()
            for name, ratio in self._ratios.items():
                if name.endswith(f"_{kind}"):
                    ratio.add(shown, images)
        for running in self._residuals.values():
            running.add(made.residual)

    def figures(self) -> dict[str, float]:
        """NAME_base and NAME_output, and the names of metrics of residuals; without those that are not defined."""
        figures = {name: math.fsum(values) / len(values) for name, values in self._values.items()}
        figures |= {name: ratio.value() for name, ratio in self._ratios.items()}
        for metric, running in self._residuals.items():
            if self.count >= metric.least_images:
                figures[metric.name] = running.value()
        return {name: value for name, value in figures.items() if not math.isnan(value)}
