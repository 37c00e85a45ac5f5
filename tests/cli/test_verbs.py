"""What the verbs do when all is well, from a folder of images to a ranking, with real parts at a tiny size."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from calling import Draw, call, done, train
from PIL import Image


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestTrain:
    """Runs of three steps."""

    def test_a_run_is_a_folder_with_everything(self, trained: Path) -> None:
        assert names(trained) == [
            ".lock",
            "checkpoints",
            "directions.safetensors",
            "log.jsonl",
            "previews",
            "report.html",
            "run.json",
        ]
        assert names(trained / "checkpoints") == ["step-00000002", "step-00000003"]

    def test_stdout_is_one_line_that_says_where_to_look(self, faces: Path, tmp_path: Path) -> None:
        said = done(train(faces, tmp_path / "run"))
        assert said.out.splitlines() == [
            f"{tmp_path / 'run'}: 3 steps done; commands use step 3, the best by SSIM; "
            f"look at {tmp_path / 'run/report.html'}"
        ]
        assert "held-out PSNR" in said.err

    def test_json_is_one_object(self, faces: Path, tmp_path: Path) -> None:
        said = done(train(faces, tmp_path / "run", "--json"))
        result = json.loads(said.out)
        assert said.out.count("\n") == 1
        assert (result["run"], result["steps"]) == (str(tmp_path / "run"), 3)
        assert result["held_out"]["psnr_output"] > 0
        assert result["checkpoint"] == {"step": 3, "best_by": "ssim_output"}
        assert said.err == ""

    def test_patience_ends_a_training_with_status_0(self, faces: Path, tmp_path: Path) -> None:
        """A rate of next to nothing: no evaluation after the first is better by much, and some are worse."""
        words = ("--steps", "12", "--patience", "1", "--set", "evaluate_every=1", "--set", "optimiser.lr=1e-9")
        said = done(train(faces, tmp_path / "run", *words, "--json"))
        steps = json.loads(said.out)["steps"]
        assert 2 <= steps < 12
        assert f"Stopped at step {steps} of 12: no better score in 1 evaluation" in said.err


class TestCheckpoint:
    """--checkpoint best, newest or a step, on commands that take a run."""

    def test_a_step_that_is_kept_is_used_and_named(self, trained: Path, faces: Path) -> None:
        words = ("evaluate", trained, "--data", faces, "--split", "train")
        assert json.loads(done(call(*words, "--checkpoint", "2", "--json")).out)["checkpoint"]["step"] == 2
        assert f"ed-slash-gan in {trained}, step 3, the best by SSIM" in done(call(*words)).out

    def test_a_step_that_is_not_kept_is_refused_with_those_that_are(self, trained: Path, tmp_path: Path) -> None:
        said = call("sample", trained, tmp_path / "out", "--checkpoint", "1")
        assert said.status == 2
        assert "--checkpoint must be best, newest or the step of a checkpoint that is kept: 2, 3 (the best)" in said.err

    def test_the_run_stores_every_dotted_setting(self, faces: Path, tmp_path: Path) -> None:
        given = ("optimiser.lr=1e-4", "checkpoint_every=500", "preview_every=500", "optimisers.discriminator.lr=1e-5")
        words = [word for setting in given for word in ("--set", setting)]
        done(train(faces, tmp_path / "run", *words, "--route", "adversarial.decoder=0.1"))
        stored = json.loads((tmp_path / "run" / "run.json").read_text())["configuration"]
        assert (stored["optimiser"]["lr"], stored["optimisers"]["discriminator"]["lr"]) == (1e-4, 1e-5)
        assert (stored["checkpoint_every"], stored["preview_every"]) == (500, 500)
        assert stored["routes"] == {"adversarial.decoder": "0.1"}

    def test_the_decoupled_twin_of_a_method_trains(self, faces: Path, tmp_path: Path) -> None:
        done(train(faces, tmp_path / "run", method="ed-plus-gan//"))
        networks = json.loads((tmp_path / "run" / "run.json").read_text())["table"]["networks"]
        assert "generator" in networks

    def test_grey_images_have_one_channel(self, draw: Draw, tmp_path: Path) -> None:
        done(train(draw(tmp_path / "grey", channels=1), tmp_path / "run"))
        done(call("reconstruct", tmp_path / "run", tmp_path / "grey", tmp_path / "out"))
        assert {Image.open(path).mode for path in (tmp_path / "out").iterdir()} == {"L"}

    def test_folders_of_classes_are_one_set(self, draw: Draw, tmp_path: Path) -> None:
        draw(tmp_path / "set" / "cats")
        draw(tmp_path / "set" / "dogs")
        done(train(tmp_path / "set", tmp_path / "run"))
        assert json.loads((tmp_path / "run" / "run.json").read_text())["data"]["images"] == 12


class TestReconstruct:
    """INPUT is a file, a folder or a .zip; outputs keep the stem."""

    def test_a_file(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        said = done(call("reconstruct", trained, faces / "images" / "000003.png", tmp_path / "out"))
        assert names(tmp_path / "out") == ["000003.png"]
        assert said.out == f"1 image in {tmp_path / 'out'}\n"

    def test_a_folder(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        said = done(call("reconstruct", trained, faces, tmp_path / "out", "--json"))
        expected = [tmp_path / "out" / f"{index:06d}.png" for index in range(12)]
        written = {"out": str(tmp_path / "out"), "files": list(map(str, expected)), "failed": {}, "shown": []}
        assert json.loads(said.out) == written
        assert all(path.exists() for path in expected)

    def test_a_zip_is_as_its_folder(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for path in (faces / "images").iterdir():
                archive.write(path, path.name)
        done(call("reconstruct", trained, tmp_path / "in.zip", tmp_path / "zip"))
        done(call("reconstruct", trained, faces, tmp_path / "folder"))
        assert names(tmp_path / "zip") == names(tmp_path / "folder")
        zipped, plain = tmp_path / "zip" / "000005.png", tmp_path / "folder" / "000005.png"
        assert zipped.read_bytes() == plain.read_bytes()

    def test_all_writes_base_residual_and_output(self, trained: Path, faces: Path, tmp_path: Path) -> None:
        done(call("reconstruct", trained, faces, tmp_path / "all", "--what", "all"))
        done(call("reconstruct", trained, faces, tmp_path / "base", "--what", "base"))
        assert names(tmp_path / "all") == ["base", "output", "residual"]
        assert all(len(names(tmp_path / "all" / name)) == 12 for name in names(tmp_path / "all"))
        of_all, alone = tmp_path / "all" / "base" / "000000.png", tmp_path / "base" / "000000.png"
        assert of_all.read_bytes() == alone.read_bytes()

    def test_an_image_of_another_size_comes_out_in_the_models(self, trained: Path, draw: Draw, tmp_path: Path) -> None:
        done(call("reconstruct", trained, draw(tmp_path / "in", count=1, size=50), tmp_path / "out"))
        assert Image.open(tmp_path / "out" / "0.png").size == (32, 32)


@pytest.mark.parametrize("prior", ["vae", "aae"])
def test_a_model_with_a_prior_samples_by_seed(prior: str, faces: Path, tmp_path: Path) -> None:
    done(train(faces, tmp_path / "run", "--set", f"latent.prior={prior}"))
    for name, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        done(call("sample", tmp_path / "run", tmp_path / name, "--count", "2", "--seed", seed))
    assert names(tmp_path / "a") == ["000000.png", "000001.png"]
    pixels = {name: np.asarray(Image.open(tmp_path / name / "000001.png")) for name in "abc"}
    assert (pixels["a"] == pixels["b"]).all()
    assert (pixels["a"] != pixels["c"]).any()


def test_evaluate_gives_each_figure_its_protocol(trained: Path, faces: Path) -> None:
    result = json.loads(done(call("evaluate", trained, "--data", faces, "--split", "train", "--json")).out)
    assert (result["images"], result["split"]) == (10, "train")
    assert {"psnr_output", "ssim_base", "rmse_output"} <= result["figures"].keys()
    unexplained = [name for name in result["figures"] if not any(name.startswith(p) for p in result["protocol"])]
    assert unexplained == []


def test_rank_prints_scores_and_writes_a_report(trained: Path, faces: Path, tmp_path: Path) -> None:
    done(call("reconstruct", trained, faces, tmp_path, "--what", "all"))
    fakes = ("--fake", f"base={tmp_path / 'base'}", "--fake", f"output={tmp_path / 'output'}")
    report = tmp_path / "report.html"
    said = done(call("rank", "--real", faces, *fakes, "--size", "16", "--json", "--report", report))
    scores = json.loads(said.out)["scores"]
    assert sorted(scores) == ["base", "output"]
    assert sum(scores.values()) == pytest.approx(1)
    assert "output" in report.read_text()


def test_data_synth_writes_a_set_that_data_check_knows(tmp_path: Path) -> None:
    done(call("data", "synth", "facades", tmp_path / "facades", "--count", "10", "--size", "16"))
    result = json.loads(done(call("data", "check", tmp_path / "facades", "--json")).out)
    assert (result["kind"], result["count"]) == ("side-by-side", 10)
