"""`edgan zoo`, and zoo:NAME in the place of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call, done, refused
from PIL import Image

from edgan.synthetic import write_folder


def test_the_list_names_each_model_with_method_size_and_figures() -> None:
    listed = done(call("zoo")).out
    assert "zoo:faces\n" in listed
    assert "cdnet, 64 x 64 px" in listed
    assert "zoo:facades\n" in listed
    assert "psnr_output" in listed


def test_json_of_the_list() -> None:
    models = json.loads(done(call("zoo", "--json")).out)["models"]
    names = ["digits", "ed-faces", "facades", "faces", "garments"]
    assert [model["name"] for model in models] == [f"zoo:{name}" for name in names]
    assert all(Path(model["preview"]).is_file() for model in models)


@pytest.mark.parametrize("name", ["faces", "zoo:faces"])
def test_a_card_is_printed_with_its_commands_and_limits(name: str) -> None:
    card = done(call("zoo", name)).out
    assert "edgan train cdnet --data faces/" in card
    assert "python -m benchmarks.zoo data faces" in card
    assert "limits" in card
    assert "Apache-2.0" in card
    assert "\\n" not in card


def test_json_of_a_card() -> None:
    assert json.loads(done(call("zoo", "facades", "--json")).out)["method"] == "grit"


def test_an_unknown_model_is_refused() -> None:
    refused(call("zoo", "fases"), 2, "no model 'fases'", "Did you mean 'faces'")


def test_edit_sweeps_with_a_zoo_model(faces: Path, tmp_path: Path) -> None:
    picture = faces / "images" / "000000.png"
    done(call("edit", "zoo:faces", picture, tmp_path / "out", "--sweep", "Eyeglasses=0:3:4"))
    assert Image.open(tmp_path / "out" / "000000.png").width == 6 * 66 - 2


def test_edit_writes_another_digit(tmp_path: Path) -> None:
    drawn = write_folder("digits", tmp_path / "digits", 10, 28)
    written = json.loads(done(call("edit", "zoo:digits", drawn, tmp_path / "out", "--set", "7=1", "--json")).out)
    assert len(written["files"]) == 10
    assert not written["failed"]
    with Image.open(written["files"][0]) as picture:
        assert (picture.size, picture.mode) == ((28, 28), "L")


def test_garments_are_drawn_and_inverted(tmp_path: Path) -> None:
    done(call("sample", "zoo:garments", tmp_path / "samples", "--count", "4"))
    written = json.loads(
        done(call("reconstruct", "zoo:garments", tmp_path / "samples", tmp_path / "out", "--json")).out
    )
    assert len(written["files"]) == 4


def test_a_card_says_how_the_gan_was_trained_that_the_model_inverts() -> None:
    card = done(call("zoo", "garments")).out
    *first, last = [line for line in card.splitlines() if "edgan train " in line]
    assert [line.split("--out ")[1].split()[0] for line in first] == ["runs/garments-gan-1", "runs/garments-gan-2"]
    assert "--from runs/garments-gan-1" in first[1]
    assert "--set gan=runs/garments-gan-2" in last


@pytest.mark.parametrize("verb", ["reconstruct", "translate"])
def test_other_verbs_take_a_zoo_model(verb: str, tmp_path: Path) -> None:
    kind = {"reconstruct": "faces", "translate": "facades"}[verb]
    drawn = write_folder(kind, tmp_path / kind, 10, 64)
    written = json.loads(done(call(verb, f"zoo:{kind}", drawn, tmp_path / "out", "--json")).out)
    assert len(written["files"]) == 10
    assert not written["failed"]


def test_evaluate_names_the_zoo_model(tmp_path: Path) -> None:
    drawn = write_folder("facades", tmp_path / "facades", 20, 128, seed=9)
    result = json.loads(done(call("evaluate", "zoo:facades", "--data", drawn, "--json")).out)
    assert result["run"] == "zoo:facades"
    assert result["figures"]["psnr_output"] > 12


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edit", "zoo:face", "x.png", "out", "--set", "Smiling=1"), ("no model 'face'", "Did you mean 'faces'")),
        (("sample", "zoo:facades", "out"), ("cannot sample",)),
        (("train", "cdnet", "--data", "faces", "--out", "zoo:faces"), ("--out cannot be zoo:faces", "Give a folder")),
        (("train", "cdnet", "--data", "faces", "--out", "zoo:faces", "--resume"), ("--out cannot be zoo:faces",)),
    ],
)
def test_a_wrong_call_is_refused_and_writes_nothing(
    words: tuple[str, ...], said: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(call(*words), 2, *said)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_starts_from_a_zoo_model_says_why_it_cannot(faces: Path, tmp_path: Path) -> None:
    words = ("train", "connection", "--data", faces, "--out", tmp_path / "run", "--set", "gan=zoo:faces")
    refused(call(*words), 2, "zoo:faces (cdnet)")
    assert not (tmp_path / "run").exists()
