"""A row does each unit once, goes on after a kill, and ends on time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from ledger_toys import done, row, run, units
from threadpoolctl import threadpool_info

from edgan.errors import EdganError
from reproduction import rows
from reproduction.framework.results import read_results
from reproduction.framework.schedule import perform, run_units, stored_path, with_needs
from reproduction.framework.schema import TRAINED_SECONDS, BudgetSpentError, Place, Unit

pytestmark = pytest.mark.usefixtures("fake_row")


def test_every_unit_is_done_once_and_what_it_needs_before_it(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert done(tmp_path) == ["a-0", "b-0", "a-1", "b-1", "a-2", "b-2"]
    assert (result.done, result.of) == (9, 9)
    assert result.figures["value"].values == (2.0, 2.2, 1.8)


def test_a_second_call_does_nothing_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    second = run(tmp_path)
    assert len(done(tmp_path)) == 6
    assert second.figures == first.figures


def test_a_row_that_is_only_judged_anew_keeps_the_time_of_its_work(tmp_path: Path) -> None:
    first = run(tmp_path)
    again = run(tmp_path, budget="5s")
    assert (again.date, again.wall_seconds, again.command) == (first.date, first.wall_seconds, first.command)


def test_a_training_that_an_earlier_call_began_counts_its_time(tmp_path: Path) -> None:
    def gone_on(_unit: Unit, _place: Place) -> dict[str, float]:
        return {TRAINED_SECONDS: 99.0}

    assert perform(Unit("a training", gone_on), Place(tmp_path, {}))["seconds"] == 99.0


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    alone = run(tmp_path / "one")
    together = run(tmp_path / "two", workers=2)
    assert together.figures == alone.figures
    assert sorted(done(tmp_path / "two")) == sorted(done(tmp_path / "one"))


def threads(_unit: Unit, _place: Place) -> dict[str, int]:
    return {"torch": torch.get_num_threads(), "others": max(pool["num_threads"] for pool in threadpool_info())}


def test_each_of_two_processes_has_one_thread(tmp_path: Path) -> None:
    found = run_units([Unit("one", threads), Unit("two", threads)], Place(tmp_path, {}), 2)
    assert [stored["result"] for stored in found.values()] == 2 * [{"torch": 1, "others": 1}]


def test_a_killed_row_goes_on_from_the_units_that_were_done(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "kill").write_text("b-1")
    script = (
        "import sys; from pathlib import Path; from ledger_toys import ID, row, run; "
        "from reproduction import rows; rows.ROWS[ID] = row(); run(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert done(tmp_path) == ["a-0", "b-0", "a-1", "b-1"]
    result = run(tmp_path)
    assert done(tmp_path)[4:] == ["b-1", "a-2", "b-2"]
    assert result.verdict == "holds"


def test_a_spent_budget_leaves_the_rest_for_the_next_call(tmp_path: Path) -> None:
    units_done: list[str] = []

    def late(sentence: str) -> None:
        units_done.append(sentence)
        if "b-0" in sentence:
            time.sleep(1.1)

    result = run(tmp_path, budget="1s", say=late)
    assert result.verdict == "cannot be decided at this budget"
    assert (result.done, result.of) == (2, 9)
    assert result.checks == ()
    assert run(tmp_path).verdict == "holds"
    assert len(done(tmp_path)) == 6


def test_the_seeds_that_are_whole_are_judged_but_decide_nothing(tmp_path: Path) -> None:
    def late(sentence: str) -> None:
        if "sum-1" in sentence:
            time.sleep(1.1)

    result = run(tmp_path, budget="1s", say=late)
    assert result.seeds == (0, 1)
    assert result.figures["value"].values == (2.0, 2.2)
    assert result.checks[0].verdict == "holds"
    assert result.verdict == "cannot be decided at this budget"


def test_a_unit_that_fails_ends_the_row_and_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rows.ROWS, "1.1", row((1.0, 2.0)))
    broken = units((1.0, 2.0), {})[0].needs[1]
    path = stored_path(tmp_path / "work", broken)
    path.mkdir(parents=True)
    with pytest.raises(EdganError, match="could not be written"):
        run(tmp_path)
    path.rmdir()
    run(tmp_path)
    assert done(tmp_path).count("a-0") == 1


def test_a_unit_is_known_by_all_that_its_result_depends_on() -> None:
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
    assert len({first.key, *(one.key for one in others)}) == 5
    assert first.key == Unit("unit", work, {"steps": 3}, (Unit("need", work),), seed=1).key


def test_units_that_rows_share_are_listed_once() -> None:
    finals = units((1.0, 2.0), {})
    assert len(with_needs([*finals, *units((1.0, 2.0), {})])) == 6


def test_no_time_does_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, {}, deadline=0.0)
    assert run_units(units((1.0,), {}), place, workers=1) == {}
    with pytest.raises(BudgetSpentError):
        place.tick()


def test_the_result_is_written_where_it_is_looked_for(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert read_results(tmp_path) == [result]
    assert (tmp_path / "1.1.json").exists()
