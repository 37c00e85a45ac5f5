"""Additional metrics of a ranking, on request: of pairs with the same name, of sets, and of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from edgan.data import Pictures
from edgan.errors import UsageError, near_miss
from edgan.metrics.distributions.features import Features, feature_network, to_float
from edgan.metrics.metric import FeatureMetric, Metric, PairMetric, SetMetric
from edgan.metrics.pretrained_maps import WORDS, pooled_features
from edgan.metrics.registry import measured_by, refuse_unavailable, requests
from edgan.processes import ALONE, Processes

CHUNK = 256


@dataclass
class AdditionalFigures:
    """Figures by model, protocols by figure, and what should make a reader careful."""

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    protocols: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def parse_request(also: str | Sequence[str]) -> tuple[str, ...]:
    """The requested metrics, in the registry's order: "similarity" (PSNR and SSIM), "fid", "kid", ...

    Args:
        also: names, or a text with commas between them.

    Raises:
        UsageError: a name that is not in the registry.
        EdganError: one that cannot be measured on this machine.
    """
    names = [name.strip() for name in also.split(",")] if isinstance(also, str) else list(also)
    known = requests()
    for name in filter(None, names):
        if name not in known:
            raise UsageError(f"There is no additional metric {name!r}. {near_miss(name, known)}")
    requested = tuple(name for name in known if name in names)
    refuse_unavailable(requested)
    return requested


def sides_needed(requested: Sequence[str]) -> dict[str, int]:
    """The least side in pixels for which each request measures anything, by name."""
    return {
        name: min(metric.least_side for metric in measured_by("rank", Metric) if metric.requested_as == name)
        for name in requested
    }


def measure_additional(
    requested: Sequence[str],
    real: Pictures,
    models: Mapping[str, Pictures],
    *,
    features: Any,
    seed: int,
    processes: Processes = ALONE,
) -> AdditionalFigures:
    """Measure every model against the real set, each by itself: neither order nor names matter.

    Args:
        requested: from `parse_request`.
        real: the real pictures.
        models: every model's, of the same size and channels.
        features: for FID and KID, as in `edgan.metrics.distributions.features.feature_network`.
        seed: of KID's subsets.
        processes: that share the pictures. All get all figures.
    """
    result = AdditionalFigures({name: {} for name in models})
    pairs = [metric for metric in measured_by("rank", PairMetric) if metric.requested_as in requested]
    sets = [metric for metric in measured_by("rank", SetMetric) if metric.requested_as in requested]
    distances = [metric for metric in measured_by("rank", FeatureMetric) if metric.requested_as in requested]
    if pairs:
        _measure_pairs(result, pairs, real, models, processes)
    for metric in sets:
        for name, pictures in models.items():
            result.figures[name][metric.name] = metric.measure(to_float(pictures.values), to_float(real.values))
        result.protocols[metric.name] = metric.protocol
    for pretrained in (False, True):
        chosen = [metric for metric in distances if metric.pretrained == pretrained]
        if chosen:
            network = (
                Features(pooled_features, WORDS) if pretrained else feature_network(features, real.values, real.label)
            )
            _measure_features(result, chosen, real, models, network, seed, processes)
    return result


def _measure_pairs(
    result: AdditionalFigures,
    metrics: Sequence[PairMetric],
    real: Pictures,
    models: Mapping[str, Pictures],
    processes: Processes,
) -> None:
    positions = {name: position for position, name in enumerate(real.names)}
    height, width = real.values.shape[1:3]
    metrics = [metric for metric in metrics if min(height, width) >= metric.least_side]
    unpaired = []
    for name, pictures in models.items():
        pairs = [(positions[stem], position) for position, stem in enumerate(pictures.names) if stem in positions]
        if not pairs:
            unpaired.append(repr(name))
            continue
        figures = result.figures[name]
        figures["pairs"] = float(len(pairs))
        measured = processes.rows(-(-len(pairs) // CHUNK), partial(_of_pairs, metrics, real, pictures, pairs))
        figures.update({m.name: float(values.mean()) for m, values in zip(metrics, measured, strict=True)})
    titles = " and ".join(metric.name.upper() for metric in metrics)
    if len(unpaired) < len(models):
        pairing = "over the pictures whose names without suffix are also names of real ones"
        result.protocols |= {metric.name: f"{metric.named(height, width)[1]}; {pairing}" for metric in metrics}
    if unpaired:
        result.warnings.append(
            f"No {titles} for {', '.join(unpaired)}: none of its pictures has the name of a real one, so there are no "
            "pairs."
        )


def _of_pairs(
    metrics: Sequence[PairMetric], real: Pictures, model: Pictures, pairs: Sequence[tuple[int, int]], chunks: slice
) -> tuple[torch.Tensor, ...]:
    """For each metric the values of the pairs (position of the real picture, of the model's) in some chunks."""
    values: list[list[torch.Tensor]] = [[] for _ in metrics]
    for start in range(chunks.start * CHUNK, min(chunks.stop * CHUNK, len(pairs)), CHUNK):
        of_real, of_model = map(list, zip(*pairs[start : start + CHUNK], strict=True))
        a, b = to_float(model.values[of_model]), to_float(real.values[of_real])
        for metric, measured in zip(metrics, values, strict=True):
            measured.append(metric.measure(a, b))
    return tuple(map(torch.cat, values))


def _measure_features(
    result: AdditionalFigures,
    metrics: Sequence[FeatureMetric],
    real: Pictures,
    models: Mapping[str, Pictures],
    network: Features,
    seed: int,
    processes: Processes,
) -> None:
    if network.warning:
        result.warnings.append(network.warning)
    if network.useless:
        return
    of_real = network.of(real.values, processes)
    for name, pictures in models.items():
        of_model = network.of(pictures.values, processes)
        for metric in metrics:
            result.figures[name].update(metric.measure(of_real, of_model, seed))
    counts = {name: len(pictures) for name, pictures in models.items()}
    for metric in metrics:
        result.protocols[metric.name] = metric.describe(network.words, len(real), min(counts.values()))
        cautions = metric.cautions(of_real.shape[1], {"real": len(real), **counts})
        result.warnings += [caution for caution in cautions if caution not in result.warnings]
