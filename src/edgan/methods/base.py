"""A method bound to its settings and its data: plan, networks, latent, edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from torch import nn

from edgan.routing import Plan, Route
from edgan.routing.term import BATCH_FIELDS

if TYPE_CHECKING:  # `edgan methods` does not wait for the readers of images
    from edgan.data import Dataset


@dataclass(frozen=True)
class Shape:
    """What a method must know of the data.

    Attributes:
        size: side of the square images in pixels.
        channels: 1 or 3.
        source_channels: those of the other image of each pair; 0 where the data is not of pairs.
        attributes: names of the attributes, in the order of the batch field "attributes".
        classes: names of the classes, in the order of the batch field "label".
        source_classes: where it is above 0, the other image of each pair is a plane for each of so many classes.
        frequencies: share of the training images with each attribute, or of each class where there are no attributes;
            () where it is not known.
        training_images: their number; 0 where it is not known.
    """

    size: int
    channels: int
    source_channels: int = 0
    attributes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    source_classes: int = 0
    frequencies: tuple[float, ...] = ()
    training_images: int = 0

    @classmethod
    def of(cls, dataset: Dataset) -> Shape:
        """The shape of a data set's samples."""
        return cls(
            dataset.size,
            dataset.channels,
            dataset.source_classes or (0 if dataset.source is None else int(dataset.source.shape[-1])),
            dataset.attribute_names,
            () if dataset.label is None else dataset.label_names,
            dataset.source_classes,
            _frequencies(dataset),
            len(dataset.indices("train")),
        )

    def has(self, field: str) -> bool:
        """Whether a batch of such data carries a field: "image", "source", "attributes" or "label"."""
        there = {"source": self.source_channels, "attributes": self.attributes, "label": self.classes}
        return bool(there.get(field, True))


def _frequencies(dataset: Dataset) -> tuple[float, ...]:
    where = dataset.indices("train")
    if len(where) and dataset.attributes is not None:
        return tuple(dataset.attributes[where].mean(0, dtype=float).tolist())
    if len(where) and dataset.label is not None:
        return tuple((np.bincount(dataset.label[where], minlength=len(dataset.label_names)) / len(where)).tolist())
    return ()


@dataclass(frozen=True)
class Latent:
    """The latent of a method.

    Attributes:
        size: its length.
        code: the tap that stands for an image: z, or the mean of its posterior.
        z: the tap that the decoder reads; equal to `code` where z is deterministic.
        prior: "normal" N(0, 1), "symmetric-uniform" U(-1, 1), or None where nothing was asked of z, so that the trained
            model cannot sample.
    """

    size: int
    code: str = "z"
    z: str = "z"
    prior: str | None = None


@dataclass(frozen=True)
class Edit:
    """How a method's pictures are edited: by writing other values into a tap.

    Attributes:
        tap: the tap or batch field (N, A) that holds the attributes; the rest of the picture comes from the latent.
        code: the tap that says them of an image in inference, where `tap` holds the data's own in training; None where
            they are one.
        names: of its A columns, as a person says them.
        kind: "multilabel": each column is an intensity of its own. "multiclass": exactly one class holds.
        low, high: the range of intensities that the method states; outside is allowed, with a note.
        units: by how much a person's unit is larger than the tap's: {"Age": 116} where 1 stands for 116 years.
    """

    tap: str
    names: tuple[str, ...]
    kind: Literal["multilabel", "multiclass"] = "multilabel"
    low: float = 0.0
    high: float = 1.0
    units: Mapping[str, float] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True)
class Method:
    """A method, bound to its settings and the data's shape.

    Attributes:
        plan: its table, taps, cuts and stages.
        networks: builders by column name; each call builds the network anew.
        latent: its latent, where it has one.
        name, capabilities: its page's; `Page.bind` sets them.
        adversarial: the terms by which the generator's side of the game teaches; `decoupled` moves these.
        edit: what `edit` changes, where the method can.
        logits: D's taps "d_real" and "d_fake" are logits of a probability; False where they are scores without bounds.
        verbs_read: taps besides "output" and the latent's that a trained model's verbs read.
        multiple: of a translator whose networks are convolutional throughout: sources whose sides are multiples of so
            many pixels can go through them. None: only those of the training's size.
    """

    plan: Plan
    networks: Mapping[str, Callable[[], nn.Module]]
    latent: Latent | None = None
    name: str = ""
    capabilities: tuple[str, ...] = ()
    adversarial: tuple[str, ...] = ("adversarial",)
    edit: Edit | None = None
    logits: bool = True
    verbs_read: tuple[str, ...] = ()
    multiple: int | None = None

    @property
    def inference(self) -> tuple[str, ...]:
        """The networks that a trained model's verbs use, in the table's order."""
        used = {network for tap in self._read() for network in self.plan.networks_behind(tap)}
        return tuple(network for network in self.plan.table.networks if network in used)

    @property
    def fields(self) -> tuple[str, ...]:
        """The batch fields that a trained model's verbs read: "image", "source", "attributes", "label"."""
        return self._fields_behind(self._read(), self.stand_ins)

    @property
    def conditioning(self) -> tuple[str, ...]:
        """The batch fields that a picture is drawn from beside its latent: of a GAN that is told "attributes"."""
        return self._fields_behind(["output"], {self.latent.z: None} if self.latent else {})

    @property
    def stand_ins(self) -> dict[str, str]:
        """Taps that inference fills from other taps: {"z": "mean"} for a stochastic latent."""
        pairs = [(self.latent.z, self.latent.code)] if self.latent else []
        pairs += [(self.edit.tap, self.edit.code)] if self.edit and self.edit.code else []
        return {tap: code for tap, code in pairs if tap != code}

    def _fields_behind(self, taps: Iterable[str], instead: Mapping[str, str | None]) -> tuple[str, ...]:
        """The batch fields that taps are computed from, where other taps stand for some, and some (None) are given."""
        seen: set[str] = set()
        waiting = list(taps)
        while waiting:
            tap = waiting.pop()
            name = instead.get(tap, tap)
            if name is not None and name not in seen:
                seen.add(name)
                waiting += self.plan.tap[name].inputs if name in self.plan.tap else ()
        return tuple(name for name in BATCH_FIELDS if name in seen)

    def _read(self) -> list[str]:
        latent = [self.latent.code] if self.latent else []
        return ["output", *self.verbs_read, *latent, *([self.edit.code or self.edit.tap] if self.edit else [])]

    def build(self) -> dict[str, nn.Module]:
        """The networks, freshly initialised from torch's global random state, column by column."""
        return {name: self.networks[name]() for name in self.plan.table.networks}

    def with_routes(self, routes: Mapping[str, Route]) -> Method:
        """The method with cells of its table changed: {"TERM.NETWORK": route}."""
        table = self.plan.table
        for cell, route in routes.items():
            table = table.with_route(cell, route)
        return replace(self, plan=replace(self.plan, table=table))
