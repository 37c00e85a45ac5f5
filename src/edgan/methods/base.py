"""A method bound to its settings and its data: plan, networks, latent, edits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from torch import nn

from edgan.errors import UsageError, near_miss
from edgan.routing import Plan, Route, Stage, Tap, Term, row
from edgan.routing.term import BATCH_FIELDS

if TYPE_CHECKING:  # `edgan methods` does not wait for the readers of images
    from edgan.data import Dataset


@dataclass(frozen=True)
class Shape:
    """What a method needs to know about the data.

    Attributes:
        size: side of the square images in pixels.
        channels: 1 or 3.
        source_channels: channels of the source image of each pair; 0 where the data has no pairs.
        attributes: names of the attributes, in the order of the batch field "attributes".
        classes: names of the classes, in the order of the batch field "label".
        source_classes: number of classes of a one-hot source map; 0 where the source is an image.
        frequencies: share of the training images with each attribute, or of each class where there are no attributes;
            () where it is unknown.
        training_images: their number; 0 where it is unknown.
        partly_labelled: whether some images lack the value of some attribute.
    """

    size: int
    channels: int
    source_channels: int = 0
    attributes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    source_classes: int = 0
    frequencies: tuple[float, ...] = ()
    training_images: int = 0
    partly_labelled: bool = False

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
            dataset.partly_labelled,
        )

    def has(self, field: str) -> bool:
        """Whether a batch of such data carries a field: "image", "source", "attributes" or "label"."""
        present = {"source": self.source_channels, "attributes": self.attributes, "label": self.classes}
        return bool(present.get(field, True))


def _frequencies(dataset: Dataset) -> tuple[float, ...]:
    training = dataset.indices("train")
    if len(training) and dataset.attributes is not None:
        values = dataset.attributes[training]
        if not dataset.partly_labelled:
            return tuple(values.mean(0, dtype=float).tolist())
        known = (~np.isnan(values)).sum(0)
        return tuple((np.nansum(values, 0, dtype=float) / np.maximum(known, 1)).tolist())
    if len(training) and dataset.label is not None:
        counts = np.bincount(dataset.label[training], minlength=len(dataset.label_names))
        return tuple((counts / len(training)).tolist())
    return ()


@dataclass(frozen=True)
class Latent:
    """The latent of a method.

    Attributes:
        size: its length.
        code: the tap that encodes an image: z, or the mean of its posterior.
        z: the tap that the decoder reads; equal to `code` where z is deterministic.
        prior: "normal" N(0, 1), "symmetric-uniform" U(-1, 1), or None where z has no prior and the trained model cannot
            sample.
    """

    size: int
    code: str = "z"
    z: str = "z"
    prior: str | None = None


@dataclass(frozen=True)
class Edit:
    """How a method's images are edited: by replacing the values of a tap.

    Attributes:
        tap: the tap or batch field (N, A) with the attributes; everything else about the image comes from the latent.
        names: of its A columns.
        kind: "multilabel": the columns are independent intensities. "multiclass": exactly one class is true.
        low, high: the range of intensities that the method was made for; values outside are allowed, with a note.
        units: factors from the tap's values to the user's: {"Age": 116} where 1 means 116 years.
        code: the tap with the attributes that inference infers from an image, where `tap` holds the data's own in
            training; None where both are the same tap.
        exclusive: groups of names of which at most one holds in a picture, such as hair colours.
    """

    tap: str
    names: tuple[str, ...]
    kind: Literal["multilabel", "multiclass"] = "multilabel"
    low: float = 0.0
    high: float = 1.0
    units: Mapping[str, float] = field(default_factory=dict)
    code: str | None = None
    exclusive: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class FeatureLoss:
    """A distance between pretrained features of output and image.

    Attributes:
        taps: those that it needs beside the method's own.
        term: the loss itself.
    """

    taps: tuple[Tap, ...]
    term: Term


@dataclass(frozen=True)
class Method:
    """A method, bound to its settings and the data's shape.

    Attributes:
        plan: its table, taps, cuts and stages.
        networks: builders by column name; each call builds a new network.
        latent: its latent; None where it has none.
        name, capabilities: its page's; `Page.bind` sets them.
        adversarial: the terms of the generator's side of the game; `decoupled` moves them to the generator.
        edit: what the verb `edit` changes; None where the method has no attributes.
        logits: whether D's taps "d_real" and "d_fake" are logits of a probability, and not unbounded scores.
        verbs_read: taps besides "output" and the latent's that a trained model's verbs read.
        attributes_last: networks whose inputs or outputs for the attributes come after all others, in every layer that
            has them. A training that starts from another run takes over what belongs to an attribute there.
        drawer: builds the network that draws the base with other options than its own (norm, activation, init), which
            its twin's generator may have; None where it has none.
        feature_loss: what can teach its twin's generator besides the adversarial loss; None where it has none.
        multiple: of a fully convolutional translator: it takes sources whose sides are multiples of this, in pixels.
            None: it takes sources of the training's size only.
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
    drawer: Callable[..., nn.Module] | None = None
    feature_loss: FeatureLoss | None = None
    attributes_last: tuple[str, ...] = ()

    @property
    def inference(self) -> tuple[str, ...]:
        """The networks that a trained model's verbs use, in the table's order."""
        used = {network for tap in self._read() for network in self.plan.networks_behind(tap)}
        return tuple(network for network in self.plan.table.networks if network in used)

    @property
    def draws_with_gan(self) -> bool:
        """Whether an adversarial loss teaches a network that draws: a row of its game has a cell that is not blank."""
        return any(r.term.name in self.adversarial and r.cells for r in self.plan.table.rows)

    @property
    def fields(self) -> tuple[str, ...]:
        """The batch fields that a trained model's verbs read: "image", "source", "attributes", "label"."""
        return self._fields_behind(self._read(), self.stand_ins)

    @property
    def conditioning(self) -> tuple[str, ...]:
        """The batch fields that an image is generated from besides its latent: ("attributes",) of a conditional GAN."""
        return self._fields_behind(["output"], {self.latent.z: None} if self.latent else {})

    @property
    def stand_ins(self) -> dict[str, str]:
        """Taps that inference fills from other taps: {"z": "mean"} for a stochastic latent."""
        pairs = [(self.latent.z, self.latent.code)] if self.latent else []
        pairs += [(self.edit.tap, self.edit.code)] if self.edit and self.edit.code else []
        return {tap: code for tap, code in pairs if tap != code}

    def _fields_behind(self, taps: Iterable[str], instead: Mapping[str, str | None]) -> tuple[str, ...]:
        """The batch fields that taps are computed from; `instead` maps taps to their replacements, None to be given."""
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

    def with_term(self, term: Term, cells: Mapping[str, Route], phases: Collection[str] | None = None) -> Method:
        """The method with another row at the end of its table.

        Args:
            term: reads taps of the method, or batch fields.
            cells: the networks that it teaches, with their weights.
            phases: those in which it teaches, of the phases that have terms of their own. None: every phase that steps
                one of its networks, where a network steps in one such phase only.

        Raises:
            UsageError: the name is taken, there is no such network, tap or phase, or the phase is ambiguous.
        """
        table = self.plan.table
        if term.name in (taken.name for taken in table.terms):
            raise UsageError(f"{self.name} has a term {term.name!r} already. Change its cells with a route.")
        readable = {tap.name for tap in self.plan.taps} | set(BATCH_FIELDS)
        named = {phase.name for stage in self.plan.stages for phase in stage.phases}
        wanted_of = (("network", cells, table.networks), ("tap", term.taps, readable), ("phase", phases or (), named))
        for what, wanted, known in wanted_of:
            for name in wanted:
                if name not in known:
                    raise UsageError(f"{self.name} has no {what} {name!r}. {near_miss(name, known)}")
        stages = tuple(_taught(stage, term.name, cells, phases) for stage in self.plan.stages)
        rows = (*table.rows, row(term, **cells))
        return replace(self, plan=replace(self.plan, table=replace(table, rows=rows), stages=stages))


def _taught(stage: Stage, term: str, cells: Collection[str], phases: Collection[str] | None) -> Stage:
    """The stage, in which another term teaches some networks."""
    own = [phase for phase in stage.phases if phase.terms is not None and set(phase.networks) & set(cells)]
    if phases is None and any(sum(network in phase.networks for phase in own) > 1 for network in cells):
        names = " and ".join(repr(phase.name) for phase in own)
        raise UsageError(f"must be given, since each of the phases {names} has terms of its own.", parameter="phases")
    chosen = {phase.name for phase in own if phases is None or phase.name in phases}
    return replace(
        stage,
        phases=tuple(
            replace(phase, terms=(*phase.terms, term)) if phase.terms is not None and phase.name in chosen else phase
            for phase in stage.phases
        ),
    )
