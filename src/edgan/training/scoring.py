"""The score by which the best checkpoint of a run is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edgan.data import Dataset
from edgan.methods import Method
from edgan.metrics.distributions.energy_distance import METRIC as ENERGY_DISTANCE
from edgan.metrics.distributions.feature_distances import KID
from edgan.metrics.metric import Metric
from edgan.metrics.pairs.ssim import METRIC as SSIM
from edgan.models.evaluation import LIMIT
from edgan.models.feature_figures import compared
from edgan.training.state import TrainingState

FEWEST = 16
"""Held-out images below which KID is mostly chance: then the score is that of a method without a GAN."""


@dataclass(frozen=True)
class Score:
    """A held-out figure that judges checkpoints.

    Attributes:
        name: its key among the held-out figures, "kid_features_output".
        metric: what it is.
        images: how many held-out images it compares with.
        note: a sentence where it stands in for another one that this machine cannot measure; "" otherwise.
    """

    name: str
    metric: Metric
    images: int
    note: str = ""

    def of(self, held: Mapping[str, float]) -> float:
        """The score of held-out figures, the higher the better; minus infinity where it was not measured."""
        value = held.get(self.name, math.nan)
        if math.isnan(value):
            return -math.inf
        return -value if self.metric.better == "lower" else value

    def text(self, score: float) -> str:
        """A score with its name, as "KID (features) 0.0123"."""
        value = -score if self.metric.better == "lower" else score
        return f"{self.metric.title} {self.metric.form.format(value)}"

    def to_dict(self) -> dict[str, str | int]:
        """For run.json."""
        return {
            "name": self.name,
            "title": self.metric.title,
            "better": self.metric.better,
            "images": self.images,
            "protocol": self.metric.protocol,
        }


def score_of(method: Method, dataset: Dataset) -> Score:
    """What judges the checkpoints of a training.

    KID on pretrained features where a GAN teaches what draws: SSIM prefers blurred pictures, which a GAN is there to
    avoid. Otherwise SSIM of the output where the method redraws images, and the energy distance between samples and
    images where it only samples.

    Args:
        method: the training's.
        dataset: the training's.
    """
    count = len(compared(dataset))
    draws = method.draws_with_gan and {"reconstruct", "translate", "sample"} & set(method.capabilities)
    trouble = KID.unavailable() if draws else ""
    if draws and not trouble and count >= FEWEST:
        return Score(f"{KID.name}_output", KID, count)
    redraws = {"reconstruct", "translate"} & set(method.capabilities)
    metric: Metric = SSIM if redraws else ENERGY_DISTANCE
    name = f"{metric.name}_output" if redraws else metric.name
    note = f"The best checkpoint is judged by {metric.title} and not by {KID.title}: {trouble}" if trouble else ""
    return Score(name, metric, min(count, LIMIT), note)


def best_so_far(score: Score, state: TrainingState) -> str:
    """ "best by KID (features) 0.0123, at step 500"; "" before the first."""
    return f"best by {score.text(state.best)}, at step {state.best_step:,}" if math.isfinite(state.best) else ""


def out_of_patience(state: TrainingState, patience: int) -> bool:
    """Whether the score has not improved for `patience` evaluations (0: never).

    The count then begins again, so that a resumed run has as many evaluations as a new one.
    """
    if not patience or state.without_better < patience:
        return False
    state.without_better = 0
    return True
