"""Event files that TensorBoard reads: losses, held-out figures and previews, also of a resumed training."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from training_toys import train_tiny

from edgan.errors import UsageError

pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed")

EVERY = {"log_every": 2, "evaluate_every": 3, "preview_every": 3, "checkpoint_every": 3}


def test_losses_figures_and_previews_are_in_the_event_file(faces: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train_tiny(faces, tmp_path / "run", 6, set=EVERY, tensorboard=tmp_path / "events", quiet=True)
    assert [path.name for path in (tmp_path / "events").iterdir()] == ["run"]
    read = EventAccumulator(str(tmp_path / "events" / "run"))
    read.Reload()
    logged = {line["step"]: line["losses"] for line in run.log() if "losses" in line}
    for event in read.Scalars("loss/reconstruction"):
        assert event.value == pytest.approx(logged[event.step]["reconstruction"], rel=1e-5)
    assert [event.step for event in read.Scalars("loss/reconstruction")] == [2, 4, 6]
    held = {line["step"]: line["held_out"]["psnr_output"] for line in run.log() if "held_out" in line}
    assert {event.step: event.value for event in read.Scalars("held out/psnr_output")} == pytest.approx(held, rel=1e-5)
    shown = {event.step: event.encoded_image_string for event in read.Images("preview")}
    assert sorted(shown) == [3, 6]
    preview = Image.open(run.path / "previews" / "step-00000003.png").convert("RGB")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(shown[3])).convert("RGB")), np.asarray(preview))


def test_a_resumed_training_goes_on_in_the_same_folder(faces: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train_tiny(faces, tmp_path / "run", 3, set=EVERY, tensorboard=tmp_path / "events", quiet=True)
    train_tiny(faces, tmp_path / "run", 6, set=EVERY, tensorboard=tmp_path / "events", quiet=True, resume=True)
    read = EventAccumulator(str(tmp_path / "events" / "run"))
    read.Reload()
    assert [event.step for event in read.Scalars("held out/psnr_output")] == [3, 6]


def test_without_the_package_a_sentence_says_how_to_install_it(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(
        UsageError, match=r"tensorboard needs the package tensorboard.*pip install 'edgan\[tensorboard\]'"
    ):
        train_tiny(faces, tmp_path / "run", 3, tensorboard=tmp_path / "events")
    assert not (tmp_path / "run").exists()


def test_a_training_without_event_files_does_not_import_the_package() -> None:
    code = "import sys, edgan.api.training; print('tensorboard' in sys.modules, 'tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False False"
