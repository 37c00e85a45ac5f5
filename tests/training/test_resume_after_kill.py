"""A run killed at random moments, inside its saves too, ends as if nobody had touched it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from killed_training import STEPS, kill_and_go_on
from training_toys import assert_same_run, last, train_tiny

from forked_edgan import Forked
from systems import forks

KILLS = int(os.environ.get("EDGAN_TEST_KILLS", "9"))


@forks
@pytest.mark.timeout(900)
def test_a_run_killed_at_random_moments_ends_bit_for_bit_as_the_uninterrupted_one(faces, tmp_path):
    train_tiny(faces, tmp_path / "whole", STEPS)
    killing = Forked(tmp_path, kill_and_go_on, [str(faces), str(tmp_path), str(KILLS), "0"])
    printed, told = killing.communicate(timeout=600)
    assert killing.returncode == 0, told
    report = json.loads(printed.splitlines()[-1])
    print({name: value for name, value in report.items() if isinstance(value, int)})
    said = {line for line in report["said"].splitlines() if not line.endswith("so this starts one.")}
    assert said == set()  # no life met a damaged checkpoint or ended by an error
    assert report["kills"] == KILLS
    assert report["inside"] >= KILLS // 8
    for run in map(Path, report["runs"]):
        assert last(run).step == STEPS
        assert_same_run(run, tmp_path / "whole")
