"""`zoo`: the trained models that ship with the package, each with its card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgan.config import Configuration, configure, dotted_settings
from edgan.errors import EdganError
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder
from edgan.storage.zoo import CARD, PREFIX, zoo_folder, zoo_names

PREVIEW = "preview.png"
WITHOUT_EFFECT = ("device", "checkpoint_every", "preview_every", "evaluate_every", "log_every")
"""Settings that change no weight; a training command leaves them out."""


@dataclass(frozen=True)
class Card:
    """What a person should know of a model that ships.

    Attributes:
        name: as every verb takes it, "zoo:faces".
        method: its name in the registry.
        title: a line.
        summary: what the model does, in a sentence or two.
        can: its capabilities, such as "reconstruct" and "edit".
        controls: the attributes that it edits; empty for others.
        size, channels: of its images, in pixels and number.
        parameters: number of weights.
        data: "what" it was trained on, and the "command" that draws it, or that checks a folder of a published set.
        training: "steps" done and "asked", "seconds", "seed", "machine", "date", "edgan", "torch" and "note"; where it
            starts from other runs, "first": the commands that train those, in order.
        evaluation: "images" held out, "data", which says what draws them or where they are, and the "command" that
            measured the figures.
        figures: by name, as `edgan evaluate` gives them.
        protocol: how each figure was measured.
        examples: commands to try.
        limits: what a person would call wrong, a sentence each.
        licence: of the weights.
    """

    name: str
    method: str
    title: str
    summary: str
    can: tuple[str, ...]
    controls: tuple[str, ...]
    size: int
    channels: int
    parameters: int
    data: Mapping[str, str]
    training: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    figures: Mapping[str, float]
    protocol: Mapping[str, str]
    examples: tuple[str, ...]
    limits: tuple[str, ...]
    licence: str

    @property
    def path(self) -> Path:
        """The model's run folder."""
        return zoo_folder(self.name)

    @property
    def preview(self) -> Path:
        """A PNG sheet of held-out pictures."""
        return self.path / PREVIEW

    @property
    def bytes(self) -> int:
        """Size of the model's folder."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    def training_command(self) -> str:
        """The `edgan train` command with the model's settings, written for this edgan's presets.

        Raises:
            EdganError: the model's run.json is damaged.
        """
        folder = RunFolder.open(self.path)
        contents = folder.read_run()
        return training_command(stored_configuration(contents, folder), contents["data"]["path"], self.path.name)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; with "path", "preview", "bytes" and "training_command"."""
        paths = {"path": str(self.path), "preview": str(self.preview), "bytes": self.bytes}
        return {**asdict(self), **paths, "training_command": self.training_command()}


def zoo() -> list[Card]:
    """The cards of the models that ship, by name.

    Raises:
        EdganError: a card is damaged.
    """
    return [read_card(name) for name in zoo_names()]


def read_card(name: str) -> Card:
    """The card of one model.

    Args:
        name: "zoo:faces", or "faces".

    Raises:
        UsageError: there is no such model.
        EdganError: its card is damaged.
    """
    path = zoo_folder(name) / CARD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        lists = {key: tuple(values[key]) for key in ("can", "controls", "examples", "limits")}
        return Card(**{**values, **lists, "name": f"{PREFIX}{path.parent.name}"})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EdganError(f"{path} cannot be read: {error}. Install edgan again.") from error


def training_command(configuration: Configuration, data: str, name: str) -> str:
    """The `edgan train` command of a configuration: what differs from its preset as it is now.

    Args:
        configuration: of a run.
        data: name of its data folder.
        name: of its run below runs/.
    """
    own: dict[str, Any] = {"size": configuration.size, "steps": configuration.steps, "batch": configuration.batch}
    usual = dotted_settings(configure(configuration.method, configuration.preset, **own))
    words = ["edgan", "train", configuration.method, "--data", f"{data}/", "--out", f"runs/{name}"]
    words += ["--preset", configuration.preset, "--seed", str(configuration.seed)]
    words += [word for flag, value in own.items() for word in (f"--{flag}", str(value))]
    for setting, value in dotted_settings(configuration).items():
        if setting not in (*own, "seed", *WITHOUT_EFFECT) and usual.get(setting) != value:
            words += ["--set", f"{setting}={_written(value)}"]
    return " ".join(words + [word for cell in configuration.routes.items() for word in ("--route", "=".join(cell))])


def _written(value: Any) -> str:
    """A setting's value as `--set` reads it; of another run, stored with its networks, the folder."""
    if isinstance(value, dict):
        return str(value["run"])
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
