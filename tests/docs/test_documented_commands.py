"""Every verb, flag, setting, preset, cell and module in a documented command exists."""

from __future__ import annotations

import importlib.util
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from documented_commands import PAGES, ROOT, Command, commands, split

import reproduction.__main__
from edgan.cli.app import app
from edgan.config import Configuration, OptimiserSettings, dotted_names
from edgan.errors import UsageError
from edgan.methods import PAGES as METHOD_PAGES
from edgan.methods import Shape, find

COMMANDS = {page: list(commands(page)) for page in PAGES}
TRAINING = {*dotted_names(Configuration)}


def misuse(command: Command) -> str | None:
    """What is wrong with a command, or None."""
    program, *words = command.words
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return None if words[0] in targets else f"the Makefile has no target {words[0]!r}"
    if program == "torchrun":
        words = words[words.index("-m") :]
    if words[:2] == ["-m", "edgan"]:
        program, words = "edgan", words[2:]
    if program == "edgan":
        return misuse_of_options(typer.main.get_command(app), words)
    if words[:2] == ["-m", "reproduction"]:
        return misuse_of_options(typer.main.get_command(reproduction.__main__.app), words[2:])
    return misuse_of_module(words)


def misuse_of_options(group: Any, words: list[str]) -> str | None:
    """What is wrong with the words after `edgan`."""
    here, rest = group, list(words)
    while hasattr(here, "commands"):
        verb = rest.pop(0)
        if verb.startswith("--"):
            known = {"--help", "--debug", *(name for parameter in here.params for name in parameter.opts)}
            return None if verb in known else f"there is no option {verb}"
        if verb not in here.commands:
            return f"there is no verb {verb!r}"
        here = here.commands[verb]
    known = {name for parameter in here.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "--debug",
    }
    missing = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    if missing:
        return f"{here.name} has no option {missing[0]}"
    return misuse_of_training(rest) if here.name in ("train", "explain") else None


def misuse_of_training(words: list[str]) -> str | None:
    """What is wrong with the method, preset, settings and cells of `train` and `explain`."""
    if not words:
        return None
    name = words[0]
    anything = name.isupper() or name.startswith("--")  # a method from a configuration file
    pages = [*METHOD_PAGES.values()] if anything else [find(name)]
    settings = set().union(*(dotted_names(page.settings) for page in pages))
    for flag, value in pairwise(words):
        if flag == "--preset" and not any(value in page.presets for page in pages):
            return f"{name} has no preset {value!r}"
        setting = value.partition("=")[0]
        if flag == "--set" and setting != "NAME" and not is_setting(setting, settings):
            return f"{name} has no setting {setting!r}"
        if flag == "--route" and setting != "CELL" and len(pages) == 1:
            table = pages[0].bind({}, Shape(64, 3, **pages[0].example)).plan.table
            try:
                table.with_route(setting, 0.0)
            except (ValueError, UsageError) as error:
                return str(error)
    return None


def is_setting(name: str, settings: set[str]) -> bool:
    """Whether a dotted name is a setting of the training, of these methods, or of one network's optimiser."""
    kind, *rest = name.split(".")
    return name in TRAINING | settings or (kind == "optimisers" and rest[-1] in OptimiserSettings.model_fields)


def misuse_of_module(words: list[str]) -> str | None:
    """What is wrong with `python -m MODULE --flags`."""
    if "-m" not in words:
        return None
    module, *rest = words[words.index("-m") + 1 :]
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return f"there is no module {module!r}"
    if not module.startswith("benchmarks"):
        return None
    source = Path(spec.origin).read_text()
    missing = [word for word in rest if word.startswith("--") and f'"{word.partition("=")[0]}"' not in source]
    return f"{module} has no option {missing[0]}" if missing else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_use_what_exists(page: Path) -> None:
    wrong = [f"{command}: {complaint}" for command in COMMANDS[page] if (complaint := misuse(command))]
    assert not wrong, "\n".join(wrong)


def test_the_pages_show_commands_of_every_kind() -> None:
    shown = [command.words[0] for page in PAGES for command in COMMANDS[page]]
    assert set(shown) >= {"edgan", "make", "python", "torchrun"}
    assert shown.count("edgan") > 30


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("edgan trian cdnet", "no verb 'trian'"),
        ("edgan train cdnet --data D --outt O", "no option --outt"),
        ("edgan train cdnet --set network.widht=3", "no setting 'network.widht'"),
        ("edgan train cdnet --preset tiny", "no preset 'tiny'"),
        ("edgan train ed-slash-gan --route adversarial.encodr=1", "encodr"),
        ("python -m benchmarks.nothing", "no module"),
        ("python -m benchmarks.step --speed 3", "no option --speed"),
        ("make tea", "no target 'tea'"),
    ],
)
def test_a_wrong_command_is_found(text: str, complaint: str) -> None:
    said = misuse(Command("here", split(text)))
    assert said is not None
    assert complaint in said
