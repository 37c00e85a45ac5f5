"""Presets at equal processor time: the steps follow from the cost of each stage, and a comparison has its figures."""

from __future__ import annotations

import json

import pytest
from PIL import Image

import edgan
from benchmarks import equal_time, presets
from benchmarks.equal_time import Wanted, stage_costs, steps_for
from benchmarks.preset_comparison import compared, trained
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.synthetic import write_folder


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    write_folder("faces", folder, 60, 32, 0)
    return str(folder)


def wanted(faces, out, seconds=100.0) -> Wanted:
    return Wanted("ed-slash-gan", faces, 32, seconds, out)


def test_the_number_of_steps_costs_the_seconds_over_all_stages(faces, tmp_path, monkeypatch):
    # `quick` trains the encoder-decoder alone for half of its steps, in hundreds; `small` has one stage.
    costs = {"small": {"together": 0.5}, "quick": {"encoder-decoder": 0.1, "together": 0.4}}
    monkeypatch.setattr(equal_time, "stage_costs", lambda _, preset, __: costs[preset])
    assert steps_for(wanted(faces, tmp_path), "small") == 200
    steps = steps_for(wanted(faces, tmp_path), "quick")
    first = int(0.5 * steps) // 100 * 100
    assert 96 < 0.1 * first + 0.4 * (steps - first) <= 100


def test_a_probe_measures_each_stage(faces, tmp_path, monkeypatch):
    monkeypatch.setattr(equal_time, "PROBED", 2)
    monkeypatch.setattr(equal_time, "UNTIMED", 1)
    query = Wanted("ed-slash-gan", faces, 32, 1.0, tmp_path, {"batch": 4})
    dataset = open_dataset(faces, **query.configuration("quick").data_options)
    costs = stage_costs(query, "quick", dataset)
    assert 0 < costs["encoder-decoder"] < costs["together"]


def test_two_presets_are_trained_once_and_compared(faces, tmp_path):
    query = Wanted("ed-slash-gan", faces, 32, 1.0, tmp_path, {"batch": 4})
    steps = {"small": 2, "quick": 3}
    result = compared(query, 0, "val", steps, most_weights=10**8)
    assert (result["small"]["steps"], result["quick"]["steps"]) == (2, 3)
    assert result["nrds"]["small"]["score"] + result["nrds"]["quick"]["score"] == pytest.approx(1)
    assert {"kid_features_output", "energy_output", "perceptual_output"} <= result["quick"].keys()
    with Image.open(tmp_path / "sheet-0.png") as page:
        assert page.height == 4 * (3 * 32 + 2 * 2)  # old, new, originals
    # `quick` averages its weights, and only those are kept; `small` does not.
    kept = {path.parts[-4]: path for path in tmp_path.glob("weights/*/checkpoints/*/networks.safetensors")}
    assert kept.keys() == {"small-0"}
    assert edgan.load(tmp_path / "weights" / "quick-0", "cpu").size == 32
    note = tmp_path / "quick-0.json"
    note.write_text(json.dumps({"steps": 7, "processor_seconds": 1.0}))
    assert trained(query, "quick", 0, 3)["steps"] == 7


# Seeds in processes of their own


@pytest.fixture
def call(faces, tmp_path, monkeypatch):
    """`call("--seeds", "0")`: a comparison whose trainings are left out; it returns the exit status."""
    asked = []

    def instead(query, seed, _split, steps, _most_weights):
        asked.append((seed, query.device, query.scratch))
        return {"seed": seed, **{preset: {"steps": number} for preset, number in steps.items()}}

    monkeypatch.setattr(presets, "compared", instead)
    words = ["dcgan", "--data", faces, "--out", str(tmp_path), "--results", str(tmp_path / "results")]

    def make(*more):
        return presets.main([*words, *more])

    make.asked = asked
    make.result = lambda: json.loads((tmp_path / "results" / "bench-presets-dcgan.json").read_text())
    return make


STEPS = ("--steps", "small=30", "quick=20")


def test_seeds_of_several_calls_are_joined_and_measured_once(call, tmp_path):
    assert call(*STEPS, "--budget", "1200", "--seeds", "1", "--scratch", str(tmp_path / "runs")) == 0
    assert call(*STEPS, "--budget", "1200", "--seeds", "0") == 0
    assert call(*STEPS, "--seeds", "0", "1") == 0
    assert call.asked == [(1, "cpu", (tmp_path / "runs").resolve()), (0, "cpu", None)]
    result = call.result()
    assert [seed["seed"] for seed in result["seeds"]] == [0, 1]
    assert result["precision"] == "float32"
    first = result["seeds"][0]
    assert (first["small"]["steps"], first["quick"]["steps"]) == (30, 20)
    assert (first["steps_from"], first["processor_seconds_a_training"]) == ("the call", 1200)
    assert {"machine", "torch", "threads"} <= first["made_with"].keys()


def test_figures_of_another_comparison_are_not_taken(call, tmp_path, capsys):
    assert call(*STEPS, "--seeds", "0") == 0
    assert call("--steps", "small=30", "quick=21", "--seeds", "0") == 2
    assert "another comparison" in capsys.readouterr().err
    assert call(*STEPS, "--seeds", "0", "--size", "28") == 2
    other = json.loads((tmp_path / "figures-0.json").read_text())
    other["comparison"]["size"] = 28
    (tmp_path / "figures-1.json").write_text(json.dumps(other))
    with pytest.raises(UsageError, match="different comparisons"):
        presets.join(tmp_path, [0, 1], tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--steps", "small=30"), "both presets"),
        (("--steps", "small=many", "quick=20"), "small=NUMBER"),
        (("--budget", "1200"), "--steps"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_trained(call, capsys, words, sentence):
    assert call(*words) == 2
    assert sentence in capsys.readouterr().err
    assert not call.asked
