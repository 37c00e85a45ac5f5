"""Help at the width of a terminal, and what the shell completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from calling import call, done

from edgan.cli.app import VERBS
from edgan.cli.completion import complete_run

COMMANDS = [(), ("data",), ("data", "check"), ("data", "synth"), *((verb.__name__,) for verb in VERBS)]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "edgan")
def test_help_is_whole_at_80_columns(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = done(call(*words, "--help")).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines[1:] if line.endswith(("...", "…"))], "the first line is the usage, [ARGS]..."


def test_every_commands_first_sentence_is_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = " ".join(done(call("--help")).out.split())
    for verb in VERBS:
        first = str(verb.__doc__).partition("\n")[0].partition(". ")[0].rstrip(".")
        assert first in shown


def completed(words: str, folder: Path) -> list[str]:
    """What bash offers for the last of these words."""
    split = words.split(" ")
    asks = {"_EDGAN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(split) - 1)}
    program = "from edgan.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asks, capture_output=True, text=True, cwd=folder, check=False
    )
    assert "Traceback" not in result.stderr
    return result.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("edgan recon", ["reconstruct"]),
        ("edgan train ed-", ["ed-slash-gan", "ed-plus-gan"]),
        ("edgan train cdnet --preset pa", ["paper", "paper-digits"]),
        ("edgan edit zoo:", ["zoo:digits", "zoo:ed-faces", "zoo:facades", "zoo:faces", "zoo:garments"]),
        ("edgan train vae --save", ["--save-config"]),
    ],
)
def test_the_shell_completes_verbs_methods_presets_and_zoo_names(
    words: str, offered: list[str], tmp_path: Path
) -> None:
    assert sorted(completed(words, tmp_path)) == sorted(offered)


def test_runs_and_folders_are_offered_for_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("runs/one", "runs/.hidden", "other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "runs" / "one" / "run.json").touch()
    (tmp_path / "runs" / "file.txt").touch()
    monkeypatch.chdir(tmp_path)
    models = ["zoo:digits", "zoo:ed-faces", "zoo:facades", "zoo:faces", "zoo:garments"]
    assert complete_run("") == [*models, "other/", "runs/"]
    assert complete_run("runs/") == ["runs/one"]
    assert complete_run(f"{tmp_path}/ot") == [f"{tmp_path}/other/"]
    assert complete_run("gone/x") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_shown(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a shell's name, as typer takes it where it does not look which shell runs."""
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    script = done(call("--show-completion", shell)).out
    assert "_EDGAN_COMPLETE" in script
