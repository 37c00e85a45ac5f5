"""What a training says of itself: its plan before the first step, and how long it takes once its speed is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from training_toys import train_tiny

from edgan.cli import main
from edgan.training.display import duration, training_bar
from edgan.training.progress import MEASURED_STEPS, Progress


def test_the_plan_is_said_before_the_first_step_and_when_resumed(faces: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    watched: list[Progress] = []
    train_tiny(
        faces, tmp_path / "run", 4, say=heard.append, watch=lambda step: (heard.append("step"), watched.append(step))
    )
    images = json.loads((tmp_path / "run" / "run.json").read_text())["data"]["training_images"]
    assert heard[0].startswith("ed-slash-gan, preset small: 4 steps of 4 images at 32 px on the CPU (")
    assert heard[0].endswith(f"; {images} training images; saved in {tmp_path / 'run'}.")
    assert heard[1:] == ["step"] * 4
    assert all(step.seconds_left is None for step in watched)
    train_tiny(faces, tmp_path / "run", 6, say=heard.append, watch=lambda _: None, resume=True)
    assert "steps 5 to 6 of 4 images" in heard[-1]


def test_after_fifty_steps_the_time_that_is_left_is_known(faces: Path, tmp_path: Path) -> None:
    watched: list[Progress] = []
    train_tiny(faces, tmp_path / "run", MEASURED_STEPS + 2, set={"evaluate_every": 1000}, watch=watched.append)
    assert [step.step for step in watched if step.seconds_left is None] == list(range(1, MEASURED_STEPS))
    left = [step.seconds_left for step in watched[MEASURED_STEPS - 1 :]]
    assert left[-1] == 0
    assert left[0] > left[1] > 0


def test_the_time_is_told_once_for_each_training(capsys: pytest.CaptureFixture[str]) -> None:
    with training_bar(quiet=False) as watch:
        for _ in range(2):
            for step in range(1, 200):
                left = (1000 - step) * 2.0 if step >= MEASURED_STEPS else None
                watch(Progress(step, 1000, {}, 1.0, seconds_left=left))
    said = [line for line in capsys.readouterr().err.splitlines() if "About" in line]
    assert said == ["edgan: About 32 minutes for the other 950 steps, at the speed of the first ones."] * 2


def test_nothing_is_said_where_a_caller_watches_or_wants_quiet(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_tiny(faces, tmp_path / "a", 1, watch=lambda _: None)
    train_tiny(faces, tmp_path / "b", 1, quiet=True)
    assert "preset small" not in capsys.readouterr().err
    train_tiny(faces, tmp_path / "c", 1)
    assert capsys.readouterr().err.count("edgan: ed-slash-gan, preset small: 1 step of 4 images at 32 px") == 1


def test_the_command_line_says_the_plan_and_with_json_does_not(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "vae", "--data", str(faces), "--size", "32", "--steps", "1", "--batch", "4", "--device", "cpu"]
    words += ["--set", "network.width=4", "--set", "latent.size=4"]
    for out, more, count in (("a", [], 1), ("b", ["--json"], 0)):
        with pytest.raises(SystemExit) as end:
            main([*words, "--out", str(tmp_path / out), *more])
        assert not end.value.code
        assert capsys.readouterr().err.count("vae, preset small: 1 step of 4 images at 32 px on the CPU") == count


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 second"), (61, "61 seconds"), (150, "2 minutes"), (5999, "100 minutes"), (9000, "2.5 hours"),
     (200_000, "2.3 days")],
)  # fmt: skip
def test_a_time_is_written_as_a_person_says_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
