"""The figures of `evaluate`, over pictures that come chunk by chunk: memory does not grow with their number."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.metrics.metric import PairMetric, ResidualMetric, RunningRatio, RunningResidual, SetMetric
from edgan.metrics.registry import measured_by
from edgan.models.feature_figures import FeatureFigures
from edgan.models.reconstruction import Reconstruction
from edgan.processes import Processes


class RunningFigures:
    """The figures of bases, outputs and residuals that are added one chunk after the other.

    Args:
        side: of the images in pixels.
        residuals: whether the model has residuals of its own.
        paired: whether each picture has an original; samples have none.
    """

    def __init__(self, side: int, *, residuals: bool, paired: bool = True) -> None:
        self.count = 0
        self._of_features = FeatureFigures("evaluate", paired=paired)
        self._pairs = {
            metric.named(side, side)[0]: metric
            for metric in measured_by("evaluate", PairMetric)
            if paired and side >= metric.least_side
        }
        # Values by image, not their sum: a sum in the order of the chunks would depend on their size.
        self._values: dict[str, list[float]] = defaultdict(list)
        self._ratios: dict[str, RunningRatio] = {
            f"{metric.name}_{kind}": metric.running()
            for kind in (("base", "output") if paired else ("output",))
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
        self.add_pictures({"base": made.base, "output": made.output}, images)
        for running in self._residuals.values():
            running.add(made.residual)

    def add_pictures(self, pictures: Mapping[str, Tensor], images: Tensor) -> None:
        """Add pictures by kind, "base" or "output", and as many real images, all (n, C, H, W)."""
        self.count += len(images)
        shown = {kind: values.clamp(-1, 1) for kind, values in pictures.items()}
        measured: dict[str, dict[str, list[float]]] = {}
        for kind, values in shown.items():
            twin = next((done for done in measured if torch.equal(shown[done], values)), None)  # one decoder: no base
            measured[kind] = (
                measured[twin] if twin else {n: m.measure(values, images).tolist() for n, m in self._pairs.items()}
            )
            for name, of_images in measured[kind].items():
                self._values[f"{name}_{kind}"] += of_images
            for name, ratio in self._ratios.items():
                if name.endswith(f"_{kind}"):
                    ratio.add(values, images)
        self._of_features.add(shown, images)

    def gather(self, processes: Processes) -> None:
        """Take together what each process has added; all of them then have the whole, in the order of the ranks."""
        own = (self.count, dict(self._values), [*self._ratios.values()], [*self._residuals.values()])
        (self.count, values, ratios, residuals), *others = processes.gathered(own)
        self._values = defaultdict(list, values)
        self._ratios = dict(zip(self._ratios, ratios, strict=True))
        self._residuals = dict(zip(self._residuals, residuals, strict=True))
        for count, values, ratios, residuals in others:
            self.count += count
            for name, of_images in values.items():
                self._values[name] += of_images
            for ratio, more in zip(self._ratios.values(), ratios, strict=True):
                ratio.join(more)
            for residual, added in zip(self._residuals.values(), residuals, strict=True):
                residual.join(added)
        self._of_features.gather(processes)

    def figures(self) -> dict[str, float]:
        """NAME_base and NAME_output, and the names of metrics of residuals; without those that are not defined."""
        figures = {name: math.fsum(values) / len(values) for name, values in self._values.items()}
        figures |= {name: ratio.value() for name, ratio in self._ratios.items()}
        figures |= self._of_features.figures()
        for metric, running in self._residuals.items():
            if self.count >= metric.least_images:
                figures[metric.name] = running.value()
        return {name: value for name, value in figures.items() if not math.isnan(value)}

    def protocols(self) -> dict[str, str]:
        """Of the metrics whose sentence depends on what was added: those on pretrained features."""
        return self._of_features.protocols()
