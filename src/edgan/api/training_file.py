"""A training's configuration as a TOML file: read for `train`, and written so that the file repeats a training."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgan.api.destinations import make_folder
from edgan.config import Configuration, dotted_names, dotted_settings
from edgan.data.files import read_file
from edgan.errors import EdganError, UsageError, near_miss
from edgan.methods import find
from edgan.paths import expand
from edgan.storage.durable import reason, write_bytes_atomic

NAMED = ("size", "steps", "batch", "device", "precision", "seed", "patience")
"""Settings that are options of their own, and stand at the top of the file."""
TEXTS = ("method", "preset", "data", "out", "from")
TABLES = ("set", "route")
MOST_BYTES = 2**20
HEAD = "# Repeat this training with: edgan train --config FILE. Options on the command line win over this file.\n\n"


@dataclass(frozen=True)
class Asked:
    """What a training is asked for, from the call and from a file.

    Attributes:
        method, data, out: as for `train`.
        preset: None for the method's default.
        given: by the names of `NAMED`; None for what is not given.
        set: dotted settings.
        route: cells of the table.
        start_from: another run; None for none.
    """

    method: str
    data: str | Path
    out: str | Path
    preset: str | None
    given: Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    route: Mapping[str, Any] = field(default_factory=dict)
    start_from: str | Path | None = None


def asked_for(
    config: str | Path | None,
    *,
    method: str | None,
    data: str | Path | None,
    out: str | Path | None,
    preset: str | None,
    given: Mapping[str, Any],
    set: Mapping[str, Any],
    route: Mapping[str, Any],
    start_from: str | Path | None,
) -> Asked:
    """What a call asks for, completed by a file. What the call gives wins, setting by setting.

    Args:
        config: the file; None for the call alone.
        method, data, out, preset, given, set, route, start_from: of the call; None or empty for what it leaves out.

    Raises:
        UsageError: a key that the file cannot have, a value of another kind, or no method, data or out in either.
        EdganError: the file cannot be read, or is no TOML.
    """
    stored = {} if config is None else _read(expand(config))
    texts = {"method": method, "data": data, "out": out, "preset": preset, "from": start_from}
    chosen: dict[str, Any] = {name: stored.get(name) if text is None else text for name, text in texts.items()}
    for name in ("method", "data", "out"):
        if chosen[name] is None:
            where = "" if config is None else f", and {config} does not"
            raise UsageError(f"must be given{where}.", parameter=name)
    whole = frozenset(dotted_names(find(str(chosen["method"])).settings))
    settings = _flat(stored.get("set", {}), whole)
    return Asked(
        str(chosen["method"]),
        chosen["data"],
        chosen["out"],
        chosen["preset"],
        {name: stored.get(name) if given.get(name) is None else given[name] for name in NAMED},
        {name: value for name, value in settings.items() if given.get(name) is None} | dict(set),
        _flat(stored.get("route", {}), frozenset()) | dict(route),
        chosen["from"],
    )


def _read(path: Path) -> dict[str, Any]:
    """The file's contents, with every key known and every value of its kind.

    Raises:
        UsageError: they are not.
        EdganError: it cannot be read, or is no TOML.
    """
    try:
        contents = tomllib.loads(read_file(path, most=MOST_BYTES).decode())
    except OSError as error:
        raise EdganError(f"The configuration {path} cannot be read: {reason(error)}.") from None
    except ValueError as error:  # no UTF-8, or no TOML
        raise EdganError(f"The configuration {path} is not a TOML file: {error}.") from None
    known = (*TEXTS, *NAMED, *TABLES)
    for name, value in contents.items():
        if name not in known:
            raise UsageError(
                f"The configuration {path} has the key {name!r}, which is none of a training's. "
                f"{near_miss(name, known)} Other settings stand in the table [set]."
            )
        wanted: tuple[type, str] = (dict, "a table") if name in TABLES else (str, "a text")
        if name not in NAMED and not isinstance(value, wanted[0]):
            raise UsageError(f"The key {name!r} of {path} must be {wanted[1]} (got {value!r}).")
    return contents


def _flat(table: Mapping[str, Any], whole: Collection[str], prefix: str = "") -> dict[str, Any]:
    """The dotted names of a table's values; names in `whole` have tables as values."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping) and prefix + name not in whole:
            flat |= _flat(value, whole, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def write_training_file(
    path: str | Path, configuration: Configuration, data: str | Path, out: str | Path, start_from: str | Path | None
) -> Path:
    """Write the file that repeats a training, with every setting in it.

    Args:
        path: ends in .toml.
        configuration: of the training.
        data, out, start_from: as given.

    Raises:
        EdganError: it could not be written.
    """
    import tomli_w

    values = dotted_settings(configuration)
    origins = {name for name in find(configuration.method).takes_over if isinstance(values.get(name), Mapping)}
    values |= {name: values[name]["run"] for name in origins}
    texts: dict[str, Any] = {"method": configuration.method, "preset": configuration.preset}
    texts |= {"data": os.fspath(data), "out": os.fspath(out)}
    if start_from is not None and not origins:  # which name that run already
        texts["from"] = os.fspath(start_from)
    settings: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None and name not in NAMED:
            _put(settings, name.split("."), value)
    routes: dict[str, Any] = {}
    for cell, route in configuration.routes.items():
        _put(routes, cell.split("."), route)
    contents = {**texts, **{name: values[name] for name in NAMED}, "set": settings, "route": routes}
    target = expand(path)
    make_folder(target.parent)
    write_bytes_atomic(target, (HEAD + tomli_w.dumps(contents)).encode())
    return target


def check_training_file(path: str | Path, networks: Collection[str]) -> None:
    """Refuse a file that could not be told from others later, or could not repeat the training.

    Args:
        path: of the file.
        networks: the names of those that the call gives as modules.

    Raises:
        UsageError: its name does not end in .toml, it is a folder, or a file cannot hold the networks.
    """
    if networks:
        raise UsageError("cannot be given together with networks: a file holds no modules.", parameter="save_config")
    target = expand(path)
    if target.suffix.lower() != ".toml" or target.is_dir():
        raise UsageError(f"must be a file that ends in .toml (got {target.name!r}).", parameter="save_config")


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        target = target.setdefault(key, {})
    target[path[-1]] = value
