"""CDNet on data of which some attribute cells are blank, and the methods that refuse such data."""

from __future__ import annotations

import csv
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from training_toys import PowerCutError, assert_same_run, cut_at, train_tiny
from tuning_toys import BRIEF, CDNET, SHORT

import edgan
from edgan.api.training import Run, train
from edgan.data import Dataset, open_dataset
from edgan.errors import UsageError
from edgan.losses import known_multilabel, multilabel
from edgan.methods import PAGES, Shape, find
from edgan.models.directions import directions_of
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.feed import Feed

NAMES = ("Smiling", "Male", "Eyeglasses")
SETTINGS = {**CDNET, **BRIEF, "attributes": ",".join(NAMES), "classifier_steps": 3, "log_every": 1}


@pytest.fixture(scope="module")
def blanked(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The faces with labels for every fourth image alone, of which one cell in five is blank."""
    folder = tmp_path_factory.mktemp("blanked") / "faces"
    shutil.copytree(faces, folder)
    with (faces / "metadata.csv").open() as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        for column, name in enumerate(row):
            if name != "file_name" and (number % 4 or (number + column) % 5 == 0):
                row[name] = ""
    with (folder / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


def tuned(data: Path, out: Path, **options) -> tuple[Run, str]:
    said: list[str] = []
    settings = {**SETTINGS, **options.pop("set", {})}
    run = train("cdnet", data, out, size=32, set=settings, warn=said.append, **{**SHORT, "steps": 6, **options})
    return run, "\n".join(said)


def test_the_loss_and_its_gradient_are_those_of_a_loop_over_known_cells():
    torch.manual_seed(0)
    logits = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    target = torch.tensor([[1, 0, math.nan], [math.nan] * 3, [0, 0, 1], [math.nan, 1, math.nan], [1, 1, 1], [0, 1, 0]])
    loss = known_multilabel(logits, target.double())
    (gradient,) = torch.autograd.grad(loss.mean(), logits)
    copy = logits.detach().clone().requires_grad_()
    expected = []
    for row, values in zip(copy, target, strict=True):
        known = [i for i in range(3) if not math.isnan(float(values[i]))]
        cells = [F.binary_cross_entropy_with_logits(row[i], values[i].double()) for i in known]
        expected.append(torch.stack(cells).mean() if cells else row.sum() * 0)
    (by_hand,) = torch.autograd.grad(torch.stack(expected).mean(), copy)
    assert torch.allclose(loss, torch.stack(expected), atol=1e-12)
    assert torch.allclose(gradient, by_hand, atol=1e-12)
    assert not gradient[1].any()
    full = torch.rand(6, 3, dtype=torch.float64).round()
    assert torch.allclose(known_multilabel(logits, full), multilabel(logits, full), atol=1e-12)


def test_a_training_says_what_is_blank_and_resumes_bit_for_bit(blanked, tmp_path):
    whole, said = tuned(blanked, tmp_path / "whole", set={"checkpoint_every": 2})
    assert "Blank attribute cells, of 40 images: Smiling 3" in said
    with pytest.raises(PowerCutError):
        tuned(blanked, tmp_path / "cut", set={"checkpoint_every": 2}, watch=cut_at(5))
    assert_same_run(whole.path, train("cdnet", blanked, tmp_path / "cut", resume=True).path)
    losses = [line["losses"] for line in RunFolder(whole.path).read_log() if "losses" in line]
    assert all(math.isfinite(value) for line in losses for value in line.values())
    table = RunFolder(whole.path).read_run()["table"]
    assert table["rows"][0]["loss"] == "BCE(y, known attributes)"
    assert whole.load("cpu").controls.names == NAMES


def test_the_classifiers_batches_hold_labelled_images_alone(blanked):
    dataset = open_dataset(blanked, size=32, attributes=NAMES)
    feed = Feed(dataset, 4, 0, World(0, 1, torch.device("cpu")), labelled_steps=3)
    for step in range(3):
        assert not feed.inputs(step).fields["attributes"].isnan().all(1).any()
    later = torch.cat([feed.inputs(step).fields["attributes"] for step in range(3, 10)])
    assert later.isnan().all(1).any()


def test_without_blanks_the_batches_are_as_they_were(faces):
    dataset = open_dataset(faces, size=32, attributes=NAMES)
    world = World(0, 1, torch.device("cpu"))
    feeds = Feed(dataset, 4, 0, world, labelled_steps=5), Feed(dataset, 4, 0, world)
    for step in range(7):
        mine, others = (feed.inputs(step).index for feed in feeds)
        assert torch.equal(mine, others)


@pytest.mark.parametrize("name", ["ae-xcov", "icgan", "modified-cgan", "editable-gan", "caae"])
def test_a_method_that_takes_attributes_as_input_refuses_blanks_and_names_cdnet(name):
    example = {**PAGES[name].example, "partly_labelled": True}
    with pytest.raises(UsageError, match=rf"{name} takes every attribute .* blank\. Use cdnet, which learns"):
        find(name).bind(PAGES[name].presets["small"].settings, Shape(32, 3, **example))


def test_it_is_refused_before_the_first_step(blanked, tmp_path):
    with pytest.raises(UsageError, match="Use cdnet"):
        train("ae-xcov", blanked, tmp_path / "run", size=32, **SHORT)
    assert not (tmp_path / "run").exists()


def test_a_method_that_reads_no_attributes_does_not_mind(blanked, tmp_path):
    train_tiny(blanked, tmp_path / "run", 1)


def test_an_attribute_without_any_training_label_is_refused(blanked, tmp_path):
    shutil.copytree(blanked, tmp_path / "data")
    table = (tmp_path / "data" / "metadata.csv").read_text().splitlines()
    place = table[0].split(",").index("Smiling")
    dataset = open_dataset(blanked, size=32)
    names = {dataset.names[i] for i in dataset.indices("train")}
    lines = [line.split(",") for line in table]
    for cells in lines[1:]:
        if cells[0] in names:
            cells[place] = ""
        elif not cells[place]:
            cells[place] = "1"
    (tmp_path / "data" / "metadata.csv").write_text("\n".join(map(",".join, lines)))
    with pytest.raises(UsageError, match="none has a value for Smiling"):
        tuned(tmp_path / "data", tmp_path / "run")


def test_directions_are_measured_on_the_labelled_images(faces):
    dataset = open_dataset(faces, size=32, attributes=["Smiling"])
    assert dataset.attributes is not None
    few = dataset.attributes.copy()
    few[5:] = np.nan
    known = _with(dataset, few)
    shorter = _with(dataset, dataset.attributes)
    shorter.split[5:] = "val"
    ours = directions_of(lambda batch: batch["image"].mean((2, 3)), known)
    theirs = directions_of(lambda batch: batch["image"].mean((2, 3)), shorter)
    assert ours is not None
    assert theirs is not None
    assert torch.allclose(ours.vectors["Smiling"], theirs.vectors["Smiling"], atol=1e-6)


def test_edit_figures_pass_over_the_blanks(blanked, tmp_path):
    run, _ = tuned(blanked, tmp_path / "run")
    figures = edgan.evaluate(run.path, data=blanked, split="train")["figures"]
    assert figures
    assert all(math.isfinite(value) for value in figures.values())


def _with(dataset: Dataset, attributes: np.ndarray) -> Dataset:
    return replace(dataset, attributes=attributes, split=dataset.split.copy())
