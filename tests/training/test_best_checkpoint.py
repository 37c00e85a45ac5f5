"""By what score the best checkpoint is kept, who uses it, and when a training stops for want of a better one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from training_toys import PowerCutError, assert_same_run, cut_at, train_tiny

import edgan
from edgan.api.training import train
from edgan.data import open_dataset
from edgan.errors import EdganError
from edgan.methods import PAGES, Shape, find
from edgan.metrics import pretrained_maps
from edgan.models.feature_figures import HeldOutFeatures, compared
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.training import scoring
from edgan.training.observation import Observer

WITHOUT_GAN = {"vae", "ae-xcov", "connection", "encoder", "vgg-connection"}
OFTEN = {"evaluate_every": 1, "checkpoint_every": 5, "preview_every": 100}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 2 held-out pictures of these tests are enough for KID."""
    monkeypatch.setattr(scoring, "FEWEST", 2)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, few: None) -> None:
    """KID at steps 1, 2, ...: best at step 3."""
    values = [0.9, 0.5, 0.2, 0.3, 0.4, 0.3, 0.25, 0.6, 0.21, 0.7]

    def evaluate(observer: Observer, step: int) -> tuple[dict[str, float], list[str]]:
        held = {"kid_features_output": values[step - 1], "ssim_output": step / 100}
        observer.folder.append_log(step, {"held_out": held, "score": observer.score.name})
        return held, []

    monkeypatch.setattr(Observer, "evaluate", evaluate)


@pytest.mark.parametrize("name", PAGES)
def test_a_method_says_whether_it_draws_with_a_gan(name: str) -> None:
    page = find(name)
    method = page.bind({}, Shape(64, 3, **page.example))
    assert method.draws_with_gan == (name not in WITHOUT_GAN)


def test_a_blocked_adversarial_row_is_no_gan() -> None:
    method = find("ed-slash-gan").bind({"discriminator": {"kind": "paper"}}, Shape(32, 3))
    assert not method.with_routes({"adversarial.generator": 0}).draws_with_gan


def test_the_best_checkpoint_of_a_gan_has_the_lowest_kid_and_the_run_says_so(
    faces: Path, tmp_path: Path, few: None
) -> None:
    lines: list[str] = []
    run = train_tiny(faces, tmp_path / "run", 6, set=OFTEN, watch=lambda step: lines.append(step.best))
    held = {line["step"]: line for line in run.log() if "held_out" in line}
    kid = {step: line["held_out"]["kid_features_output"] for step, line in held.items()}
    best = min(kid, key=lambda step: kid[step])
    path = checkpoint.best(tmp_path / "run" / "checkpoints")
    assert path is not None
    assert path.name == f"step-{best:08d}"
    assert {line["score"] for line in held.values()} == {"kid_features_output"}
    stated = json.loads((tmp_path / "run" / "run.json").read_text())["score"]
    assert (stated["name"], stated["better"], stated["images"]) == ("kid_features_output", "lower", 2)
    assert lines[-1] == f"best by KID (features) {kid[best]:.4f}, at step {best}"
    assert edgan.load(run.path, "cpu").checkpoint == run.checkpoint()
    assert str(run.checkpoint()) == f"step {best}, the best by KID (features)"


def test_the_logged_kid_is_that_of_the_outputs_of_the_saved_weights(faces: Path, tmp_path: Path, few: None) -> None:
    run = train_tiny(faces, tmp_path / "run", 2, set=OFTEN)
    dataset = open_dataset(faces, size=32)
    images = dataset.batch(compared(dataset)).image
    made = run.load("cpu", 2).reconstruct(images).output
    logged = next(line["held_out"] for line in run.log() if line["step"] == 2 and "held_out" in line)
    expected, _ = edgan.metrics.kid_features(made.clamp(-1, 1), images, paired=True)
    assert logged["kid_features_output"] == pytest.approx(expected, abs=1e-6)


def test_samples_are_compared_without_pairs(faces: Path, tmp_path: Path, few: None) -> None:
    options = {"size": 32, "batch": 4, "steps": 1, "device": "cpu", "preset": "small", "set": {"network.width": 4}}
    run = train("dcgan", faces, tmp_path / "run", **options)
    dataset = open_dataset(faces, size=32)
    images = dataset.batch(compared(dataset)).image
    model = run.load("cpu")
    expected, _ = edgan.metrics.kid_features(model.sample(len(images), seed=0).clamp(-1, 1), images)
    assert HeldOutFeatures(model, dataset).figures()["kid_features_output"] == pytest.approx(expected, abs=1e-6)
    result = edgan.evaluate(run.path, faces, split="val")
    assert result["figures"]["kid_features_output"] == pytest.approx(expected, abs=1e-6)
    assert {"fid_features_output", "energy_output"} <= result["figures"].keys()
    assert "psnr_output" not in result["figures"]
    assert result["checkpoint"] == {"step": 1, "best_by": "kid_features_output"}


def test_an_evaluation_that_is_better_is_saved_at_once(faces: Path, tmp_path: Path, scripted: None) -> None:
    run = train_tiny(faces, tmp_path / "run", 10, set=OFTEN)
    kept = [path.name for path in checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")]
    assert kept == [f"step-{step:08d}" for step in (3, 5, 10)]
    assert edgan.load(run.path, "cpu").checkpoint.step == 3
    assert edgan.load(run.path, "cpu", checkpoint="newest").checkpoint.step == 10
    assert edgan.load(run.path, "cpu", checkpoint=5).checkpoint.best_by is None


def test_a_resumed_training_keeps_the_same_best_bit_for_bit(faces: Path, tmp_path: Path, few: None) -> None:
    settings = {**OFTEN, "evaluate_every": 2, "checkpoint_every": 3}
    train_tiny(faces, tmp_path / "whole", 8, set=settings)
    for step in (3, 5, 7):
        with pytest.raises(PowerCutError):
            train_tiny(faces, tmp_path / "cut", 8, set=settings, resume=True, watch=cut_at(step))
    train_tiny(faces, tmp_path / "cut", 8, set=settings, resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")


def test_patience_stops_says_so_and_a_resume_goes_on(faces: Path, tmp_path: Path, scripted: None) -> None:
    said: list[str] = []
    run = train_tiny(faces, tmp_path / "run", 10, set=OFTEN, patience=2, warn=said.append)
    assert run.step == 5
    assert len(said) == 1
    assert said[0].startswith(
        "Stopped at step 5 of 10: no better score in 2 evaluations; best by KID (features) 0.2000, at step 3. Resume "
    )
    assert run.checkpoint().step == 3
    again = train_tiny(faces, tmp_path / "run", 10, set=OFTEN, resume=True)
    assert again.step == 7
    without = train_tiny(faces, tmp_path / "run", 10, set=OFTEN, resume=True, patience=0)
    assert without.step == 10


def test_a_stage_that_is_not_the_last_is_not_judged(faces: Path, tmp_path: Path, scripted: None) -> None:
    run = train_tiny(faces, tmp_path / "run", 6, set={**OFTEN, "ed_first": 4}, patience=1)
    assert run.step == 6
    assert run.checkpoint().step == 6


def test_without_the_weights_the_old_score_is_used_and_said_once(
    faces: Path, tmp_path: Path, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_tiny(faces, tmp_path / "run", 2, set=OFTEN)

    def missing() -> None:
        raise EdganError("Pretrained features need a package.")

    monkeypatch.setattr(pretrained_maps, "load_weights", missing)
    said: list[str] = []
    run = train_tiny(faces, tmp_path / "run", 4, set=OFTEN, resume=True, warn=said.append)
    assert said == [
        "The best checkpoint is judged by SSIM and not by KID (features): Pretrained features need a package."
    ]
    assert RunFolder(run.path).read_run()["score"]["name"] == "ssim_output"
    later = [line["held_out"] for line in run.log() if "held_out" in line and line["step"] > 2]
    assert not any("kid_features_output" in held for held in later)
    assert run.checkpoint().best_by == "ssim_output"


def test_with_few_held_out_pictures_kid_does_not_judge(faces: Path) -> None:
    dataset = open_dataset(faces, size=32)
    method = find("ed-slash-gan").bind({"discriminator": {"kind": "paper"}}, Shape.of(dataset))
    assert scoring.score_of(method, dataset).name == "ssim_output"


def test_compared_pictures_are_spread_over_the_split(faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Class folders are read one after the other: the first pictures would all be of one class."""
    dataset: Any = open_dataset(faces, size=32)
    whole = dataset.indices("train")
    monkeypatch.setattr("edgan.models.feature_figures.watched_split", lambda _: "train")
    monkeypatch.setattr("edgan.models.feature_figures.LIMIT", 3)
    first, middle, last = compared(dataset)
    assert (first, last) == (whole[0], whole[-1])
    assert abs(middle - len(whole) / 2) < len(whole) / 5
