"""The pool of comparisons: its units, the processes that it starts and ends, and the results that it joins."""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np
import pytest
from PIL import Image
from toy_sets import write_sets

from benchmarks import presets, presets_pool, process_pool
from benchmarks.cuda_parts import registry
from benchmarks.cuda_parts.pack import pack
from benchmarks.preset_units import DCGAN, UNITS
from benchmarks.presets_pool import Call, environment, joined, task_of, unpacked
from benchmarks.process_pool import Pool, Task, last_lines
from edgan.config import configure
from edgan.errors import UsageError


def python(name: str, code: str, seconds: float = 5.0) -> Task:
    """A task that runs code."""
    return Task(name, [sys.executable, "-S", "-c", code], seconds)


def pool(tmp_path, workers=2, seconds=60.0, said=None):
    """A pool whose sentences go to a list."""
    return Pool(workers, seconds, tmp_path, dict(os.environ), ([] if said is None else said).append)


# Processes


def test_every_task_runs_once_and_leaves_its_log(tmp_path):
    said = []
    fates = pool(tmp_path, said=said).run([python("good", "print('words')"), python("bad", "raise SystemExit(3)")])
    assert fates == {"good": "done", "bad": "failed"}
    assert list(last_lines(tmp_path / "good.log", 5)) == ["words"]
    assert any("bad: failed with exit status 3" in sentence for sentence in said)


def test_no_more_tasks_run_at_once_than_there_are_workers(tmp_path):
    stamp = "import sys, time; print(time.time()); sys.stdout.flush(); time.sleep(0.4); print(time.time())"
    pool(tmp_path, workers=1).run([python(name, stamp) for name in ("a", "b")])
    first, second = ([float(line) for line in last_lines(tmp_path / f"{name}.log", 2)] for name in ("a", "b"))
    assert second[0] >= first[1]


def test_a_task_with_a_longer_estimate_than_the_time_left_is_not_started(tmp_path):
    fates = pool(tmp_path, seconds=30).run([python("long", "", 40.0), python("short", "", 1.0)])
    assert fates == {"long": "not started", "short": "done"}
    assert not (tmp_path / "long.log").exists()


def test_estimates_grow_when_tasks_take_longer(tmp_path, monkeypatch):
    # The first takes five times its estimate or more, so that the second would take longer than is left.
    monkeypatch.setattr(process_pool, "LONGEST", 1000.0)
    first = python("first", "import time; time.sleep(0.5)", 0.1)
    fates = pool(tmp_path, workers=1, seconds=30).run([first, python("second", "", 20.0)])
    assert fates == {"first": "done", "second": "not started"}


def test_a_task_ends_at_its_limit_and_at_the_deadline(tmp_path):
    begun = time.monotonic()
    forever = "import time; time.sleep(60)"
    fates = pool(tmp_path, seconds=60).run([python("stuck", forever, 0.2)])
    assert fates == {"stuck": "too long"}
    fates = pool(tmp_path, seconds=2).run([python("late", forever, 1.0)])
    assert fates == {"late": "out of time"}
    assert time.monotonic() - begun < 40


# Units


def test_the_most_valuable_units_come_first_and_all_have_steps_at_their_budget():
    assert [(comparison.name, seed) for comparison, seed in UNITS[:5]] == [
        ("cdnet", 0),
        ("grit", 0),
        ("pix2pix", 0),
        ("uu-net", 0),
        ("cdnet", 1),
    ]
    assert len({(comparison.name, seed) for comparison, seed in UNITS}) == len(UNITS)
    for comparison, _ in UNITS:
        settings = dict(text.split("=", 1) for text in comparison.settings)
        for preset, steps in zip(("small", "quick"), comparison.chosen_steps, strict=True):
            assert configure(comparison.method, preset, settings, size=comparison.side, steps=steps).steps == steps


def test_processes_share_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    given = environment(5, tmp_path)
    assert given["OMP_NUM_THREADS"] == "3"
    assert given["EDGAN_CACHE"] == str(tmp_path / "cache")


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """A pack of garments."""
    folder = tmp_path_factory.mktemp("packs")
    sets = write_sets(tmp_path_factory.mktemp("kept") / "sets")
    pack(registry.chosen(["show-dcgan-garments"], registry.all_parts()), sets, folder)
    return folder


def test_a_unit_trains_judges_and_is_joined(packs, tmp_path, monkeypatch):
    monkeypatch.setattr(presets_pool, "TOY_STEPS", 2)
    sets = unpacked([(DCGAN, 0)], packs, tmp_path / "sets", toy=True)
    call = Call(tmp_path / "out", tmp_path / "scratch", "cpu", True, sets)
    task = task_of(DCGAN, 1, call)
    assert task.command[1:4] == ["-m", "benchmarks.presets", "dcgan"]
    assert presets.main(task.command[3:]) == 0
    (written,) = joined(tmp_path / "out")
    assert written == tmp_path / "out" / "results" / "bench-presets-dcgan.json"
    (seed,) = json.loads(written.read_text())["seeds"]
    assert seed["seed"] == 1
    assert {"kid_features_output", "energy_output", "steps"} <= seed["quick"].keys()
    assert "edits" not in seed["quick"]
    assert seed["made_with"]["commit"]
    with Image.open(tmp_path / "out" / "dcgan" / "sheet-1.png") as page:
        # Samples of each preset, and originals: three rows of each, or fewer where there are fewer originals.
        assert page.height == 4 * (9 * 28 + 8 * 2)
    assert not list((tmp_path / "out").rglob("checkpoints"))


def test_units_without_their_set_are_left_out_and_small_pictures_are_refused(tmp_path, packs, capsys):
    assert presets_pool.main(["--data", str(packs), "--out", str(tmp_path), "--only", "grit", "--device", "cpu"]) == 0
    assert "grit-0: left out" in capsys.readouterr().out
    with np.load(packs / "fashion-mnist.npz") as contents:
        np.savez(tmp_path / "fashion-mnist.npz", **{**contents, "side": np.array(16)})
    with pytest.raises(UsageError, match="16 px, and 28 px"):
        unpacked([(DCGAN, 0)], tmp_path, tmp_path / "sets", toy=False)
    assert presets_pool.main(["--data", str(packs), "--out", str(tmp_path), "--only", "gritt"]) == 2
