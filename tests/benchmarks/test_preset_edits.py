"""How editors are judged beside one another: the figures tell a slider that works from one that does not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks import preset_edits
from benchmarks.preset_edits import EditJudge, edits_by_itself
from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.models.editing import EditControls
from edgan.synthetic import write_folder

NAMES = ("Eyeglasses", "Smiling")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    write_folder("faces", folder, 120, 32, 0)
    return open_dataset(folder, size=32, attributes=list(NAMES))


@pytest.fixture(scope="module")
def judge(dataset):
    """Takes the brightness for every attribute."""

    def brightness(pictures):
        return pictures.mean((1, 2, 3))[:, None].expand(-1, len(NAMES))

    return EditJudge(dataset, np.arange(60), brightness, torch.device("cpu"), 0)


def editor(edit):
    """A model that edits both attributes by a function of images and intensity."""
    controls = EditControls(NAMES, "multilabel", -2.0, 5.0)
    return SimpleNamespace(controls=controls, edit=lambda images, changes: edit(images, *changes.values()))


def test_a_slider_that_brightens_follows_its_intensity_and_one_that_darkens_opposes_it(judge):
    right = judge.figures(editor(lambda images, level: images + 0.02 * level))
    assert right["rank_correlation"] == pytest.approx(1)
    assert right["by_attribute"].keys() == set(NAMES)
    wrong = judge.figures(editor(lambda images, level: images - 0.02 * level))
    assert wrong["rank_correlation"] == pytest.approx(-1)


def test_kid_of_edited_pictures_rises_where_the_edit_spoils_them(judge):
    kept = judge.figures(editor(lambda images, _: images))
    spoilt = judge.figures(editor(lambda images, _: torch.rand_like(images) * 2 - 1))
    assert abs(kept["kid_features"]) < 0.05 < spoilt["kid_features"]


def test_the_sheet_has_four_faces_without_each_attribute_at_eight_intensities(judge, monkeypatch):
    asked = {}
    monkeypatch.setattr(preset_edits, "contact_sheet", lambda *words: asked.update(columns=words[2], rows=words[3]))
    judge.sheet(editor(lambda images, _: images), "title")
    assert asked["columns"] == ["original", "-2", "-1", "0", "1", "2", "3", "4", "5"]
    assert [row.label for row in asked["rows"]] == [name for name in NAMES for _ in range(4)]
    assert {len(row.pictures) for row in asked["rows"]} == {9}


def test_the_classifier_learns_from_training_pictures_and_says_how_well(dataset, monkeypatch):
    monkeypatch.setattr(preset_edits, "READER_STEPS", 60)
    where = dataset.indices("train")[:40]
    told = EditJudge.taught(dataset, where, 0, torch.device("cpu")).told()
    assert told["steps"] == 60
    assert told["balanced_accuracy"].keys() == set(NAMES)
    assert told["balanced_accuracy"]["Eyeglasses"] > 0.6


@pytest.mark.parametrize(("method", "edits"), [("cdnet", True), ("ed-slash-gan", False), ("dcgan", False)])
def test_only_methods_with_attributes_of_their_own_are_judged_so(method, edits):
    bound = configure(method, "small", size=32).build(Shape(32, 3, attributes=NAMES))
    assert edits_by_itself(SimpleNamespace(method=bound)) is edits
