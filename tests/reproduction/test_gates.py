"""Gates are read off a row's settings and figures, and a row whose gate is not passed has no verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from edgan.data import open_dataset
from reproduction import ledger
from reproduction.claims import CLAIMS
from reproduction.framework.gates import (
    FAILED,
    PASSED,
    UNMEASURED,
    BeatsMeanPicture,
    Budget,
    EqualBudgets,
    Flattened,
    Gate,
    GateReading,
    Measured,
)
from reproduction.framework.judgement import AGAIN, TOO_SHORT, Judgement
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.mean_picture import mean_picture_psnr, read_mean_pictures, record_mean_pictures
from reproduction.framework.reruns import Rerun
from reproduction.framework.results import Data, Result
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import Outcome, Row, Unit
from reproduction.framework.verdict import HOLDS, UNDECIDED, above_zero, figure, verdict_of
from reproduction.requirements import REQUIREMENTS
from reproduction.reruns import RERUNS
from reproduction.rows import ROWS
from reproduction.takeaways import SEEN
from tests.reproduction.judged_rows import final_units


@dataclass(frozen=True)
class Size:
    """A scale of the row below."""

    seeds: int = 3
    training: Mapping[str, Any] = field(
        default_factory=lambda: {"size": 32, "steps": 10, "batch": 4, "preset": "small"}
    )
    rival: int = 10


def trained(size: Size, _keys: Mapping[str, str]) -> list[Unit]:
    """Two models for each seed."""
    steps = {"ours": size.training["steps"], "theirs": size.rival}
    return [
        Unit(f"{name}-seed-{seed}", print, {"training": {**size.training, "steps": count}}, seed=seed)
        for seed in range(size.seeds)
        for name, count in steps.items()
    ]


def row(size: Size) -> Row:
    """A row at scale small."""
    return Row("1.1", lambda _: "It trains.", trained, lambda *_: Outcome("", (), {}), {"small": size})


CHECKS = (above_zero("a quantity", [1.0, 1.1, 0.9]),)
RESULT = Result(
    id="1.1",
    claim="",
    paper_figure="",
    scale="small",
    protocol="It trains.",
    data=(Data(name="facades", key="k", images={"train": 8, "test": 4}),),
    seeds=(0, 1, 2),
    done=1,
    of=1,
    headline="",
    figures={"PSNR of ours": figure([15.0, 15.2, 14.6]), "PSNR of theirs": figure([14.1, 14.9, 14.9])},
    checks=CHECKS,
    verdict=verdict_of(CHECKS, 1, 1),
    explanation="",
    date="2026-01-02T00:00Z",
    machine="",
    torch="",
    edgan="",
    commit="",
    command="",
    budget_seconds=None,
    wall_seconds=0.0,
    compute_seconds=0.0,
)


def read(gate: Gate, size: Size | None = None, **changes: Any) -> GateReading:
    """A gate, read on the result with changes."""
    return gate.read(Measured(row(size or Size()), RESULT.model_copy(update=changes), {"facades": 13.5}))


@pytest.mark.parametrize(
    ("least", "status"),
    [
        ({"seeds": 3, "training.size": 32, "images": 40}, PASSED),
        ({"images": 41}, FAILED),
        ({"seeds": 4}, FAILED),
        ({"training.preset": "small"}, PASSED),
        ({"training.preset": "paper"}, FAILED),
    ],
)
def test_a_budget_is_compared_with_the_rows_scale(least: Mapping[str, float | str], status: str) -> None:
    assert read(Budget("some steps", least)).status == status


def test_settings_that_changed_since_the_result_leave_its_budget_unmeasured() -> None:
    assert read(Budget("some steps", {"seeds": 1}), protocol="It trained otherwise.").status == UNMEASURED
    assert read(EqualBudgets("steps", units=".*"), protocol="It trained otherwise.").status == UNMEASURED


def test_budgets_of_rivals_are_those_of_their_units() -> None:
    gate = EqualBudgets("steps", units=r"(ours|theirs)-seed-\d+")
    assert read(gate).status == PASSED
    unequal = read(gate, Size(rival=14))
    assert unequal.status == FAILED
    assert unequal.finding == "Unequal: ours 10 x 4, theirs 14 x 4."
    assert read(EqualBudgets("steps", units="no unit")).status == UNMEASURED


def test_steps_of_an_earlier_stage_are_not_counted() -> None:
    gate = EqualBudgets("steps", units=".*")
    units = [
        Unit("cdnet-seed-0", print, {"training": {"steps": 12, "batch": 4}, "set": {"classifier_steps": 2}}),
        Unit("vae-seed-0", print, {"training": {"steps": 10, "batch": 4}}),
    ]
    whole = replace(row(Size()), units=lambda *_: units)
    assert gate.read(Measured(whole, RESULT, {})).status == PASSED


def test_figures_of_a_budget_are_equal_to_within_a_tenth() -> None:
    gate = EqualBudgets("time", figures="seconds of .*")
    times = {"seconds of ours": figure([10.0, 10.0]), "seconds of theirs": figure([10.9, 10.9])}
    assert read(gate, figures=times).status == PASSED
    assert read(gate, figures=times | {"seconds of a third": figure([11.1, 11.1])}).status == FAILED
    assert read(gate).status == UNMEASURED


def test_every_training_beats_the_mean_picture_by_the_margin() -> None:
    assert read(BeatsMeanPicture("facades", "PSNR of ours")).status == PASSED  # 14.6 against 13.5 + 1
    worst = read(BeatsMeanPicture("facades", "PSNR of .*"))
    assert worst.status == FAILED
    assert worst.finding == "The mean picture of facades has 13.50 dB, the worst training 14.10 dB (PSNR of theirs)."
    assert read(BeatsMeanPicture("facades", "PSNR of .*", margin=0.5)).status == PASSED
    assert read(BeatsMeanPicture("facades", "SSIM")).status == UNMEASURED
    assert read(BeatsMeanPicture("celeba", "PSNR of .*")).status == UNMEASURED
    either = read(BeatsMeanPicture(("celeba", "facades"), "PSNR of ours"))
    assert (either.status, "mean picture of facades" in either.finding) == (PASSED, True)


@pytest.mark.parametrize(
    ("falls", "status"), [({}, UNMEASURED), ({"a": 0.05, "b": -0.2}, PASSED), ({"a": 0.06}, FAILED)]
)
def test_losses_have_flattened_if_none_still_falls(falls: dict[str, float], status: str) -> None:
    assert read(Flattened(), falls=falls).status == status


def test_the_fall_of_a_loss_is_from_the_third_to_the_last_quarter() -> None:
    losses = [9.0, 9.0, 5.0, 5.0, 4.0, 4.0, 3.0, 3.0]
    log = [{"losses": {"adversarial": 1.0, "reconstruction": value}} for value in losses]
    assert fall_of_loss(log) == pytest.approx(0.25)
    assert fall_of_loss(log[::-1]) == pytest.approx((5 - 9) / 5)
    assert fall_of_loss([{"losses": {"adversarial": 1.0}}] * 8) is None
    assert fall_of_loss(log[:3]) is None


def judgement(*gates: Gate, reruns: tuple[Rerun, ...] = (), **changes: Any) -> Judgement:
    return Judgement(row(Size()), RESULT.model_copy(update=changes), gates, reruns, {"facades": 13.5})


def test_a_gate_that_is_not_passed_leaves_no_verdict_and_says_what_is_needed() -> None:
    assert judgement().verdict == HOLDS
    assert judgement(Budget("3 seeds", {"seeds": 3})).verdict == HOLDS
    short = judgement(Budget("9 seeds", {"seeds": 9}), Flattened())
    assert short.verdict == TOO_SHORT
    assert short.needed == f"9 seeds; {Flattened().read(Measured(row(Size()), RESULT, {})).needed}"
    assert short.needed_first == "9 seeds"
    assert judgement(Flattened()).verdict == TOO_SHORT


def test_a_result_older_than_a_change_of_the_code_is_to_be_run_again() -> None:
    old, new = (Rerun(f"2026-01-0{day}T00:00Z", "models", "It trains otherwise.") for day in (1, 3))
    assert judgement(reruns=(old,)).verdict == HOLDS
    assert judgement(reruns=(new,)).verdict == AGAIN
    assert judgement(Budget("9 seeds", {"seeds": 9}), reruns=(new,)).verdict == TOO_SHORT
    undecided = {"checks": (), "verdict": UNDECIDED}
    assert judgement(reruns=(new,), **undecided).verdict == UNDECIDED
    assert judgement(reruns=(new,), **undecided).stale == (new,)


def test_the_checklist_is_answered_by_the_gates_and_the_result() -> None:
    gates = (Budget("9 seeds", {"seeds": 9}), EqualBudgets("steps", units=".*"), BeatsMeanPicture("facades", "SSIM"))
    changed = Rerun("2026-01-03T00:00Z", "yardstick", "Another figure is judged.")
    assert [point.answer for point in judgement(*gates).checklist] == ["no", "yes", UNMEASURED, "yes", "yes", "yes"]
    assert judgement(reruns=(changed,)).checklist[2].answer == "no"
    assert judgement(checks=(above_zero("equal", [1.0, 1.0]),), seeds=(0, 1)).checklist[3].answer == "no"
    assert judgement(seeds=(0, 1)).checklist[4].answer == "no"
    assert judgement(data=(Data(name="facades", key="k", images={"train": 8}),)).checklist[5].answer == "no"


def test_every_row_states_its_gates() -> None:
    assert list(REQUIREMENTS) == [claim.id for claim in CLAIMS]
    assert set(RERUNS) <= set(REQUIREMENTS)
    assert {name for name, _ in SEEN} <= set(REQUIREMENTS)
    assert all(SEEN.values())
    assert [name for name, gates in REQUIREMENTS.items() if not gates] == ["1.1"]


@pytest.mark.parametrize("name", [name for name in ROWS if REQUIREMENTS[name]])
def test_the_gates_of_a_row_fit_its_units_and_scales(name: str) -> None:
    units = [unit.name for unit in with_needs(final_units(name))]
    for gate in REQUIREMENTS[name]:
        if isinstance(gate, EqualBudgets) and gate.units:
            assert len({unit for unit in units if re.fullmatch(gate.units, unit)}) > 1
        if isinstance(gate, Budget):
            result = RESULT.model_copy(update={"protocol": ROWS[name].protocol(ROWS[name].scales["small"])})
            assert gate.read(Measured(ROWS[name], result, {})).status in (PASSED, FAILED)


def test_no_published_verdict_rests_on_a_gate_that_is_not_passed() -> None:
    judgements = [judgement for entry in ledger("results") for judgement in entry.judgements]
    assert judgements
    for each in judgements:
        passed = all(reading.status == PASSED for reading in each.readings)
        assert (each.verdict == TOO_SHORT) == (not passed)


def test_the_mean_picture_is_that_of_the_training_split(rendered: Any, tmp_path: Any) -> None:
    dataset = open_dataset(rendered("gate-faces", "faces", 60) / "gate-faces", size=32)
    images = dataset.images.astype(np.float64) / 127.5 - 1
    mean = np.mean([images[index] for index in dataset.indices("train")], 0)
    errors = [np.square(images[index] - mean).mean() for index in dataset.indices("test")]
    assert mean_picture_psnr(dataset) == pytest.approx(np.mean(10 * np.log10(4 / np.array(errors))), abs=1e-3)
    record_mean_pictures(tmp_path, {"faces": dataset})
    (record,) = read_mean_pictures(tmp_path).values()
    assert record == {"key": dataset.key, "psnr": pytest.approx(mean_picture_psnr(dataset), abs=1e-4)}
