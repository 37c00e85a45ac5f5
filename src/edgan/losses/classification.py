"""What teaches an encoder the classes or attributes of an image. Encoders give logits."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def multiclass(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of a softmax: one class out of many (Case 1).

    Args:
        logits: (N, A).
        target: (N,) int64, the classes; or (N, A), a distribution over them.

    Returns:
        (N,), in nats. Source: Paper 2 (CDNet), Section III-A1.
    """
    return F.cross_entropy(logits, target, reduction="none")


def multilabel(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of a sigmoid for each attribute, their mean: any of them at once (Case 2).

    Args:
        logits: (N, A).
        target: (N, A) in [0, 1]; between the ends it is a share.

    Returns:
        (N,), in nats an attribute. Source: Paper 2 (CDNet), Section III-A1.
    """
    return F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(1)


def balanced_multilabel(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy, summed over attributes, in which those with and those without weigh alike in a batch.

    With N images of which n have an attribute, the ones with it weigh N / (2 n + o) and the others N / (2 (N - n) + o);
    o, a twentieth of N rounded down (at least 1), keeps a rare attribute's weight finite.

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
