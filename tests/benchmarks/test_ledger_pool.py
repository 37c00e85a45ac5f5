"""A pool of the units of several rows of the ledger, for a machine that is lent for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import ledger_pool
from edgan.synthetic import write_folder
from reproduction.framework.results import read_results


def test_a_row_is_judged_when_its_units_are_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder("faces", tmp_path / "data" / "utkface", 400, 32, 0)
    data, out = (str(tmp_path / name) for name in ("data", "out"))
    words = ["--rows", "1.6", "--scale", "toy", "--data", data, "--out", out, "--device", "cpu", "--workers", "1"]
    assert ledger_pool.main([*words, "--seconds", "0"]) == 0
    assert "Row 1.6: 0 of" in capsys.readouterr().out
    assert ledger_pool.main([*words, "--seconds", "600"]) == 0
    (result,) = read_results(tmp_path / "out")
    assert (result.id, result.done) == ("1.6", result.of)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--rows", "1.66", "--scale", "toy"), "Did you mean"),
        (("--rows", "1.6", "--scale", "gpuu"), "has no scale 'gpuu'"),
        (("--rows", "1.6", "--scale", "toy"), "must hold the data set utkface"),
    ],
)
def test_a_wrong_call_ends_with_a_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ledger_pool.main([*words, "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err
