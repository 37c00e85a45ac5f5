"""What the shell offers when a person presses TAB: names of methods, presets, zoo models and runs.

Nothing is printed, and what fails offers nothing: a shell that completes a word has no place for an error.
"""

from __future__ import annotations

from pathlib import Path

import typer

RUN_FILE = "run.json"


def complete_method(incomplete: str) -> list[str]:
    """Methods whose name begins so."""
    from edgan.methods import PAGES

    return [name for name in PAGES if name.startswith(incomplete)]


def complete_preset(ctx: typer.Context, incomplete: str) -> list[str]:
    """Presets of the method on the command line; of any method where none stands there yet."""
    from edgan.methods import PAGES

    page = PAGES.get(str(ctx.params.get("method")).removesuffix("//"))
    names = page.presets if page is not None else {name for each in PAGES.values() for name in each.presets}
    return sorted(name for name in names if name.startswith(incomplete))


def complete_run(incomplete: str) -> list[str]:
    """Models of the zoo, and folders: runs, or what may hold runs."""
    from edgan.storage.zoo import PREFIX, zoo_names

    parent, slash, start = incomplete.rpartition("/")
    folder = Path(parent + slash or ".").expanduser()
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.name.startswith(start) and entry.is_dir())
    except OSError:  # no such folder
        entries = []
    shown = [entry for entry in entries if start.startswith(".") or not entry.name.startswith(".")]
    runs = [f"{parent}{slash}{entry.name}{'' if (entry / RUN_FILE).is_file() else '/'}" for entry in shown]
    return [*(name for name in (PREFIX + zoo for zoo in zoo_names()) if name.startswith(incomplete)), *runs]
