"""The ledger lists every claim; its page is what its results make; wrong calls are told in a sentence."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from calling import Said, call, done, refused
from ledger_toys import row, run

from reproduction import ledger
from reproduction.__main__ import main
from reproduction.claims import BY_ID, CLAIMS
from reproduction.framework.page import page
from reproduction.rows import ROWS

ROOT = Path(__file__).parents[2]


def reproduce(*words: str | Path) -> Said:
    """`python -m reproduction WORDS`, within this process."""
    return call(*words, program=main)


def test_every_claim_that_was_asked_for_is_listed(shared: Path) -> None:
    asked = re.findall(r"^\| (\d\.\d+\+?) \|", (shared / "CLAIMS.md").read_text(), re.MULTILINE)
    assert [claim.id for claim in CLAIMS if claim.id in asked] == asked
    assert all(claim.id.endswith("+") for claim in CLAIMS if claim.id not in asked)


def test_claims_are_listed_once_and_every_row_has_one() -> None:
    assert len(BY_ID) == len(CLAIMS)
    assert set(ROWS) <= set(BY_ID)
    assert {one.id for one in CLAIMS if one.paper == 1} == {name for name in ROWS if name.startswith("1.")}


def test_the_committed_page_is_what_the_committed_results_make() -> None:
    assert (ROOT / "docs" / "REPRODUCTION.md").read_text() == page(ledger(ROOT / "results"))


def test_the_page_shows_every_claim_and_each_result(tmp_path: Path, fake_row: None) -> None:
    run(tmp_path)
    text = page(ledger(tmp_path))
    assert all(f"| {claim.text} |" in text for claim in CLAIMS)
    assert "[1.1](#row-11-scale-small)" in text
    assert "### Row 1.1, scale small" in text
    assert "**Holds.**" in text
    assert text.count("| not run |") == len(CLAIMS) - 1


def test_an_explanation_stands_beside_a_claim_that_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    explained = {"small": "The numbers are below 0."}
    monkeypatch.setitem(rows.ROWS, "1.1", replace(row((-1.0, -1.1, -0.9)), explanation=explained))
    assert run(tmp_path).verdict == "does not hold"
    assert "The numbers are below 0." in page(ledger(tmp_path))


def test_the_page_is_written_by_the_command(tmp_path: Path, fake_row: None) -> None:
    run(tmp_path)
    target = tmp_path / "docs" / "REPRODUCTION.md"
    done(reproduce("--out", tmp_path, "--write-docs", target))
    assert target.read_text() == page(ledger(tmp_path))


def test_list_as_json_has_every_row_and_the_last_figure(tmp_path: Path, fake_row: None) -> None:
    result = run(tmp_path)
    rows = json.loads(done(reproduce("--list", "--out", tmp_path, "--json")).out)["rows"]
    assert [one["id"] for one in rows] == [claim.id for claim in CLAIMS]
    first, *others = rows
    assert first["verdict"] == "holds"
    assert first["ours"]["headline"] == result.headline
    assert first["ours"]["seeds"] == [0, 1, 2]
    assert all(one["verdict"] == "not run" and one["ours"] is None for one in others)
    assert first["budget"] == {"cpu": "0 s of one core", "gpu": "not measured"}
    assert {"claim", "paper_figure", "data", "can_be_run"} <= first.keys()


def test_list_as_text_says_the_claim_and_both_figures(tmp_path: Path, fake_row: None) -> None:
    result = run(tmp_path)
    text = done(reproduce("--list", "--out", tmp_path)).out
    assert f"ours  {result.headline}" in text
    assert "paper .6717 / .3283 (Fig. 6)" in text
    assert result.date in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("9.9",), "There is no row '9.9'."),
        (("1.11",), "Did you mean '1.1'"),
        (("1.1", "--scale", "smal"), "Did you mean 'small'?"),
        (("1.1", "--budget", "soon"), "A budget is a time such as 90s, 10m or 2h, not 'soon'."),
        (("1.1", "--budget", "0s"), "not '0s'"),
        (("1.1", "--workers", "0"), "0 is none"),
        (("1.1", "--all"), "Give a row (1.1) or --all, not both."),
        (("1.1", "--list"), "leave the row's name"),
        ((), "Which row?"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    refused(reproduce(*words, "--out", tmp_path), 2, said)


def test_a_claim_without_a_row_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(rows.ROWS, "5.8")
    said = reproduce("5.8", "--out", tmp_path)
    refused(said, 2, "Row 5.8 cannot be run: it has only its claim yet.")


def test_a_set_that_is_not_there_is_named_with_its_place(tmp_path: Path) -> None:
    said = reproduce("1.2", "--data", tmp_path / "sets", "--out", tmp_path)
    refused(said, 2, "needs the set utkface", str(tmp_path / "sets" / "utkface"), "docs/data.md")


def test_the_plus_of_a_row_may_be_left_out() -> None:
    assert rows.find_row("1.5") is ROWS["1.5+"]
