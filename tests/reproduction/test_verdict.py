"""A verdict follows from intervals, and a result with any other verdict is rejected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from edgan.errors import EdganError
from reproduction.framework.results import Result, read_results
from reproduction.framework.verdict import FAILS, HOLDS, UNDECIDED, Check, above_zero, counted, figure, verdict_of
from tests.reproduction.fake_row import run


def check(low: float | None, high: float | None) -> Check:
    return Check(name="a quantity", mean=0.0, low=low, high=high)


ABOVE, BELOW, ACROSS, UNKNOWN = check(0.1, 0.3), check(-0.3, -0.1), check(-0.1, 0.1), check(None, None)


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([ABOVE], HOLDS),
        ([ABOVE, ABOVE], HOLDS),
        ([BELOW], FAILS),
        ([ABOVE, BELOW], FAILS),
        ([ACROSS, BELOW], FAILS),
        ([ACROSS], UNDECIDED),
        ([ABOVE, ACROSS], UNDECIDED),
        ([UNKNOWN], UNDECIDED),
        ([check(0.0, 0.2)], UNDECIDED),
        ([], UNDECIDED),
    ],
)
def test_a_verdict_follows_from_the_intervals(checks: list[Check], verdict: str) -> None:
    assert verdict_of(checks, done=3, of=3) == verdict


@pytest.mark.parametrize("clear", [ABOVE, BELOW])
def test_an_unfinished_row_is_undecided(clear: Check) -> None:
    assert verdict_of([clear], done=2, of=3) == UNDECIDED


def test_an_interval_is_that_of_students_t() -> None:
    values = [0.3, 0.5, 0.1, 0.4]
    estimate = figure(values)
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (estimate.low, estimate.high) == pytest.approx((low, high))
    assert estimate.mean == pytest.approx(0.325)


@pytest.mark.parametrize("value", [1.0, -1.0, 0.0])
def test_equal_values_of_all_seeds_decide_nothing(value: float) -> None:
    assert figure([value, value]).low is None
    assert above_zero("a quantity", [value, value, value]).verdict == UNDECIDED
    assert counted("a count", 1.0).verdict == HOLDS


def test_a_figure_that_moves_in_steps_scatters_by_half_a_step_at_least() -> None:
    estimate = figure([1.0, 1.0, 1.0], step=0.5)
    assert estimate.low == pytest.approx(1.0 - stats.t.ppf(0.975, 2) * 0.25 / 3**0.5)
    assert figure([0.0, 1.0, 0.5], step=0.5) == figure([0.0, 1.0, 0.5])


def test_one_seed_has_no_interval_and_decides_nothing() -> None:
    assert above_zero("a quantity", [5.0]).verdict == UNDECIDED


def test_a_count_decides_without_an_interval() -> None:
    assert counted("0.5 minus the number of failures", 0.5).verdict == HOLDS
    assert counted("0.5 minus the number of failures", -1.5).verdict == FAILS


@pytest.fixture
def result(fake_row_1_1: None, tmp_path: Path) -> tuple[Path, dict]:
    run(tmp_path)
    path = tmp_path / "1.1.json"
    return path, json.loads(path.read_text())


def test_unknown_names_in_a_result_are_rejected(result: tuple[Path, dict]) -> None:
    with pytest.raises(ValidationError, match="extra"):
        Result.model_validate({**result[1], "mood": "good"})


def test_a_verdict_written_by_hand_is_rejected(result: tuple[Path, dict]) -> None:
    path, value = result
    assert value["verdict"] == HOLDS
    path.write_text(json.dumps({**value, "verdict": FAILS}))
    with pytest.raises(EdganError, match=r"1\.1\.json .* the checks give 'holds'"):
        read_results(path.parent)


def test_a_damaged_result_is_reported_with_its_path(result: tuple[Path, dict]) -> None:
    path, _ = result
    path.write_text(path.read_text()[:100])
    with pytest.raises(EdganError, match=r"1\.1\.json is not a valid result"):
        read_results(path.parent)


def test_results_of_benchmarks_beside_the_rows_are_not_read(result: tuple[Path, dict]) -> None:
    path, _ = result
    (path.parent / "cuda-correctness.json").write_text('{"part": "correctness"}')
    assert [each.id for each in read_results(path.parent)] == ["1.1"]


def test_a_result_records_how_it_was_made(result: tuple[Path, dict]) -> None:
    value = result[1]
    assert value["date"].endswith("Z")
    assert value["machine"]
    assert value["torch"]
    assert value["command"].startswith("python -m reproduction 1.1")
    assert value["seeds"] == [0, 1, 2]
    assert value["compute_seconds"] >= 0
