"""Draw what a zoo model is trained and judged on, and make its folder in the package from its run.

    python -m benchmarks.zoo data NAME DEST           # the training set: edgan train reads it
    python -m benchmarks.zoo fresh NAME DEST          # the held-out set, drawn with another seed
    python -m benchmarks.zoo add NAME RUN --machine TEXT --date DATE [--note TEXT] --fresh DEST
    python -m benchmarks.zoo repack NAME --fresh DEST
    python -m benchmarks.zoo directions NAME --data DATA
    python -m benchmarks.zoo card NAME

`data` and `fresh` are for rendered sets. A model of a published set is trained on that set's folder and judged on its
test part: give the folder as --fresh.

`add` writes src/edgan/zoo/NAME: the averaged weights of the networks that inference uses in half precision, the largest
of them in eight bits where the model would exceed 4 MB; run.json, the statistics of the training pictures, a preview,
and the card with the figures that `edgan evaluate` gives on the held-out set. `repack` stores the weights of a model of
the zoo so again, and measures it again. `directions` measures in the training set the directions of the attributes that
its recipe names, so that the model edits. `card` rewrites the card's texts after a change of benchmarks/zoo_recipes.py;
what was measured stays.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import torch

import edgan
from benchmarks.zoo_data import RenderedData
from benchmarks.zoo_preview import write_preview
from benchmarks.zoo_recipes import RECIPES, Recipe
from edgan.api.model_zoo import PREVIEW, training_command
from edgan.config import Configuration, dotted_names, dotted_settings
from edgan.data import open_dataset
from edgan.methods import find
from edgan.models.directions import directions_of
from edgan.models.model import Model
from edgan.models.picture_statistics import PictureStatistics
from edgan.models.stored_run import stored_configuration
from edgan.storage import checkpoint
from edgan.storage.packing import pack
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import flat_networks
from edgan.storage.zoo import CARD, FOLDER

MOST_WEIGHTS = 3_850_000
"""Bytes of a model's weights: 4 MB without its card, its preview and the statistics of its training pictures."""


def main() -> None:
    """Run one of the verbs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("data", "fresh"):
        drawn = verbs.add_parser(verb)
        drawn.add_argument(
            "name", choices=[name for name, one in RECIPES.items() if isinstance(one.data, RenderedData)]
        )
        drawn.add_argument("dest", type=Path)
    added = verbs.add_parser("add")
    added.add_argument("name", choices=RECIPES)
    added.add_argument("run", type=Path)
    added.add_argument("--machine", required=True, help="that trained it")
    added.add_argument("--date", required=True, help="of the training")
    added.add_argument("--note", default="", help="a sentence on the training")
    added.add_argument("--fresh", type=Path, required=True, help="the held-out set, in its test split")
    again = verbs.add_parser("repack")
    again.add_argument("name", choices=RECIPES)
    again.add_argument("--fresh", type=Path, required=True, help="the held-out set, in its test split")
    measured = verbs.add_parser("directions")
    measured.add_argument("name", choices=[name for name, one in RECIPES.items() if one.directions])
    measured.add_argument("--data", type=Path, required=True, help="the training set")
    verbs.add_parser("card").add_argument("name", choices=RECIPES)
    given = parser.parse_args()
    recipe = RECIPES[given.name]
    if given.verb in ("data", "fresh"):
        assert isinstance(recipe.data, RenderedData)
        (recipe.data.draw if given.verb == "data" else recipe.data.draw_fresh)(given.dest)
    elif given.verb == "repack":
        repack(given.name, given.fresh)
    elif given.verb == "directions":
        add_directions(given.name, given.data)
    elif given.verb == "card":
        path = FOLDER / given.name / CARD
        write_card(path, {**json.loads(path.read_text(encoding="utf-8")), **texts_of(recipe)})
    else:
        add(given.name, given.run, given.fresh, {name: getattr(given, name) for name in ("machine", "date", "note")})


def add(name: str, run: Path, fresh: Path, made: dict[str, str]) -> None:
    """Write a model's folder in the package.

    Args:
        name: of the recipe.
        run: the training's folder.
        fresh: the set whose test split judges it.
        made: "machine", "date" and "note" of the training.
    """
    recipe, target = RECIPES[name], FOLDER / name
    shutil.rmtree(target, ignore_errors=True)
    keep_weights(name, run, target)
    model = edgan.load(target, "cpu")
    write_preview(model, recipe, fresh, target / PREVIEW)
    measured = edgan.evaluate(target, fresh, device="cpu")
    card = card_of(name, model, RunFolder.open(run), measured, made)
    write_card(target / CARD, card)
    for file in sorted(path for path in target.rglob("*") if path.is_file()):
        print(f"{file.stat().st_size:>10,} {file.relative_to(FOLDER)}")


def repack(name: str, fresh: Path) -> None:
    """Store the weights of a model of the zoo as `add` would, and bring its preview and its figures up to date.

    Args:
        name: of the recipe.
        fresh: the set whose test split judges it.
    """
    recipe, folder = RECIPES[name], RunFolder.open(FOLDER / name)
    model = edgan.load(folder.path, "cpu")
    configuration = stored_configuration(folder.read_run(), folder)
    save_weights(folder, model, "ema" if configuration.ema else "networks")
    model = edgan.load(folder.path, "cpu")
    write_preview(model, recipe, fresh, folder.path / PREVIEW)
    measured = edgan.evaluate(folder.path, fresh, device="cpu")
    path = folder.path / CARD
    card = json.loads(path.read_text(encoding="utf-8"))
    card["figures"] = {key: measured["figures"][key] for key in recipe.figures}
    card["evaluation"]["torch"] = torch.__version__
    write_card(path, {**card, **texts_of(recipe)})


def add_directions(name: str, data: Path) -> None:
    """Measure the directions of the recipe's attributes, and say in the card that the model edits them.

    Args:
        name: of the recipe.
        data: the set that the model was trained on.
    """
    recipe, folder = RECIPES[name], FOLDER / name
    model = edgan.load(folder, "cpu")
    assert model.checkpoint is not None
    dataset = open_dataset(data, size=model.size, channels=model.channels, attributes=list(recipe.directions))
    directions = directions_of(lambda fields: model.encode(fields["image"]), dataset)
    assert directions is not None
    directions.save(folder, model.checkpoint.step)
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    write_card(folder / CARD, {**card, **texts_of(recipe), **abilities(edgan.load(folder, "cpu"))})


def abilities(model: Model) -> dict[str, list[str]]:
    """The card's entries on what the model can do."""
    return {
        "can": [verb for verb in ("reconstruct", "translate", "edit", "encode", "sample") if model.can(verb)],
        "controls": [] if model.controls is None else list(model.controls.names),
    }


def save_weights(folder: RunFolder, model: Model, group: str) -> None:
    """Write the model's weights as the folder's only checkpoint, in the group "ema" or "networks"."""
    assert model.checkpoint is not None
    tensors = pack(flat_networks(model.networks), MOST_WEIGHTS)
    checkpoint.save(folder.checkpoints, checkpoint.Snapshot(model.checkpoint.step, {group: tensors}, {}), keep=1)


def keep_weights(name: str, run: Path, target: Path) -> None:
    """Write a run of one checkpoint, with nothing in it but what inference reads."""
    source, model = RunFolder.open(run), edgan.load(run, "cpu")
    contents = source.read_run()
    configuration = stored_configuration(contents, source).model_copy(update={"device": "auto"})
    if (gan := configuration.settings.get("gan")) is not None:
        number = len(gans(gan["run"]))
        gan["run"] = gan_folder(name, number)
        origin = contents.get("started_from")
        while origin is not None:
            origin["run"], origin, number = gan_folder(name, number), origin.get("started_from"), number - 1
    contents["configuration"] = configuration.model_dump(mode="json")
    contents["data"]["path"] = RECIPES[name].data.folder
    kept = RunFolder.create(target)
    save_weights(kept, model, "ema" if configuration.ema else "networks")
    kept.write_run(contents)
    if (statistics := PictureStatistics.load(source.path)) is not None:
        statistics.save(kept.path)


def gans(run: str) -> list[str]:
    """The run of a GAN and those that it started from, oldest first."""
    started = RunFolder.open(run).read_run().get("started_from")
    return [*(gans(started["run"]) if started else ()), run]


def gan_folder(name: str, number: int) -> str:
    """The folder of a GAN that a model inverts, in the card's commands; `number` from 1, oldest first."""
    return f"runs/{name}-gan-{number}"


def first_commands(name: str, configuration: Configuration) -> dict[str, list[str]]:
    """The entry "first": the commands that train the GAN that a model inverts. Nothing for another model."""
    if (gan := configuration.settings.get("gan")) is None:
        return {}
    commands: list[str] = []
    before: dict[str, Any] = {}
    for number, run in enumerate(gans(gan["run"]), 1):
        folder = RunFolder.open(run)
        own = stored_configuration(folder.read_run(), folder)
        command = training_command(own, RECIPES[name].data.folder, Path(gan_folder(name, number)).name)
        # The next command takes the best checkpoint that was judged: so its last, which was taken here.
        command += f" --set evaluate_every={own.steps}"
        values = dotted_settings(own)
        if commands:  # --from keeps the earlier run's networks, so what differs from them is said
            named = [key for key in dotted_names(find(own.method).settings) if values[key] != before[key]]
            more = [f"--set {key}={values[key]}" for key in named if f"--set {key}=" not in command]
            command = " ".join([command, *more, f"--from {gan_folder(name, number - 1)}"])
        commands.append(command)
        before = values
    return {"first": commands}


def write_card(path: Path, card: dict[str, Any]) -> None:
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def texts_of(recipe: Recipe) -> dict[str, Any]:
    """The card's entries that no run holds."""
    return {
        "title": recipe.title,
        "summary": recipe.summary,
        "examples": list(recipe.examples),
        "limits": list(recipe.limits),
        "licence": recipe.licence,
    }


def card_of(name: str, model: Model, run: RunFolder, measured: dict[str, Any], made: dict[str, str]) -> dict[str, Any]:
    """The card, as `edgan.api.Card` reads it."""
    recipe, contents = RECIPES[name], run.read_run()
    configuration = stored_configuration(contents, run)
    assert model.checkpoint is not None
    shown = {key: measured["figures"][key] for key in recipe.figures}
    protocol = {name: text for name, text in measured["protocol"].items() if any(key.startswith(name) for key in shown)}
    return {
        **texts_of(recipe),
        "method": configuration.method,
        **abilities(model),
        "size": model.size,
        "channels": model.channels,
        "parameters": sum(weight.numel() for net in model.networks.values() for weight in net.parameters()),
        "data": recipe.data.trained_on(name),
        "training": {
            "steps": model.checkpoint.step,
            "asked": configuration.steps,
            "seconds": run.seconds(),
            "seed": configuration.seed,
            **first_commands(name, configuration),
            **made,
            "edgan": contents["made_with"]["edgan"],
            "torch": contents["made_with"]["torch"],
        },
        "evaluation": {
            "images": measured["images"],
            **recipe.data.judged_on(name),
            "torch": torch.__version__,
        },
        "figures": shown,
        "protocol": protocol,
    }


if __name__ == "__main__":
    main()
