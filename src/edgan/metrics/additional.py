"""Additional metrics of a ranking, on request: of pairs with the same name, of sets, and of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from edgan.data import Pictures
from edgan.errors import UsageError, near_miss
from edgan.metrics.distributions.features import Features, feature_network, to_float
from edgan.metrics.metric import FeatureMetric, Metric, PairMetric, SetMetric
from edgan.metrics.pretrained_maps import WORDS, pooled_features
from edgan.metrics.registry import measured_by, refuse_unavailable, requests

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
    requested: Sequence[str], real: Pictures, models: Mapping[str, Pictures], *, features: Any, seed: int
) -> AdditionalFigures:
    """Measure every model against the real set, each by itself: neither order nor names matter.

    Args:
        requested: from `parse_request`.
        real: the real pictures.
        models: every model's, of the same size and channels.
        features: for FID and KID, as in `edgan.metrics.distributions.features.feature_network`.
        seed: of KID's subsets.
    """
    result = AdditionalFigures({name: {} for name in models})
    pairs = [metric for metric in measured_by("rank", PairMetric) if metric.requested_as in requested]
    sets = [metric for metric in measured_by("rank", SetMetric) if metric.requested_as in requested]
    distances = [metric for metric in measured_by("rank", FeatureMetric) if metric.requested_as in requested]
    if pairs:
        _measure_pairs(result, pairs, real, models)
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
            _measure_features(result, chosen, real, models, network, seed)
    return result


def _measure_pairs(
    result: AdditionalFigures, metrics: Sequence[PairMetric], real: Pictures, models: Mapping[str, Pictures]
) -> None:
    positions = {name: position for position, name in enumerate(real.names)}
    unpaired = []
    for name, pictures in models.items():
        pairs = [(positions[stem], position) for position, stem in enumerate(pictures.names) if stem in positions]
        if not pairs:
            unpaired.append(repr(name))
            continue
        figures = result.figures[name]
        figures["pairs"] = float(len(pairs))
        values: dict[str, list[torch.Tensor]] = {}
        for start in range(0, len(pairs), CHUNK):
            of_real, of_model = map(list, zip(*pairs[start : start + CHUNK], strict=True))
            a, b = to_float(pictures.values[of_model]), to_float(real.values[of_real])
            for metric in metrics:
                if min(a.shape[-2:]) >= metric.least_side:
                    values.setdefault(metric.name, []).append(metric.measure(a, b))
        figures.update({key: float(torch.cat(chunks).mean()) for key, chunks in values.items()})
    height, width = real.values.shape[1:3]
    metrics = [metric for metric in metrics if min(height, width) >= metric.least_side]
    titles = " and ".join(metric.name.upper() for metric in metrics)
    if len(unpaired) < len(models):
        pairing = "over the pictures whose names without suffix are also names of real ones"
        result.protocols |= {metric.name: f"{metric.named(height, width)[1]}; {pairing}" for metric in metrics}
    if unpaired:
        result.warnings.append(
            f"No {titles} for {', '.join(unpaired)}: none of its pictures has the name of a real one, so there are no "
            "pairs."
        )


def _measure_features(
    result: AdditionalFigures,
    metrics: Sequence[FeatureMetric],
    real: Pictures,
    models: Mapping[str, Pictures],
    network: Features,
    seed: int,
) -> None:
    if network.warning:
        result.warnings.append(network.warning)
    if network.useless:
        return
    of_real = network.of(real.values)
    for name, pictures in models.items():
        of_model = network.of(pictures.values)
        for metric in metrics:
            result.figures[name].update(metric.measure(of_real, of_model, seed))
    counts = {name: len(pictures) for name, pictures in models.items()}
    for metric in metrics:
        result.protocols[metric.name] = metric.describe(network.words, len(real), min(counts.values()))
        cautions = metric.cautions(of_real.shape[1], {"real": len(real), **counts})
        result.warnings += [caution for caution in cautions if caution not in result.warnings]
