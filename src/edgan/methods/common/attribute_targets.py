"""The attributes or the class of an image: the target of a network, and the input of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.errors import UsageError
from edgan.losses import known_multilabel, multiclass, multilabel
from edgan.methods.base import Shape
from edgan.methods.common.identity import identity
from edgan.routing import Tap, Term


@dataclass(frozen=True)
class Targets:
    """The attributes or the classes of the data, and the taps and the loss by which a network predicts them.

    Attributes:
        kind: "multilabel": attributes, independent of each other (Paper 2, Case 2); "multiclass": one class out of many
            (Case 1).
        names: the attributes, or the classes.
        partly_known: whether some images lack the value of some attribute. Only the loss can then read the data's own.
    """

    kind: Literal["multilabel", "multiclass"]
    names: tuple[str, ...]
    partly_known: bool = False

    @property
    def count(self) -> int:
        """How many there are: the length A of a target vector."""
        return len(self.names)

    @property
    def given(self) -> Tap:
        """`y_given (N, A)`: the data's own attributes, or its class as a one-hot vector."""
        if self.kind == "multilabel":
            return Tap("y_given", ("attributes",), function=identity)
        return Tap("y_given", ("label",), function=OneHot(self.count))

    @property
    def soft(self) -> Tap:
        """`y (N, A)` in [0, 1], the soft target: a sigmoid or a softmax of `y_logits`."""
        return Tap("y", ("y_logits",), function=torch.sigmoid if self.kind == "multilabel" else softmax)

    @property
    def hard(self) -> Tap:
        """`y (N, A)` of 0 and 1, the attributes or the class that `y_logits` predict."""
        return Tap("y", ("y_logits",), function=HardTargets(exclusive=self.kind == "multiclass"))

    @property
    def classification(self) -> Term:
        """The classification loss of `y_logits` (Paper 2, Section III-A1)."""
        if self.partly_known:
            label = "BCE(y, known attributes)"
            return Term("classification", known_multilabel, ("y_logits", "attributes"), label, "III-A1")
        if self.kind == "multilabel":
            return Term("classification", multilabel, ("y_logits", "attributes"), "BCE(y, attributes)", "III-A1")
        return Term("classification", multiclass, ("y_logits", "label"), "CE(y, label)", "III-A1")

    def recognition(self, logits: str, asked: str) -> Term:
        """The classification loss of an edited picture.

        Args:
            logits: the tap with what a classifier says of it.
            asked: the tap with the target that it was drawn with, of probabilities.
        """
        loss = multilabel if self.kind == "multilabel" else multiclass
        name = "BCE" if self.kind == "multilabel" else "CE"
        return Term("recognition", loss, (logits, asked), f"{name}(y(edited), asked)")


def targets_of(shape: Shape) -> Targets:
    """The data's attributes, or its classes where it has no attributes.

    Raises:
        UsageError: the data has neither.
    """
    if shape.attributes:
        return Targets("multilabel", shape.attributes, shape.partly_labelled)
    if len(shape.classes) > 1:
        return Targets("multiclass", shape.classes)
    raise UsageError(
        "This method learns attributes or classes, and the data has neither. Add a metadata.csv with a column for "
        "each attribute, or put the images of each class into a folder of its own (docs/data.md)."
    )


@dataclass(frozen=True)
class OneHot:
    """Classes as one-hot vectors: label (N,) -> (N, count), float32."""

    count: int

    def __call__(self, label: Tensor) -> Tensor:
        """The one-hot vectors."""
        return F.one_hot(label, self.count).float()


@dataclass(frozen=True)
class HardTargets:
    """Logits (N, A) to targets of 0 and 1 as the data gives them.

    Attributes:
        exclusive: 1 at the largest logit alone; otherwise 1 wherever a logit is above 0.
    """

    exclusive: bool

    def __call__(self, logits: Tensor) -> Tensor:
        """(N, A) -> (N, A) of 0 and 1."""
        if self.exclusive:
            return F.one_hot(logits.argmax(1), logits.shape[1]).to(logits)
        return (logits > 0).to(logits)


@dataclass(frozen=True)
class AttributesOfOthers:
    """Attributes to edit to: for each image, and for each of its attributes, that of another image of the batch.

    The k-th attribute comes from the image k places further on. There are N - 1 other images in a batch of N, so the
    count starts again after N - 1 attributes: no shift leads back to the image itself.

    Attributes:
        exclusive: exactly one attribute holds, so that an image takes all of them from one other image.
        across_batch: says of a tap's function that the batch cannot be computed in several parts.
    """

    exclusive: bool
    across_batch: ClassVar[bool] = True

    def __call__(self, given: Tensor) -> Tensor:
        """(N, A) -> (N, A). A batch of one image has no other, and keeps its attributes."""
        if self.exclusive:
            return given.roll(1, 0)
        others = max(1, len(given) - 1)
        return torch.stack([column.roll(1 + index % others) for index, column in enumerate(given.T)], 1)


def softmax(logits: Tensor) -> Tensor:
    """(N, A) -> (N, A), each row a distribution."""
    return logits.softmax(1)
