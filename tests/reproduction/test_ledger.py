"""The ledger lists every claim, its pages follow from its results, and wrong calls are refused in a sentence."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reproduction import ledger, rows
from reproduction.__main__ import main
from reproduction.claims import BY_ID, CLAIMS
from reproduction.framework.page import OVERVIEW, brief_of, pages, write_pages
from reproduction.rows import ROWS
from tests.cli.calling import Said, call, done, refused
from tests.reproduction.fake_row import ID, fake_row, run

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LONGEST_BRIEF = 180
"""Characters that a cell of the overview holds without becoming hard to read."""


def reproduce(*words: str | Path) -> Said:
    """`python -m reproduction WORDS`, within this process."""
    return call(*words, program=main)


def test_every_claim_of_the_papers_is_listed(shared: Path) -> None:
    wanted = re.findall(r"^\| (\d\.\d+\+?) \|", (shared / "CLAIMS.md").read_text(), re.MULTILINE)
    assert wanted
    assert [claim.id for claim in CLAIMS if claim.id in wanted] == wanted
    assert [claim.id for claim in CLAIMS if claim.beyond != (claim.figure == "none")] == []


def test_claims_are_listed_once_and_every_row_has_one() -> None:
    assert len(BY_ID) == len(CLAIMS)
    assert set(ROWS) <= set(BY_ID)
    assert {claim.id for claim in CLAIMS if claim.paper == 1} == {name for name in ROWS if name.startswith("1.")}


def test_the_committed_pages_follow_from_the_committed_results(tmp_path: Path) -> None:
    notes = sorted((DOCS / "reproduction").glob("notes-*.md"))
    (tmp_path / "reproduction").mkdir()
    for note in notes:
        (tmp_path / "reproduction" / note.name).write_bytes(note.read_bytes())
    write_pages(tmp_path, ledger(ROOT / "results"))
    assert _contents(tmp_path / "reproduction") == _contents(DOCS / "reproduction")
    assert (tmp_path / OVERVIEW).read_text() == (DOCS / OVERVIEW).read_text()


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_overview_has_cells_that_can_be_read() -> None:
    briefs = {
        entry.claim.id: brief_of(entry.row, result) for entry in ledger(ROOT / "results") for result in entry.results
    }
    assert briefs
    assert {name: text for name, text in briefs.items() if len(text) > LONGEST_BRIEF or "{" in text} == {}


def test_the_notes_that_rows_link_exist() -> None:
    notes = {row.notes for row in ROWS.values() if row.notes}
    assert notes
    assert [name for name in notes if not (DOCS / "reproduction" / name).exists()] == []


def test_the_overview_shows_every_claim_and_links_each_result(tmp_path: Path, fake_row_1_1: None) -> None:
    run(tmp_path)
    files = pages(ledger(tmp_path))
    overview = files[OVERVIEW].decode()
    assert all(f"| {claim.text} |" in overview for claim in CLAIMS)
    assert "[1.1](reproduction/1.1.md)" in overview
    assert overview.count("| not run | Nothing: it was not run.") == len(CLAIMS) - 1
    assert "Nothing: it was not run. To decide it needs a DCGAN of 5,000 steps, 3 seeds. |" in overview
    assert files.keys() == {OVERVIEW, "reproduction/1.1.md"}


def test_the_page_of_a_row_has_protocol_checks_figures_and_command(tmp_path: Path, fake_row_1_1: None) -> None:
    result = run(tmp_path)
    page = pages(ledger(tmp_path))["reproduction/1.1.md"].decode()
    assert "| verdict | **holds** |" in page
    assert "Numbers are added." in page
    assert re.search(r"\| the value \| above 0 \| 2 \| [\d.]+ to [\d.]+ \| holds \|", page)
    assert result.command in page


def test_the_largest_scale_with_a_result_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = fake_row()
    both = replace(small, scales={**small.scales, "cpu": (2.0, 2.1, 1.9)})
    monkeypatch.setitem(rows.ROWS, "1.1", both)
    run(tmp_path, scale="small")
    assert b"scale small" in pages(ledger(tmp_path))["reproduction/1.1.md"]
    assert run(tmp_path).scale == "cpu", "a row's usual scale is cpu where it has one"
    page = pages(ledger(tmp_path))["reproduction/1.1.md"].decode()
    assert "ours, scale cpu" in page
    assert "scale small" not in page


def test_an_explanation_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explained = replace(fake_row((-1.0, -1.1, -0.9)), explanation={"small": "The numbers are below 0."})
    monkeypatch.setitem(rows.ROWS, "1.1", explained)
    assert run(tmp_path).verdict == "does not hold"
    assert b"The numbers are below 0." in pages(ledger(tmp_path))["reproduction/1.1.md"]


def test_a_brief_shows_figures_by_name(tmp_path: Path, fake_row_1_1: None) -> None:
    result = run(tmp_path)
    assert brief_of(replace(fake_row(), brief="value {value|.1f}, {value}"), result) == "value 2.0 ± 0.5, 2 ± 0.497"
    assert brief_of(replace(fake_row(), brief="{a figure that an older result lacks}"), result) == result.headline


def test_the_pages_are_written_by_the_command(tmp_path: Path, fake_row_1_1: None) -> None:
    run(tmp_path)
    done(reproduce("--out", tmp_path, "--write-docs", tmp_path / "docs"))
    written = {name: (tmp_path / "docs" / name).read_bytes() for name in pages(ledger(tmp_path))}
    assert written == pages(ledger(tmp_path))


def test_list_as_json_has_every_row_and_the_latest_figure(tmp_path: Path, fake_row_1_1: None) -> None:
    result = run(tmp_path)
    listed = json.loads(done(reproduce("--list", "--out", tmp_path, "--json")).out)["rows"]
    assert [row["id"] for row in listed] == [claim.id for claim in CLAIMS]
    first, *others = listed
    assert first["verdict"] == "holds"
    assert first["ours"]["headline"] == result.headline
    assert first["ours"]["seeds"] == [0, 1, 2]
    assert all(row["verdict"] == "not run" and row["ours"] is None for row in others)
    assert first["budget"] == {"small": "0 s of one core"}
    assert {"claim", "paper_figure", "data", "can_be_run"} <= first.keys()


def test_the_list_says_how_long_a_row_took_at_each_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row at scale gpu was listed as not measured, or by the time of the call that only judged it."""
    row = fake_row()
    monkeypatch.setitem(rows.ROWS, ID, replace(row, scales=dict.fromkeys(("small", "gpu"), row.scales["small"])))
    run(tmp_path, scale="gpu")
    assert ledger(tmp_path)[0].budgets == {"small": None, "gpu": "0 s of one process"}
    assert "time: gpu 0 s of one process; not measured at small" in done(reproduce("--list", "--out", tmp_path)).out


def test_list_as_text_has_the_claim_and_both_figures(tmp_path: Path, fake_row_1_1: None) -> None:
    result = run(tmp_path)
    text = done(reproduce("--list", "--out", tmp_path)).out
    assert f"ours  {result.headline}" in text
    assert "paper .6717 / .3283 (Fig. 6)" in text
    assert result.date in text
    assert "needs a DCGAN of 5,000 steps, 3 seeds" in text, "of rows that were never run too"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("9.9",), "There is no row '9.9'."),
        (("1.11",), "Did you mean '1.1'"),
        (("1.1", "--scale", "smal"), "Did you mean 'small'?"),
        (("1.1", "--budget", "soon"), "A budget is a time such as 90s, 10m or 2h, not 'soon'."),
        (("1.1", "--budget", "0s"), "not '0s'"),
        (("1.1", "--workers", "0"), "--workers must be at least 1 (got 0)."),
        (("1.1", "--all"), "Give a row (1.1) or all rows, not both."),
        (("1.1", "--list"), "omit the row's name"),
        ((), "Which row?"),
    ],
)
def test_a_wrong_call_is_refused_in_a_sentence(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    refused(reproduce(*words, "--out", tmp_path), 2, message)


def test_a_claim_without_a_row_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(rows.ROWS, "5.8")
    refused(reproduce("5.8", "--out", tmp_path), 2, "Row 5.8 cannot be run: only its claim is written down.")


def test_a_missing_data_set_is_named_with_its_place(tmp_path: Path) -> None:
    said = reproduce("1.2", "--data", tmp_path / "sets", "--out", tmp_path)
    refused(
        said, 2, "--data must hold the data set utkface for row 1.2", str(tmp_path / "sets" / "utkface"), "docs/data.md"
    )


def test_the_plus_of_a_row_may_be_omitted() -> None:
    assert rows.find_row("1.5") is ROWS["1.5+"]
