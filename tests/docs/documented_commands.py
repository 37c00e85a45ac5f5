"""The commands that README, CONTRIBUTING and docs/ show, read out of their code blocks and code spans."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = ("edgan", "python", "torchrun", "make")
SPAN = re.compile(r"`((?:edgan|python -m|torchrun|make) [^`]+)`")
FENCE = re.compile(r"^ *```")


@dataclass(frozen=True)
class Command:
    """A command as a page shows it.

    Attributes:
        place: "docs/data.md:12".
        words: the command, split as a shell does; comments and the brackets around optional words are gone.
    """

    place: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {' '.join(self.words)}"


def commands(page: Path) -> Iterator[Command]:
    """Every command of a page, in order."""
    place = page.relative_to(ROOT)
    fenced, waiting = False, ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            waiting += line.strip()
            if waiting.endswith("\\"):
                waiting = waiting[:-1]
                continue
            if waiting.split(" ")[0] in PROGRAMS:
                yield Command(f"{place}:{number}", split(waiting))
            waiting = ""
        else:
            for span in SPAN.findall(line):
                yield Command(f"{place}:{number}", split(span))


def split(text: str) -> tuple[str, ...]:
    """The words of a command without its comment and without the brackets around optional words.

    Ellipses and shell variables stand for words that the page does not repeat, so they are left out.
    """
    plain = re.sub(r"(?<![\w.=])\[|\](?!\w)", " ", re.sub(r"\s#.*", "", text))
    return tuple(word for word in shlex.split(plain) if word not in ("...", "…") and not word.startswith("$"))
