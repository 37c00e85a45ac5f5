"""run.json holds the precision that a training has, and a resumed training keeps it."""

from __future__ import annotations

import pytest
from training_toys import last, train_tiny

from edgan.errors import UsageError
from edgan.storage.run_folder import RunFolder


def precision_of(out) -> str:
    return RunFolder(out).read_run()["configuration"]["precision"]


def test_auto_is_recorded_as_what_it_came_to(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 2)
    assert precision_of(tmp_path / "run") == "float32"


@pytest.mark.parametrize("asked", [None, "auto"])
def test_a_run_keeps_the_precision_that_it_began_with(faces, tmp_path, monkeypatch, asked):
    """Begun where auto is bfloat16, resumed where it would be float32."""
    for module in ("edgan.api.training", "edgan.training.loop"):
        monkeypatch.setattr(f"{module}.resolve_precision", lambda name, _: "bfloat16" if name == "auto" else name)
    train_tiny(faces, tmp_path / "run", 2)
    monkeypatch.undo()
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)
    train_tiny(faces, tmp_path / "run", 4, resume=True, precision=asked)
    assert precision_of(tmp_path / "run") == "bfloat16"
    assert last(tmp_path / "run").step == 4
    with pytest.raises(UsageError, match="precision was bfloat16 and would be float32"):
        train_tiny(faces, tmp_path / "run", 6, resume=True, precision="float32")
