"""What a representation reveals about an attribute, by a probe: a classifier trained to read it from there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.metric import LatentMetric

HIDDEN = (256, 256)
HELD = 0.25
FEWEST = 100
"""With fewer, the held-out quarter is too small for an area under the curve: chance alone gives .3 or .7."""
PROBE_PROTOCOL = (
    f"area under the ROC curve (.5 is chance) of a network with hidden layers of {HIDDEN[0]} and {HIDDEN[1]} that "
    f"predicts the attribute from the representation, on the {HELD:.0%} of the samples that were held out"
)


def enough(has: NDArray[np.bool_]) -> bool:
    """Whether (N,) samples suffice for a probe: at least `FEWEST` with the attribute and as many without."""
    return bool(min(has.sum(), (~has).sum()) >= FEWEST)


def probe(z: Tensor, has: NDArray[np.bool_], *, linear: bool = False, seed: int = 0) -> float:
    """How well an attribute can be predicted from a representation.

    In high dimension, distance covariance detects little but linear dependence, since all pairs are then nearly equally
    far apart (Zhu, Zhang, Yao and Shao 2020, Distance-based and RKHS-based dependence metrics in high dimension). A
    network as the probe also finds the rest; a linear probe does not.

    Args:
        z: (N, Z).
        has: (N,) whether each sample has the attribute.
        linear: use logistic regression in place of a network.
        seed: of the split, which keeps the shares of both classes, and of the network.

    Returns:
        Area under the ROC curve on a held-out quarter: .5 where z reveals nothing, 1 where it reveals the attribute.
        It can fall below .5 by chance.

    Raises:
        UsageError: different numbers of samples, or fewer than 100 with or without the attribute.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    has = np.asarray(has, bool)
    if len(z) != len(has):
        raise UsageError(f"z and has must have the same length (got {len(z)} and {len(has)}).")
    if not enough(has):
        raise UsageError(
            f"A probe needs at least {FEWEST} samples with the attribute and {FEWEST} without it; "
            f"{has.sum()} of {len(has)} have it."
        )
    train_z, held_z, train_has, held_has = train_test_split(
        z.float().cpu().numpy(), has, test_size=HELD, stratify=has, random_state=seed
    )
    classifier = (
        LogisticRegression(max_iter=1000) if linear else MLPClassifier(HIDDEN, early_stopping=True, random_state=seed)
    )
    pipeline = make_pipeline(StandardScaler(), classifier).fit(train_z, train_has)
    return float(roc_auc_score(held_has, pipeline.predict_proba(held_z)[:, 1]))


METRIC = LatentMetric(
    name="latent_auc",
    title="Attribute in the latent, AUC",
    better="near 1/2",
    protocol=PROBE_PROTOCOL,
    uses=("evaluate",),
    measure=lambda z, has: probe(z, has) if enough(has) else None,
)
