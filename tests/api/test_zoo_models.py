"""The models that ship load, draw as well as their cards say, and stay small."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import edgan
from benchmarks.zoo import MOST_WEIGHTS
from edgan.api.model_zoo import Card
from edgan.api.zoo_pictures import KINDS
from edgan.config import configure, dotted_settings
from edgan.data import open_dataset
from edgan.data.batch import from_uint8
from edgan.errors import UsageError
from edgan.models.evaluation import similarity
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration
from edgan.routing import Inputs
from edgan.storage.run_folder import RunFolder
from edgan.storage.zoo import FOLDER
from edgan.synthetic import render_digits, write_folder

MEGABYTE = 1_000_000
MOST, MOST_IN_ALL, MOST_PREVIEW = 4 * MEGABYTE, 16 * MEGABYTE, 60_000
TOLERANCES = {"psnr_output": 1.5, "ssim_output": 0.08}
"""A dozen pictures are not the card's hundreds; weights that are damaged or of another model miss by 5 dB and more."""
PUBLISHED = {"digits": "mnist", "garments": "fashion-mnist"}
"""The sets of those models that were not trained on rendered pictures."""

CARDS = edgan.zoo()
each = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


@pytest.fixture(scope="module", params=CARDS, ids=lambda card: card.name)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Card, Model, Inputs]:
    """A card, its model, and some pictures that its training did not see."""
    card = request.param
    name = card.name.removeprefix("zoo:")
    if name in PUBLISHED:
        folder, count = request.getfixturevalue("unpacked")(PUBLISHED[name]), 100
    else:
        kind = KINDS[name]
        folder, count = draw_fresh(kind, tmp_path_factory.mktemp("fresh") / kind, card.size), 12
    dataset = open_dataset(folder, size=card.size, channels=card.channels)
    return card, edgan.load(card.name, "cpu"), split_inputs(dataset, "test", count)


def draw_fresh(kind: str, dest: Path, size: int) -> Path:
    """A rendered set with 12 pictures in test/ that neither a training nor a card saw."""
    drawn = write_folder(kind, dest, 14, size, seed=31)
    pictures = sorted(drawn.rglob("*.png"), key=lambda path: path.name)
    for picture, split in zip(pictures, ["train", "val", *["test"] * 12], strict=True):
        (drawn / split).mkdir(exist_ok=True)
        picture.rename(drawn / split / picture.name)
    return drawn


def test_the_zoo_holds_editors_a_translator_and_a_gan() -> None:
    held = {card.name: card.method for card in CARDS}
    editors = {"zoo:digits": "cdnet", "zoo:faces": "cdnet"}
    others = {"zoo:ed-faces": "ed-slash-gan", "zoo:facades": "grit", "zoo:garments": "connection"}
    assert held == {**editors, **others}


def test_the_figures_of_a_card_hold_on_a_small_fresh_set(loaded: tuple[Card, Model, Inputs]) -> None:
    card, model, inputs = loaded
    figures = similarity(model.redraw(inputs.fields), inputs.fields["image"])
    for name, tolerance in TOLERANCES.items():
        assert figures[name] == pytest.approx(card.figures[name], abs=tolerance)


def test_the_weights_are_stored_in_half_precision_or_eight_bits_and_read_in_single(
    loaded: tuple[Card, Model, Inputs],
) -> None:
    card, model, _ = loaded
    weights = [weight for network in model.networks.values() for weight in network.parameters()]
    assert {weight.dtype for weight in weights} == {torch.float32}
    assert sum(weight.numel() for weight in weights) == card.parameters
    files = [file for file in (card.path / "checkpoints").rglob("*.safetensors") if file.stat().st_size > 16]
    stored = [value for file in files for value in load_file(file).values() if value.dtype != torch.int64]
    assert {value.dtype for value in stored} <= {torch.half, torch.int8}
    packed = {value.dtype for value in stored} == {torch.half, torch.int8}
    assert packed == (2 * card.parameters > MOST_WEIGHTS)


def test_an_edit_moves_the_picture_and_more_so_at_a_higher_intensity(loaded: tuple[Card, Model, Inputs]) -> None:
    card, model, inputs = loaded
    if not card.controls:
        assert not model.can("edit")
        return
    assert model.controls is not None
    strong = {"multilabel": 3.0, "multiclass": 1.0}[model.controls.kind]
    levels = (0.0, strong / 3, strong)
    plain, slight, far = (model.edit(inputs.fields["image"], {card.controls[0]: level}) for level in levels)
    assert 0.01 < (slight - plain).abs().mean() < (far - plain).abs().mean()


def test_digits_become_the_digit_that_is_asked_for() -> None:
    """Judged by the nearest mean of drawn digits, whose shapes are not those of handwriting; chance is 0.1."""
    model = edgan.load("zoo:digits", "cpu")
    known, names = (torch.from_numpy(array) for array in render_digits(1000, model.size, seed=3))
    means = torch.stack([known[names == digit].float().mean(0) / 127.5 - 1 for digit in range(10)]).flatten(1)
    drawn = from_uint8(torch.from_numpy(render_digits(50, model.size, seed=4)[0][..., None]))

    def share(images: torch.Tensor, digit: int) -> float:
        return (torch.cdist(images.flatten(1), means).argmin(1) == digit).float().mean().item()

    found = [share(model.edit(drawn, {str(digit): 1.0}), digit) for digit in range(10)]
    assert max(share(drawn, digit) for digit in range(10)) < 0.2
    assert sum(found) / 10 > 0.5


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
    origins = {name: value for name, value in dotted_settings(stored).items() if isinstance(value, dict)}
    assert {name: changes.pop(name) for name in origins} == {name: value["run"] for name, value in origins.items()}
    again = dotted_settings(configure(words[2], flags["--preset"], changes, **named))
    wanted = dotted_settings(stored)
    other = {"device", *origins, *(name for name in wanted if name.endswith("_every"))}
    assert {name: again[name] for name in wanted if name not in other} == {
        name: value for name, value in wanted.items() if name not in other
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
        ("zoo:", "no model ''. There are: digits, ed-faces, facades, faces, garments."),
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
