"""The models that ship load, draw as well as their cards say, and stay small."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import torch

import edgan
from edgan.api.model_zoo import Card
from edgan.config import configure, dotted_settings
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.models.evaluation import similarity
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder
from edgan.storage.zoo import FOLDER
from edgan.synthetic import write_folder

MEGABYTE = 1_000_000
MOST, MOST_IN_ALL, MOST_PREVIEW = 6 * MEGABYTE, 16 * MEGABYTE, 60_000
TOLERANCES = {"psnr_output": 1.5, "ssim_output": 0.08}
"""A dozen pictures are not the card's hundreds; weights that are damaged or of another model miss by 5 dB and more."""

CARDS = edgan.zoo()
each = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


@pytest.fixture(scope="module", params=CARDS, ids=lambda card: card.name)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Card, Model, Path]:
    """A card, its model, and 12 pictures that neither its training nor its card saw, all of them in test/."""
    card = request.param
    kind = card.name.removeprefix("zoo:")
    drawn = write_folder(kind, tmp_path_factory.mktemp("fresh") / kind, 14, card.size, seed=31)
    pictures = sorted(drawn.rglob("*.png"), key=lambda path: path.name)
    for picture, split in zip(pictures, ["train", "val", *["test"] * 12], strict=True):
        (drawn / split).mkdir(exist_ok=True)
        picture.rename(drawn / split / picture.name)
    return card, edgan.load(card.name, "cpu"), drawn


def test_the_zoo_holds_an_editor_and_a_translator() -> None:
    assert {card.name: card.method for card in CARDS} == {"zoo:faces": "cdnet", "zoo:facades": "grit"}


def test_the_figures_of_a_card_hold_on_a_small_fresh_set(loaded: tuple[Card, Model, Path]) -> None:
    card, model, drawn = loaded
    dataset = open_dataset(drawn, size=card.size, channels=card.channels)
    fields = split_inputs(dataset, "test").fields
    figures = similarity(model.redraw(fields), fields["image"])
    assert len(fields["image"]) == 12
    for name, tolerance in TOLERANCES.items():
        assert figures[name] == pytest.approx(card.figures[name], abs=tolerance)


def test_the_weights_are_stored_in_half_precision_and_read_in_single(loaded: tuple[Card, Model, Path]) -> None:
    card, model, _ = loaded
    weights = [weight for network in model.networks.values() for weight in network.parameters()]
    assert {weight.dtype for weight in weights} == {torch.float32}
    assert sum(weight.numel() for weight in weights) == card.parameters
    stored = sum(file.stat().st_size for file in card.path.rglob("*.safetensors"))
    assert 2 * card.parameters < stored < 2.1 * card.parameters


def test_an_edit_moves_the_picture_and_more_so_at_a_higher_intensity(loaded: tuple[Card, Model, Path]) -> None:
    card, model, drawn = loaded
    if not card.controls:
        assert not model.can("edit")
        return
    fields = split_inputs(open_dataset(drawn, size=card.size, channels=card.channels), "test").fields
    plain, slight, strong = (model.edit(fields["image"], {"Eyeglasses": value}) for value in (0.0, 1.0, 3.0))
    assert 0.01 < (slight - plain).abs().mean() < (strong - plain).abs().mean()


@each
def test_a_model_stays_within_its_limits(card: Card) -> None:
    assert card.bytes < MOST
    assert card.preview.stat().st_size <= MOST_PREVIEW


def test_the_zoo_stays_within_its_limit() -> None:
    assert sum(card.bytes for card in CARDS) < MOST_IN_ALL


def test_the_wheel_holds_every_file_of_the_zoo() -> None:
    configuration = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    patterns = configuration["tool"]["setuptools"]["package-data"]["edgan"]
    packed = {path for pattern in patterns for path in FOLDER.parent.glob(pattern)}
    files = {path for path in FOLDER.rglob("*") if path.is_file()}
    assert len(files) > 2 * len(CARDS)
    assert files <= packed


@each
def test_the_training_command_gives_the_settings_of_the_run(card: Card) -> None:
    folder = RunFolder.open(card.name)
    stored = stored_configuration(folder.read_run(), folder)
    words = card.training_command().split()
    flags = {flag: value for flag, value in pairwise(words) if flag.startswith("--")}
    changes = dict(value.split("=", 1) for flag, value in pairwise(words) if flag == "--set")
    named = {name: int(flags[f"--{name}"]) for name in ("size", "steps", "batch", "seed")}
    again = dotted_settings(configure(words[2], flags["--preset"], changes, **named))
    wanted = dotted_settings(stored)
    cadence = {"device", *(name for name in wanted if name.endswith("_every"))}
    assert {name: again[name] for name in wanted if name not in cadence} == {
        name: value for name, value in wanted.items() if name not in cadence
    }


@each
def test_a_card_says_where_it_comes_from_and_what_is_wrong(card: Card) -> None:
    assert card.training["machine"]
    assert card.training["date"]
    assert len(card.limits) >= 3
    assert all(f"zoo:{card.path.name}" in example for example in card.examples[1:])
    assert json.loads(json.dumps(card.to_dict()))["training_command"].startswith(f"edgan train {card.method} ")


@each
def test_nothing_of_the_training_machine_is_left(card: Card) -> None:
    texts = [path.read_text() for path in card.path.rglob("*.json")]
    assert texts
    assert not any(re.search(r'"(/|~|[A-Za-z]:\\)', text) for text in texts), "a string is an absolute path"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zoo:fases", "no model 'fases'. Did you mean 'faces'"),
        ("zoo:", "no model ''. There are: facades, faces."),
        ("zoo:../zoo/faces", "no model '../zoo/faces'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_near_ones(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        edgan.load(name)


def test_a_folder_that_is_called_like_a_zoo_name_can_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(edgan.EdganError, match="There is no run at"):
        edgan.load(tmp_path / "zoo:faces")
