"""Presets at equal processor time: the steps follow from the cost of each stage, and a comparison has its figures."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from benchmarks import presets
from benchmarks.presets import Wanted, compared, stage_costs, steps_for, trained
from edgan.data import open_dataset
from edgan.synthetic import write_folder


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    write_folder("faces", folder, 60, 32, 0)
    return str(folder)


def wanted(faces, out, seconds=100.0) -> Wanted:
    return Wanted("ed-slash-gan", faces, 32, seconds, out)


def test_the_number_of_steps_costs_the_seconds_over_all_stages(faces, tmp_path, monkeypatch):
    # `quick` trains the encoder-decoder alone for three quarters of its steps, in hundreds; `small` has one stage.
    costs = {"small": {"together": 0.5}, "quick": {"encoder-decoder": 0.1, "together": 0.4}}
    monkeypatch.setattr(presets, "stage_costs", lambda _, preset, __: costs[preset])
    assert steps_for(wanted(faces, tmp_path), "small") == 200
    steps = steps_for(wanted(faces, tmp_path), "quick")
    first = int(0.75 * steps) // 100 * 100
    assert 96 < 0.1 * first + 0.4 * (steps - first) <= 100


def test_a_probe_measures_each_stage(faces, tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "PROBED", 2)
    monkeypatch.setattr(presets, "UNTIMED", 1)
    query = Wanted("ed-slash-gan", faces, 32, 1.0, tmp_path, {"batch": 4})
    dataset = open_dataset(faces, **query.configuration("quick").data_options)
    costs = stage_costs(query, "quick", dataset)
    assert 0 < costs["encoder-decoder"] < costs["together"]


def test_two_presets_are_trained_once_and_compared(faces, tmp_path):
    query = Wanted("ed-slash-gan", faces, 32, 1.0, tmp_path, {"batch": 4})
    steps = {"small": 2, "quick": 3}
    result = compared(query, 0, "val", steps)
    assert (result["small"]["steps"], result["quick"]["steps"]) == (2, 3)
    assert result["nrds"]["small"]["score"] + result["nrds"]["quick"]["score"] == pytest.approx(1)
    assert {"kid_features_output", "energy_output", "perceptual_output"} <= result["quick"].keys()
    with Image.open(tmp_path / "sheet-0.png") as page:
        assert page.height == 4 * (3 * 32 + 2 * 2)  # old, new, originals
    note = tmp_path / "quick-0.json"
    note.write_text(json.dumps({"steps": 7, "processor_seconds": 1.0}))
    assert trained(query, "quick", 0, 3)["steps"] == 7
