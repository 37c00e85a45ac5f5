"""Classification losses: classes or attributes of an image. Classifiers return logits."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def multiclass(logits: Tensor, target: Tensor) -> Tensor:
    """Softmax cross-entropy: one class out of many (Case 1).

    Args:
        logits: (N, A).
        target: (N,) int64, the classes; or (N, A), a distribution over them.

    Returns:
        (N,), in nats. Source: Paper 2 (CDNet), Section III-A1.
    """
    return F.cross_entropy(logits, target, reduction="none")


def multilabel(logits: Tensor, target: Tensor) -> Tensor:
    """Sigmoid cross-entropy, the mean over attributes: any of them at once (Case 2).

    Args:
        logits: (N, A).
        target: (N, A) in [0, 1]; values in between are soft labels.

    Returns:
        (N,), in nats per attribute. Source: Paper 2 (CDNet), Section III-A1.
    """
    return F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(1)


def known_multilabel(logits: Tensor, target: Tensor) -> Tensor:
    """`multilabel` over the attributes that are known: the mean over an image's known ones, 0 where none is.

    Args:
        logits: (N, A).
        target: (N, A) in [0, 1], NaN where an attribute is not known.

    Returns:
        (N,), in nats per known attribute.
    """
    known = ~target.isnan()
    cells = F.binary_cross_entropy_with_logits(logits, target.nan_to_num(0.0), reduction="none") * known
    return cells.sum(1) / known.sum(1).clamp(min=1)


def balanced_multilabel(logits: Tensor, target: Tensor) -> Tensor:
    """Sigmoid cross-entropy, summed over attributes; images with and without an attribute weigh alike in a batch.

    If n of N images have an attribute, each of them weighs N / (2 n + o) and each other image N / (2 (N - n) + o). The
    offset o, N / 20 rounded down (at least 1), keeps a rare attribute's weight finite.

    Args:
        logits: (N, A).
        target: (N, A) in [0, 1].

    Returns:
        (N,), in nats. Source: the released code of Editable GAN (Baek et al. 2018).
    """
    count = len(target)
    offset, having = max(count // 20, 1), target.sum(0)
    weight = target * count / (2 * having + offset) + (1 - target) * count / (2 * (count - having) + offset)
    return (weight * F.binary_cross_entropy_with_logits(logits, target, reduction="none")).sum(1)
