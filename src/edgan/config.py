"""The configuration of a training: one strict schema for the command line, the Python call and the run folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator

from edgan.data.crops import parse_crop
from edgan.errors import UsageError, near_miss
from edgan.methods import Method, Shape, find
from edgan.methods.exclusive_attributes import with_exclusive
from edgan.methods.frozen_columns import with_frozen
from edgan.routing import Route, parse_route, route_text
from edgan.settings import OptimiserSettings, TrainingSettings

_Model = TypeVar("_Model", bound=BaseModel)


class Configuration(TrainingSettings):
    """Everything that a training depends on but the data and the code."""

    method: str
    preset: str = "small"
    routes: dict[str, str] = Field({}, description="cells of the table that differ from the method's: TERM.NETWORK")
    settings: dict[str, Any] = Field({}, description="the method's own settings")

    @field_validator("crop", mode="before")
    @classmethod
    def _known_crop(cls, value: Any) -> Any:
        return parse_crop(str(value)).text

    @property
    def data_options(self) -> dict[str, Any]:
        """Keywords of `open_dataset`."""
        return {
            "size": self.size,
            "crop": self.crop,
            "attributes": self.attributes,
            "layout": self.layout,
            "direction": self.pairs.direction,
            "source_classes": self.source_classes,
        }

    def optimiser_of(self, network: str, phase: str = "") -> OptimiserSettings:
        """The optimiser's settings for a network: those of this phase, or of the network in all its phases."""
        return self.optimisers.get(f"{phase}.{network}", self.optimisers.get(network, self.optimiser))

    def build(self, shape: Shape) -> Method:
        """The method, its routes changed as configured.

        Args:
            shape: of the data.

        Raises:
            UsageError: a route, a setting or a frozen network that the method does not have, or data that lacks what
                it needs.
        """
        method = find(self.method).bind(self.settings, shape)
        networks, phases = method.plan.table.networks, [p.name for stage in method.plan.stages for p in stage.phases]
        known = [*networks, *(f"{phase}.{network}" for phase in phases for network in networks)]
        unknown = set(self.optimisers) - set(known)
        if unknown:
            name = sorted(unknown)[0]
            raise UsageError(f"optimisers.{name}: no such network. {near_miss(name, known)}")
        method = method.with_routes({cell: _route(cell, text) for cell, text in self.routes.items()})
        method = with_exclusive(method, self.exclusive) if self.exclusive else method
        return with_frozen(method, self.frozen) if self.frozen else method


def configure(
    method: str,
    preset: str | None = None,
    changes: Mapping[str, Any] | None = None,
    routes: Mapping[str, Route | str] | None = None,
    **named: Any,
) -> Configuration:
    """A configuration from a method's preset and changes to it.

    Args:
        method: a name from the registry.
        preset: one of the method's presets; the method's default unless given.
        changes: dotted settings, of the training or of the method: {"optimiser.lr": 1e-4, "latent.prior": "vae"}.
            Strings are parsed as the setting's type.
        routes: cells of the table that are changed: {"adversarial.decoder": 0.1}.
        **named: fields of `Configuration` (size, steps, batch, ...); None means not given.

    Raises:
        UsageError: an unknown method, preset, setting or value, with the near miss.
    """
    page = find(method)
    preset = preset or page.default_preset
    if preset not in page.presets:
        raise UsageError(f"{method} has no preset {preset!r}. {near_miss(preset, page.presets)}")
    given = {name: value for name, value in named.items() if value is not None}
    flat = {**page.presets[preset].dotted(), **given, **(changes or {})}
    training: dict[str, Any] = {"method": method, "preset": preset}
    settings: dict[str, Any] = {}
    not_dotted = {"method", "preset", "routes", "settings", "optimisers"}
    known = {*dotted_names(Configuration), *dotted_names(page.settings)} - not_dotted
    for name, value in flat.items():
        path = name.split(".")
        if path[0] == "optimisers":
            owner = ".".join(path[1:-1] or path[1:]) or "NETWORK"  # NETWORK or PHASE.NETWORK
            known |= {f"optimisers.{owner}.{field}" for field in OptimiserSettings.model_fields}
            path = ["optimisers", owner, path[-1]]
        if name not in known:
            raise UsageError(f"There is no setting {name!r}. {near_miss(name, known)}")
        target = settings if path[0] in page.settings.model_fields else training
        _put(target, path, value)
    for owner, differing in training.get("optimisers", {}).items():
        training["optimisers"][owner] = {**training.get("optimiser", {}), **differing}
    training["routes"] = {cell: _route_as_text(cell, route) for cell, route in (routes or {}).items()}
    own = _validated(page.settings, settings)
    training["settings"] = own.model_dump(mode="json")
    configuration = _validated(Configuration, training)
    if page.at_steps is not None:
        fitted = page.at_steps(own, configuration.steps).model_dump(mode="json")
        configuration = configuration.model_copy(update={"settings": fitted})
    least = page.smallest_batch(configuration.settings)
    if configuration.batch < least:
        raise UsageError(
            f"must be at least {least} for {method}, whose norms or losses compare the images of a batch (got "
            f"{configuration.batch}).",
            parameter="batch",
        )
    return configuration


def dotted_names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all settings of a model, nested ones included."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from dotted_names(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def dotted_settings(configuration: Configuration) -> dict[str, Any]:
    """The dotted settings of a configuration, as `configure` takes them, without method, preset and routes."""
    values = configuration.model_dump(mode="json", exclude={"method", "preset", "routes", "settings"})
    flat: dict[str, Any] = {}
    whole = set(dotted_names(find(configuration.method).settings))

    def visit(prefix: str, value: Any) -> None:
        if isinstance(value, dict) and prefix not in whole:
            for key, inner in value.items():
                visit(f"{prefix}.{key}" if prefix else key, inner)
        else:
            flat[prefix] = value

    visit("", {**values, **configuration.settings})
    return flat


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        target = target.setdefault(key, {})
    target[path[-1]] = value


def _validated(model: type[_Model], values: Mapping[str, Any]) -> _Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(f"The setting {name} cannot be {first['input']!r}: {first['msg'].lower()}.") from None


def _route(cell: str, text: str) -> Route:
    try:
        return parse_route(text)
    except ValueError as error:
        raise UsageError(f"The route {cell}: {error}.") from None


def _route_as_text(cell: str, route: Route | str) -> str:
    return route_text(_route(cell, route) if isinstance(route, str) else route)
