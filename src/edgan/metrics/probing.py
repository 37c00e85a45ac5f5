"""What a representation still tells of an attribute, by a probe: a classifier that reads it from there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from edgan.errors import UsageError

HIDDEN = (256, 256)
HELD = 0.25
FEWEST = 100
"""With fewer the held-out quarter has too few for an area: chance alone gives .3 and .7."""
PROBE_PROTOCOL = (
    f"area under the ROC curve (.5 is chance) of a network with hidden layers of {HIDDEN[0]} and {HIDDEN[1]} that "
    f"tells the attribute from the representation, on the {HELD:.0%} of the samples that it did not learn from"
)


def enough(has: NDArray[np.bool_]) -> bool:
    """Whether there are samples enough for a probe: (N,) `FEWEST` with the attribute and as many without."""
    return bool(min(has.sum(), (~has).sum()) >= FEWEST)


def probe(z: Tensor, has: NDArray[np.bool_], *, linear: bool = False, seed: int = 0) -> float:
    """How well an attribute is told from a representation.

    Distance covariance of a long representation sees little but linear dependence: the distances that it compares
    are then nearly the same for all pairs, and what is left of them is what a covariance sees (Zhu, Zhang, Yao and
    Shao 2020, Distance-based and RKHS-based dependence metrics in high dimension). A network as the probe also
    finds the rest; a linear probe does not.

    Args:
        z: (N, Z).
        has: (N,) whether each sample has the attribute.
        linear: logistic regression in place of a network.
        seed: of the split, which keeps the shares of both classes, and of the network.

    Returns:
        Area under the ROC curve, of a held-out quarter: .5 where z tells nothing, 1 where it tells all. It can be
        below .5 by chance.

    Raises:
        UsageError: different numbers of samples, or fewer than 100 with or without the attribute.
    """
    has = np.asarray(has, bool)
    if len(z) != len(has):
        raise UsageError(f"A probe needs an answer for each sample: {len(z)} and {len(has)} were given.")
    if not enough(has):
        raise UsageError(
            f"A probe needs {FEWEST} samples with the attribute and {FEWEST} without: "
            f"{has.sum()} of {len(has)} have it."
        )
    taught, held, told, truth = train_test_split(
        z.float().cpu().numpy(), has, test_size=HELD, stratify=has, random_state=seed
    )
    reader = (
        LogisticRegression(max_iter=1000) if linear else MLPClassifier(HIDDEN, early_stopping=True, random_state=seed)
    )
    judge = make_pipeline(StandardScaler(), reader).fit(taught, told)
    return float(roc_auc_score(truth, judge.predict_proba(held)[:, 1]))
