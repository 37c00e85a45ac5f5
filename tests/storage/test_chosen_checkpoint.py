"""Which checkpoint is read: the best, the newest, or that of a step."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from edgan.errors import EdganError, UsageError
from edgan.storage import checkpoint
from edgan.storage.checkpoint import Snapshot
from edgan.storage.chosen_checkpoint import chosen_checkpoint


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Steps 10 (the best), 20 and 30."""
    for step in (10, 20, 30):
        tensors = {group: {"weight": torch.tensor([float(step)])} for group in checkpoint.GROUPS}
        checkpoint.save(tmp_path, Snapshot(step, tensors, {"score": "ssim_output"}), best=step == 10)
    return tmp_path


@pytest.mark.parametrize(
    ("which", "step", "best"),
    [("best", 10, True), ("newest", 30, False), (20, 20, False), ("20", 20, False), (10, 10, True)],
)
def test_the_asked_one_is_read(kept: Path, which: str | int, step: int, best: bool) -> None:
    chosen = chosen_checkpoint(kept, which)
    assert chosen is not None
    snapshot, is_best, reports = chosen
    assert (snapshot.step, is_best, reports) == (step, best, [])
    assert snapshot.tensors["ema"]["weight"] == step


def test_the_newest_stands_in_where_none_was_judged(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, Snapshot(5, {}, {}))
    chosen = chosen_checkpoint(tmp_path)
    assert chosen is not None
    assert (chosen[0].step, chosen[1]) == (5, False)
    assert chosen_checkpoint(tmp_path / "missing") is None


@pytest.mark.parametrize("which", [15, "15", "latest", -1])
def test_a_step_that_is_not_kept_is_refused_with_those_that_are(kept: Path, which: str | int) -> None:
    with pytest.raises(UsageError, match=r"10 \(the best\), 20, 30 \(got " + str(which)):
        chosen_checkpoint(kept, which)


def test_a_best_one_that_is_damaged_is_told_and_the_newest_is_used(kept: Path) -> None:
    weights = kept / "step-00000010" / "ema.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    chosen = chosen_checkpoint(kept)
    assert chosen is not None
    snapshot, _, reports = chosen
    assert snapshot.step == 30
    assert len(reports) == 1
    assert "The newest checkpoint is used in place of the best" in reports[0]
    with pytest.raises(EdganError, match="checksum"):
        chosen_checkpoint(kept, 10)


def test_the_best_one_needs_only_the_files_that_are_read(kept: Path) -> None:
    (kept / "step-00000010" / "optimisers.safetensors").unlink()
    chosen = chosen_checkpoint(kept, groups=("ema",))
    assert chosen is not None
    assert chosen[0].step == 10
