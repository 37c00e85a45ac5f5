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
from reproduction.framework.verdict import (
    FAILS,
    HOLDS,
    UNDECIDED,
    Check,
    above_zero,
    counted,
    equivalent,
    figure,
    holm,
    rank_correlation,
    verdict_of,
    verdicts_of,
)
from tests.reproduction.fake_row import run


def check(low: float | None, high: float | None) -> Check:
    mean = 0.0 if low is None or high is None else (low + high) / 2
    return Check(name="a quantity", mean=mean, low=low, high=high, seeds=None if low is None else 4)


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


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.01, -0.01, 0.02], HOLDS),
        ([0.09, 0.01, 0.05], UNDECIDED),
        ([0.31, 0.30, 0.32], FAILS),
        ([-0.31, -0.30, -0.32], FAILS),
    ],
)
def test_an_equivalence_is_tested_on_both_sides(values: list[float], verdict: str) -> None:
    assert equivalent("a difference", values, margin=0.1).verdict == verdict


def test_an_equivalence_holds_exactly_if_both_one_sided_tests_do() -> None:
    values = [0.03, 0.05, 0.04, 0.055]
    sides = [
        stats.ttest_1samp(values, bound, alternative=way).pvalue for bound, way in ((-0.1, "greater"), (0.1, "less"))
    ]
    assert max(sides) < 0.025
    assert equivalent("a difference", values, margin=0.1).verdict == HOLDS
    tight = stats.ttest_1samp(values, 0.06, alternative="less").pvalue
    assert tight > 0.025
    assert equivalent("a difference", values, margin=0.06).verdict == UNDECIDED


def test_the_p_value_of_a_failure_is_that_of_the_one_sided_t_test() -> None:
    values = [-0.3, -0.5, -0.1, -0.4]
    expected = stats.ttest_1samp(values, 0.0, alternative="less").pvalue
    assert above_zero("a quantity", values).p_failure == pytest.approx(expected)
    beyond = stats.ttest_1samp(np.abs(values), 0.1, alternative="greater").pvalue
    assert equivalent("a difference", values, margin=0.1).p_failure == pytest.approx(beyond)
    assert counted("a count", -1.0).p_failure == 0
    assert above_zero("a quantity", [1.0, 1.0]).p_failure is None


def test_holms_method_on_hand_computed_values() -> None:
    # Sorted: .01 x 4 = .04; .013 x 3 = .039, raised to .04; .02 x 2 = .04; .5 x 1.
    assert holm([0.02, 0.01, 0.5, 0.013]) == pytest.approx([0.04, 0.04, 0.5, 0.04])
    assert holm([]) == []


def test_failures_are_corrected_for_the_number_of_checks() -> None:
    fails = above_zero("a quantity", [-1.0, -2.0, -3.0, -2.5])
    assert fails.p_failure == pytest.approx(0.0076, abs=5e-4)
    assert verdicts_of([fails]) == [FAILS]
    others = [above_zero("another", [1.0, 2.0, 3.0, 2.5])] * 3
    assert verdicts_of([fails, *others]) == [UNDECIDED, HOLDS, HOLDS, HOLDS]  # .0076 x 4 is above .025
    assert verdict_of([fails, *others], 1, 1) == UNDECIDED


def test_a_rank_correlation_is_judged_from_five_seeds_on() -> None:
    values = [0.9, 0.8, 0.85, 0.95]
    assert rank_correlation("a correlation", values).verdict == UNDECIDED
    assert rank_correlation("a correlation", [*values, 0.9]).verdict == HOLDS


def test_results_of_format_1_are_read_by_todays_rules(result: tuple[Path, dict]) -> None:
    old = {**result[1], "format": 1}
    old.pop("falls")
    point = {"name": "the value", "mean": 1.0, "low": 1.0, "high": 1.0}
    count = {"name": "0.5 minus the number of failures", "mean": 0.5, "low": 0.5, "high": 0.5}
    old["figures"] = {"value": {"mean": 1.0, "low": 1.0, "high": 1.0, "values": [1.0, 1.0]}}
    read = Result.model_validate({**old, "checks": [point, count], "verdict": HOLDS})
    assert (read.format, read.verdict) == (2, UNDECIDED)
    assert (read.checks[0].low, read.checks[1].kind) == (None, "count")
    assert read.figures["value"].high is None


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
