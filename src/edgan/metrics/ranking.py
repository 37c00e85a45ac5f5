"""A ranking: NRDS, with reasons and additional metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgan.metrics.findings import Finding
from edgan.metrics.nrds import NRDS

SURE = 0.975


@dataclass(frozen=True)
class Ranking(NRDS):
    """The result of `edgan.rank`: all of `NRDS`, and for each model:

    Attributes:
        findings: what is wrong with its pictures; empty where nothing stood out. They do not enter the scores.
        figures: the additional metrics that were requested: "psnr", "ssim", "pairs", "fid", "kid", "kid_std", ...
        protocols: by metric, how each of those was measured.
        files: the names of its pictures, in the order of `outputs`; empty for an array.
    """

    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    protocols: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The result with verdict and reasons, as plain dictionaries, lists, numbers and strings, ready for JSON."""
        plain = {name: value for name, value in super().to_dict().items() if name != "files"}
        return {**plain, "verdict": verdict(self), "reasons": {name: reason(self, name) for name in self.scores}}


def verdict(ranking: NRDS) -> str:
    """One sentence: which model is ahead, or that none is."""
    best, *others = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    if not others:
        return f"{best} is the only model here, so there is no order."
    if all(low <= 0.0 <= high for low, high in ranking.gaps.values()):
        return "The discriminator could not tell any model from real images, so none is ahead of another."
    behind = [name for name in others if ranking.pair_probabilities[best][name] >= SURE]
    level = [name for name in others if name not in behind]
    if not behind:
        return f"{listed([best, *level])} cannot be told apart: the discriminator rejects them about equally fast."
    ahead = f"{best} is ahead of {listed(behind)}: the discriminator takes longer to reject its images"
    return f"{ahead}." if not level else f"{ahead}. It cannot be told apart from {listed(level)}."


def level_pairs(ranking: NRDS) -> tuple[str, ...]:
    """A sentence for every pair of models that cannot be told apart, better one first."""
    order = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    return tuple(
        f"{a} and {b} cannot be told apart: {a} is ahead in {100 * ranking.pair_probabilities[a][b]:.0f} % of draws."
        for i, a in enumerate(order)
        for b in order[i + 1 :]
        if 1 - SURE < ranking.pair_probabilities[a][b] < SURE
    )


def reason(ranking: NRDS, name: str) -> str:
    """Why a model has its rank: how the discriminator judged its pictures, and what is wrong with them."""
    low, high = ranking.gaps[name]
    curve = ranking.curves[name]
    if low <= 0 <= high:
        judged = "The discriminator cannot tell its pictures from real ones."
    elif low > 0:
        rejected = rejected_from(curve, ranking.real_curve)
        verb = "rejects its pictures after epoch" if rejected else "rejects its pictures, but no longer after"
        epochs = f"{rejected} of {len(curve)}" if rejected else f"{len(curve)} epochs"
        judged = (
            f"The discriminator {verb} {epochs}: its mean output goes from {curve[0]:.2f} to {curve[-1]:.2f}, on real "
            f"pictures from {ranking.real_curve[0]:.2f} to {ranking.real_curve[-1]:.2f}."
        )
    else:
        judged = "The discriminator takes its pictures for real more often than the held-out real ones."
    findings = getattr(ranking, "findings", {}).get(name)
    if findings is None:
        return judged
    sentences = [finding.sentence for finding in findings] or ["Nothing stood out in its pictures."]
    return " ".join([judged, *sentences])


def rejected_from(curve: Sequence[float], real_curve: Sequence[float]) -> int | None:
    """The first epoch, counted from 1, from which on a model's curve stays below that of the real pictures.

    None where it is not below it after the last epoch.
    """
    not_below = [epoch for epoch, (made, real) in enumerate(zip(curve, real_curve, strict=True), 1) if made >= real]
    first = not_below[-1] + 1 if not_below else 1
    return first if first <= len(curve) else None


def listed(names: list[str]) -> str:
    """Names as a phrase: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
