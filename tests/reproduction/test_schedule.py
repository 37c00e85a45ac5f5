"""A row runs each unit once, resumes after a kill, and ends on time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_info

from edgan.errors import EdganError
from edgan.training.ending import InterruptedTrainingError
from reproduction import rows
from reproduction.framework.results import read_results
from reproduction.framework.schedule import perform, run_units, stored_path, with_needs
from reproduction.framework.schema import TRAINED_SECONDS, BudgetSpentError, Place, Unit
from systems import posix_signals
from tests.reproduction.fake_row import fake_row, run, units, units_run

pytestmark = pytest.mark.usefixtures("fake_row_1_1")


def test_every_unit_is_run_once_and_its_needs_before_it(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert units_run(tmp_path) == ["a-0", "b-0", "a-1", "b-1", "a-2", "b-2"]
    assert (result.done, result.of) == (9, 9)
    assert result.figures["value"].values == (2.0, 2.2, 1.8)


def test_a_second_call_runs_nothing_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    second = run(tmp_path)
    assert len(units_run(tmp_path)) == 6
    assert second.figures == first.figures


def test_a_row_that_is_only_judged_again_keeps_the_date_and_command_of_its_work(tmp_path: Path) -> None:
    first = run(tmp_path)
    again = run(tmp_path, budget="5s")
    assert (again.date, again.wall_seconds, again.command) == (first.date, first.wall_seconds, first.command)


def test_a_result_names_the_machines_that_did_its_work(tmp_path: Path) -> None:
    run(tmp_path)
    for place, path in enumerate(sorted((tmp_path / "work" / "units").glob("*.json"))):
        unit = json.loads(path.read_text())
        done_by = {"machine": "a GPU", "seconds": 90.0} if place else {"machine": "a laptop", "seconds": 1.0}
        path.write_text(json.dumps(unit | done_by))
    assert run(tmp_path).machine == "a GPU"
    path.write_text(json.dumps(unit | {"machine": "a laptop", "seconds": 100.0}))
    assert run(tmp_path).machine == "a GPU; a laptop"


def test_the_time_of_a_resumed_training_includes_earlier_calls(tmp_path: Path) -> None:
    def resumed(_unit: Unit, _place: Place) -> dict[str, float]:
        return {TRAINED_SECONDS: 99.0}

    assert perform(Unit("a training", resumed), Place(tmp_path, {}))["seconds"] == 99.0


def threads(_unit: Unit, _place: Place) -> dict[str, int]:
    return {"torch": torch.get_num_threads(), "others": max(pool["num_threads"] for pool in threadpool_info())}


def test_two_processes_give_the_results_of_one_and_have_one_thread_each(tmp_path: Path) -> None:
    finals = units((1.0, 1.1), {})
    counted = [Unit(f"threads-{number}", threads) for number in range(2)]
    for name in ("alone", "together"):
        (tmp_path / name / "work").mkdir(parents=True)
    alone = run_units(finals, Place(tmp_path / "alone" / "work", {}), workers=1)
    together = run_units([*finals, *counted], Place(tmp_path / "together" / "work", {}), workers=2)
    assert [together.pop(unit.key)["result"] for unit in counted] == 2 * [{"torch": 1, "others": 1}]
    assert {key: value["result"] for key, value in together.items()} == {k: v["result"] for k, v in alone.items()}
    assert (
        sorted(units_run(tmp_path / "together"))
        == sorted(units_run(tmp_path / "alone"))
        == ["a-0", "a-1", "b-0", "b-1"]
    )


@posix_signals
def test_a_killed_row_resumes_from_finished_units(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "kill").write_text("b-1")
    script = (
        "import sys; from pathlib import Path; from tests.reproduction.fake_row import ID, fake_row, run; "
        "from reproduction import rows; rows.ROWS[ID] = fake_row(); run(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert units_run(tmp_path) == ["a-0", "b-0", "a-1", "b-1"]
    result = run(tmp_path)
    assert units_run(tmp_path)[4:] == ["b-1", "a-2", "b-2"]
    assert result.verdict == "holds"


def test_a_spent_budget_leaves_the_rest_for_the_next_call(tmp_path: Path) -> None:
    def late(sentence: str) -> None:
        if "b-0" in sentence:
            time.sleep(1.1)

    result = run(tmp_path, budget="1s", say=late)
    assert result.verdict == "cannot be decided at this budget"
    assert (result.done, result.of) == (2, 9)
    assert result.checks == ()
    assert run(tmp_path).verdict == "holds"
    assert len(units_run(tmp_path)) == 6


def test_complete_seeds_are_judged_but_decide_nothing(tmp_path: Path) -> None:
    def late(sentence: str) -> None:
        if "sum-1" in sentence:
            time.sleep(1.1)

    result = run(tmp_path, budget="1s", say=late)
    assert result.seeds == (0, 1)
    assert result.figures["value"].values == (2.0, 2.2)
    assert result.checks[0].verdict == "holds"
    assert result.verdict == "cannot be decided at this budget"


def test_a_failing_unit_ends_the_row_and_keeps_finished_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rows.ROWS, "1.1", fake_row((1.0, 2.0)))
    broken = units((1.0, 2.0), {})[0].needs[1]
    path = stored_path(tmp_path / "work", broken)
    path.mkdir(parents=True)
    with pytest.raises(EdganError, match="could not be written"):
        run(tmp_path)
    path.rmdir()
    run(tmp_path)
    assert units_run(tmp_path).count("a-0") == 1


def test_the_key_of_a_unit_depends_on_all_that_its_output_depends_on() -> None:
    def work(_unit: Unit, _place: Place) -> dict[str, int]:
        return {}

    need = Unit("need", work)
    first = Unit("unit", work, {"steps": 3}, (need,), seed=1)
    others = [
        Unit("unit", work, {"steps": 4}, (need,), seed=1),
        Unit("unit", work, {"steps": 3}, (), seed=1),
        Unit("unit", work, {"steps": 3}, (Unit("need", work, {"data": "other"}),), seed=1),
        Unit("unit", work, {"steps": 3}, (need,), seed=2),
    ]
    assert len({first.key, *(unit.key for unit in others)}) == 5
    assert first.key == Unit("unit", work, {"steps": 3}, (Unit("need", work),), seed=1).key


def test_units_that_rows_share_are_listed_once() -> None:
    finals = units((1.0, 2.0), {})
    assert len(with_needs([*finals, *units((1.0, 2.0), {})])) == 6


def test_a_past_deadline_runs_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, {}, deadline=0.0)
    assert run_units(units((1.0,), {}), place, workers=1) == {}
    with pytest.raises(BudgetSpentError):
        place.tick()


def breaks(_unit: Unit, _place: Place) -> dict[str, int]:
    raise ValueError("It breaks.")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_unit_stops_only_those_that_need_it(tmp_path: Path, workers: int) -> None:
    broken = Unit("broken", breaks)
    finals = [Unit("needs-it", threads, needs=(broken,)), Unit("alone", threads)]
    failures: list[tuple[str, str]] = []
    done = run_units(
        finals, Place(tmp_path, {}), workers, failed=lambda unit, error: failures.append((unit.name, str(error)))
    )
    assert [value["name"] for value in done.values()] == ["alone"]
    assert failures == [("broken", "It breaks.")]
    with pytest.raises(ValueError, match="It breaks"):
        run_units(finals, Place(tmp_path, {}), workers)


def is_interrupted(_unit: Unit, _place: Place) -> dict[str, int]:
    raise InterruptedTrainingError("SIGTERM arrived.")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_ends_the_call_and_is_not_a_failed_unit(tmp_path: Path, workers: int) -> None:
    """The next unit was started, and the call could only be killed."""
    failures: list[str] = []
    stopped = Unit("stopped", is_interrupted)
    with pytest.raises(InterruptedTrainingError):
        run_units(
            [stopped, *(Unit(f"later-{n}", threads) for n in range(9))],
            Place(tmp_path, {}),
            workers,
            failed=lambda unit, _: failures.append(unit.name),
        )
    assert failures == []
    assert len(list(tmp_path.glob("units/later-*"))) < 9


def test_results_are_written_where_they_are_read(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert read_results(tmp_path) == [result]
    assert (tmp_path / "1.1.json").exists()
