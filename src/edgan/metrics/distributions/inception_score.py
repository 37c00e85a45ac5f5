"""Inception score, of the class probabilities of samples."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def inception_score(probabilities: Tensor, splits: int = 5) -> tuple[float, float]:
    """exp(E KL(p(y|x) || p(y))): large where each sample clearly has one class and all classes occur.

    Args:
        probabilities: (N, K) class probabilities of samples.
        splits: number of groups of samples that are scored separately.

    Returns:
        Mean and sample standard deviation over the groups: 1 at worst, K at best. Source: Salimans et al. 2016.
    """
    scores = []
    for group in probabilities.double().clamp_min(1e-12).chunk(splits):
        marginal = group.mean(0, keepdim=True)
        scores.append(float((group * (group.log() - marginal.log())).sum(1).mean().exp()))
    return float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
