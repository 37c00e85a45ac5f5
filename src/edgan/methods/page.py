"""A method as the registry holds it: its page, with presets, before settings and the shape of the data are known."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods.base import Method, Shape
from edgan.routing import Route, Term
from edgan.settings import Strict, TrainingSettings

SettingsType = TypeVar("SettingsType", bound=Strict)


@dataclass(frozen=True)
class Preset(Generic[SettingsType]):
    """Settings that belong together. Only what is written counts: a setting left out keeps its default.

    Attributes:
        training: batch, steps, optimisers, ...
        settings: the method's own.
    """

    training: TrainingSettings
    settings: SettingsType

    def dotted(self) -> dict[str, Any]:
        """What is written, by dotted name: {"batch": 25, "optimisers.decoder.lr": 1e-3, "network.width": 32}."""
        return dict(_written(self.training)) | dict(_written(self.settings))


def _written(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in sorted(settings.model_fields_set):
        value = getattr(settings, name)
        nested = {name: value} if isinstance(value, BaseModel) else value if isinstance(value, dict) else {}
        if nested and all(isinstance(inner, BaseModel) for inner in nested.values()):
            for key, inner in nested.items():
                path = f"{prefix}{name}." if inner is value else f"{prefix}{name}.{key}."
                yield from _written(inner, path)
        else:
            yield prefix + name, value


@dataclass(frozen=True)
class Page(Generic[SettingsType]):
    """A method as the registry holds it.

    Attributes:
        name: of the method, on the command line and in runs.
        summary: one line.
        paper: its source.
        settings: the class of its settings.
        capabilities: the verbs that its trained models answer: "reconstruct", "encode", "sample", "translate", "edit".
            Some settings leave out "sample" or "edit".
        presets: by name. "quick" is the default, or "small" where a method has no "quick".
        build: (settings, shape) -> `Method`, without name and capabilities.
        needs: batch fields besides the image that the data must have: "source", "attributes", "label".
        least_batch: the smallest batch that it can learn from, or a function of its settings that gives it; norms that
            compare images need 2.
        at_steps: (settings, steps) -> settings, where some of them are shares of the training's steps.
        example: fields of `Shape` that `explain` assumes where it is given no data.
        origin: the setting that names the run whose networks a training starts from, where it needs one.
        encoder_decoder: the setting that names a run whose encoder-decoder it takes in place of its own, where it can.
        architecture: the settings, or groups of them, that decide how its networks are built. A training that starts
            from a run of the same networks takes them from that run.
        twin_settings: the class of its // twin's settings, a `TwinOptions`, where that is written out; otherwise it is
            made of `settings`.
        twin_presets: those of its // twin that differ from its own, by name.
        module: where it is defined; runs name it. That of `build`, unless given.
        base: of a page that `with_term` made, the method that it was made of: it has the same networks.
    """

    name: str
    summary: str
    paper: str
    settings: type[SettingsType]
    capabilities: tuple[str, ...]
    presets: Mapping[str, Preset[SettingsType]]
    build: Callable[[SettingsType, Shape], Method]
    needs: tuple[str, ...] = ()
    least_batch: int | Callable[[SettingsType], int] = 2
    at_steps: Callable[[SettingsType, int], SettingsType] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    origin: str | None = None
    encoder_decoder: str | None = None
    architecture: tuple[str, ...] = ("network", "generator", "discriminator", "latent")
    twin_settings: type[Strict] | None = None
    twin_presets: Mapping[str, Preset[Any]] = field(default_factory=dict)
    module: str = ""
    base: str = ""

    def __post_init__(self) -> None:
        if not self.module:
            object.__setattr__(self, "module", self.build.__module__)

    @property
    def takes_over(self) -> tuple[str, ...]:
        """The settings that name another run whose networks become columns of this method."""
        return tuple(name for name in (self.origin, self.encoder_decoder) if name is not None)

    @property
    def default_preset(self) -> str:
        """The preset that is used unless another one is asked for: "quick", else "small", else the first."""
        return next(name for name in ("quick", "small", *self.presets) if name in self.presets)

    def smallest_batch(self, settings: Mapping[str, Any] | SettingsType) -> int:
        """The smallest batch that it can learn from with these settings."""
        if callable(self.least_batch):
            return self.least_batch(self.settings.model_validate(settings))
        return self.least_batch

    def bind(self, settings: Mapping[str, Any] | SettingsType, shape: Shape) -> Method:
        """The method for these settings and this shape of data.

        Raises:
            UsageError: the data lacks something that the method needs, or the settings do not fit its shape.
        """
        for name in self.needs:
            if not shape.has(name):
                raise UsageError(
                    f"{self.name} learns from {NEEDED[name]}, and this data has none. docs/data.md lists the layouts "
                    "that carry them; edgan data check shows what was found."
                )
        method = self.build(self.settings.model_validate(settings), shape)
        if shape.partly_labelled and any("attributes" in tap.inputs for tap in method.plan.taps):
            raise UsageError(
                f"{self.name} takes every attribute of every image as input, and some cells of this data are blank. "
                "Use cdnet, which learns from the labelled cells and infers the rest, fill in the cells, or choose "
                "attributes without blanks (attributes=A,B)."
            )
        samples = method.latent is not None and method.latent.prior is not None
        missing = {"sample": not samples, "edit": method.edit is None}
        able = tuple(capability for capability in self.capabilities if not missing.get(capability, False))
        return replace(method, name=self.name, capabilities=able)

    def with_term(
        self,
        name: str,
        loss: Callable[..., Tensor],
        cells: Mapping[str, Route],
        *,
        taps: Sequence[str] = ("output", "image"),
        label: str | None = None,
        source: str = "",
        every: int = 1,
        differentiates: bool = False,
        phases: Sequence[str] | None = None,
    ) -> Page[SettingsType]:
        """The page of a new method, "NAME+TERM": this one with another row in its table.

        The networks stay what they are, so a run of the new method can be used, though not resumed, where the loss is
        not there.

        Args:
            name: of the term: its row.
            loss: maps the taps' values to per-sample values (N,), or to a scalar. Its mean is the term's value.
            cells: the networks that it teaches, with the weight of each: {"generator": 0.1}.
            taps: what the loss reads, in its order: taps of the method or batch fields.
            label: how the table prints the loss; "loss(output, image)" unless given.
            source: the paper's equation.
            every: evaluate it at every k-th step only.
            differentiates: the loss itself takes a gradient, as a gradient penalty does.
            phases: in which it teaches, for a method with a network that steps in several phases by terms of their own.

        Raises:
            UsageError: when the page is bound: a taken name, or an unknown network, tap or phase.
        """
        function = getattr(loss, "__name__", type(loss).__name__)
        term = Term(name, loss, tuple(taps), label or f"{function}({', '.join(taps)})", source, every, differentiates)

        def build(settings: SettingsType, shape: Shape) -> Method:
            return replace(self.build(settings, shape), name=self.name).with_term(term, cells, phases)

        caller = sys._getframe(1).f_globals.get("__name__", "__main__")
        return replace(
            self,
            name=f"{self.name}+{name}",
            summary=f"{self.summary}; also {term.label}",
            build=build,
            module=caller,
            base=self.base or self.name,
        )


NEEDED = {"source": "pairs of images", "attributes": "attributes of each image", "label": "a class for each image"}
