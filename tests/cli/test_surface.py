"""The public surface is frozen: a new verb, option, default or name is a decision, seen in the diff of this file."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from calling import call, done

import edgan
from edgan.api.data_check import check_data
from edgan.api.demo import demo
from edgan.cli.app import app
from edgan.config import Configuration, dotted_names
from edgan.settings import OptimiserSettings
from edgan.synthetic import write_folder

# Arguments in capitals, then options with their defaults; a lone name is required or a flag that is off.
SURFACE = {
    "demo": "--out=demo --seed=0",
    "zoo": "NAME --json",
    "methods": "--json",
    "explain": "METHOD --route --set --preset --size --data --from --measure --json",
    "train": "METHOD --data --out --size --steps --batch --preset --device --precision --seed --set --route --from "
    "--resume --patience --config --save-config --tensorboard --json",
    "reconstruct": "RUN INPUT OUT --what=output --sheet --enlarge=1 --shard --skip-existing --checkpoint=best "
    "--device=auto --json",
    "invert": "RUN INPUT OUT --how --steps=200 --sheet --enlarge=1 --shard --checkpoint=best --device=auto --json",
    "translate": "RUN INPUT OUT --variants=1 --style --tiles --layout --what=output --seed=0 "
    "--sheet --enlarge=1 --shard --skip-existing --checkpoint=best --device=auto --json",
    "edit": "RUN INPUT OUT --set --sweep --sheet --enlarge=1 --gif --webp --mp4 --shard --skip-existing "
    "--checkpoint=best --device=auto --json",
    "sample": "RUN OUT --count=16 --seed=0 --interpolate=0 --walk=0 --sheet --enlarge=1 --gif --webp --mp4 "
    "--checkpoint=best --device=auto --json",
    "timelapse": "RUN --gif --webp --mp4 --json",
    "evaluate": "RUN --data --split=test --metric=figures --checkpoint=best --device=auto --json",
    "rank": "--real --fake --protocol=robust --size=64 --seed=0 --also= --features=classifier --json --report",
    "push": "RUN NAME --license=other --private --whole --preview --checkpoint=best --json",
    "pull": "NAME OUT --json",
    "export": "RUN OUT --graph --example --checkpoint=best --json",
    "studio": "RUNS --data --host=127.0.0.1 --port --device=auto --browser=True",
    "doctor": "--json",
    "data check": "PATH --attributes --layout --direction=BtoA --run --json",
    "data synth": "KIND DEST --count=2000 --size=64 --seed=0 --independent --patterned",
}

SETTINGS = {
    *(
        "size",
        "attributes",
        "layout",
        "crop",
        "source_classes",
        "steps",
        "batch",
        "seed",
        "device",
        "precision",
        "cuda_graphs",
        "compile",
        "ema",
        "rollbacks",
        "patience",
        "frozen",
        "exclusive",
    ),
    *("optimiser.name", "optimiser.lr", "optimiser.beta1", "optimiser.beta2", "optimiser.decay", "optimiser.decay_at"),
    "optimiser.linear_from",
    *("augment.enlarge", "augment.flip", "pairs.direction"),
    *("checkpoint_every", "preview_every", "evaluate_every", "log_every"),
}

PYTHON = {
    "explain": edgan.explain,
    "train": edgan.train,
    "reconstruct": edgan.reconstruct,
    "invert": edgan.invert,
    "translate": edgan.translate,
    "sample": edgan.sample,
    "edit": edgan.edit,
    "timelapse": edgan.timelapse,
    "evaluate": edgan.evaluate,
    "rank": edgan.rank,
    "push": edgan.push,
    "pull": edgan.pull,
    "export": edgan.export,
    "demo": demo,
    "data check": check_data,
    "data synth": write_folder,
}
OTHERWISE_NAMED = {"fake": "fakes"}
ONLY_ON_THE_COMMAND_LINE = {"json", "list"}


def commands() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {inner}", verb) for inner, verb in command.commands.items())
        else:
            yield name, command


def written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    plain = parameter.default is None or parameter.default is False or parameter.required or parameter.multiple
    return parameter.opts[0] if plain else f"{parameter.opts[0]}={parameter.default}"


def test_the_verbs_and_their_options_are_these() -> None:
    assert {name: " ".join(map(written, command.params)) for name, command in commands()} == SURFACE


def test_the_settings_of_a_training_are_these() -> None:
    apart = {"method", "preset", "routes", "settings", "optimisers"}
    assert set(dotted_names(Configuration)) - apart == SETTINGS
    assert set(OptimiserSettings.model_fields) == {"name", "lr", "beta1", "beta2", "decay", "decay_at", "linear_from"}


def test_the_names_of_the_package_are_these() -> None:
    verbs = {"doctor", "evaluate", "explain", "load", "methods", "rank", "reconstruct", "sample", "train"}
    verbs |= {"edit", "export", "invert", "timelapse", "translate", "zoo"}
    verbs |= {"method", "pull", "push", "register"}
    types = {"EdganError", "Model", "Page", "Reconstruction", "Run", "UsageError", "Written"}
    assert set(edgan.__all__) == {"__version__", "losses", "metrics"} | types | verbs
    assert {name for name in dir(edgan) if not name.startswith("__")} == set(edgan.__all__) - {"__version__"}
    assert all(getattr(edgan, name) is not None for name in edgan.__all__)


@pytest.mark.parametrize("name", ["psnr", "ssim", "ms_ssim", "rmse", "nrds", "PSNR", "SSIM"])
def test_a_metric_is_reached_from_the_package(name: str) -> None:
    assert callable(getattr(edgan.metrics, name))


@pytest.mark.parametrize("verb", PYTHON)
def test_python_has_the_same_names_and_defaults(verb: str) -> None:
    command = dict(commands())[verb]
    python = inspect.signature(PYTHON[verb]).parameters
    differing = {}
    for parameter in command.params:
        if parameter.name in ONLY_ON_THE_COMMAND_LINE:
            continue
        twin = python.get(OTHERWISE_NAMED.get(parameter.name, parameter.name))
        if twin is None:
            differing[parameter.name] = "missing"
        elif twin.default is not inspect.Parameter.empty:
            given = parameter.default or None
            if given != (twin.default or None) and str(given) != str(twin.default):
                differing[parameter.name] = (given, twin.default)
    assert differing == {}


def one_object(text: str) -> dict[str, Any]:
    """The JSON object that is all of a text, written on one line."""
    assert text.count("\n") == 1
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def test_json_of_methods() -> None:
    result = one_object(done(call("methods", "--json")).out)["methods"]
    assert {"ed-slash-gan", "ed-plus-gan"} <= {method["name"] for method in result}
    assert set(result[0]) == {"name", "summary", "paper", "capabilities", "with_other_settings", "presets"}


def test_json_of_explain_carries_table_phases_and_plan() -> None:
    result = one_object(done(call("explain", "ed-slash-gan", "--size", "32", "--json")).out)
    assert {"table", "phases", "plan"} <= result.keys()
    assert "gradients" not in result
    assert result["table"]["networks"] == ["encoder", "decoder", "generator", "discriminator"]


def test_json_of_explain_carries_the_measured_gradients(faces: Path) -> None:
    words = ("--size", "32", "--set", "network.width=4", "--set", "discriminator.width=4", "--set", "batch=4")
    result = one_object(done(call("explain", "ed-slash-gan", "--measure", "--data", faces, *words, "--json")).out)
    assert result["gradients"]["reconstruction"]["encoder"] > 0
    assert result["gradients"]["adversarial"]["decoder"] == 0


def test_json_of_data_check_carries_the_asked_attributes(faces: Path) -> None:
    result = one_object(done(call("data", "check", faces, "--attributes", "Smiling,Eyeglasses", "--json")).out)
    assert list(result["attributes"]) == ["Smiling", "Eyeglasses"]
    assert result["count"] == 12


def test_json_of_doctor() -> None:
    result = one_object(call("doctor", "--json").out)
    assert {"found", "well"} == result["torch"].keys()


def test_version_and_help_succeed() -> None:
    assert done(call("--version")).out.strip() == edgan.__version__
    helped = done(call("train", "--help")).out
    assert all(option in helped for option in ("--route", "--resume", "--set", "optimiser.lr=1e-4"))
