"""What a person sees on stderr while work runs: notes, and bars with the step, the rate and the time left."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from edgan.errors import printable

SECONDS_PER_LINE = 30.0
"""How often a line is printed where there is no terminal to draw a bar on."""

Update = Callable[[int, int], None]
"""Called with (done, total)."""


def is_follower() -> bool:
    """Whether this is a process of torchrun other than the first, which prints for all."""
    return "WORLD_SIZE" in os.environ and os.environ.get("RANK", "0") != "0"


def note(sentence: str) -> None:
    """Print a sentence for the person on stderr, apart from the output."""
    if not is_follower():
        print(f"edgan: {printable(sentence)}", file=sys.stderr)


class Bar:
    """A progress bar on stderr, with step, rate and time left; where that is no terminal, a line now and then.

    Nothing is drawn before the first call.

    Args:
        title: what is being done: "sampling".
        quiet: draw nothing.
        every: a line also at each multiple of this many; 0 leaves them out.
    """

    def __init__(self, title: str, *, quiet: bool = False, every: int = 0) -> None:
        self.title, self.every = title, every
        self.quiet = quiet or is_follower()
        self._drawn: Any = None
        self._task: Any = None
        self._begun: tuple[float, int] | None = None
        self._done = 0
        self._last_line = 0.0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def __call__(self, done: int, total: int, rate: str = "", more: str = "") -> None:
        """Show how far the work is.

        Args:
            done, total: in steps, images or epochs.
            rate: "35 images/s".
            more: what is shown last and cut off first.
        """
        if self.quiet:
            return
        now = time.monotonic()
        # What a resumed training has done already says nothing about its speed, nor does the training before this one.
        if self._begun is None or done < self._done:
            if self._begun is None and sys.stderr.isatty():
                self._draw(done, total)
            self._begun, self._last_line = (now, done), now
        self._done = done
        if self._drawn is not None:
            self._drawn.update(self._task, completed=done, total=total, rate=rate, more=more)
        elif (self.every and done % self.every == 0) or now - self._last_line >= SECONDS_PER_LINE:
            self._last_line = now
            words = (f"{self.title} {done}/{total}", rate, self._time_left(now, done, total), more)
            note("  ".join(word for word in words if word))

    def _time_left(self, now: float, done: int, total: int) -> str:
        assert self._begun is not None
        started, first = self._begun
        if done <= first:
            return ""
        seconds = round((now - started) / (done - first) * (total - done))
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"

    def _draw(self, done: int, total: int) -> None:
        # Imported here: a fifth of the time of `edgan --help`, which draws no bar.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        def whole() -> Column:
            return Column(no_wrap=True, min_width=1)

        columns = (
            TextColumn("{task.description}", table_column=whole()),
            MofNCompleteColumn(table_column=whole()),
            TextColumn("{task.fields[rate]}", table_column=whole()),
            TimeRemainingColumn(table_column=whole()),
            BarColumn(bar_width=10),
            TextColumn("{task.fields[more]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        )
        stderr = Console(stderr=True, get_time=time.monotonic)
        self._drawn = Progress(*columns, console=stderr, transient=True, expand=True)
        self._drawn.start()
        self._task = self._drawn.add_task(self.title, total=total, completed=done, rate="", more="")


def teller(quiet: bool) -> Callable[[str], None]:
    """`note`, or nothing at all."""
    return (lambda _: None) if quiet else note


@contextmanager
def progress_bar(title: str, given: Update | None, quiet: bool) -> Iterator[Update]:
    """The caller's own callback, or a bar.

    Args:
        title: what is being done.
        given: the caller's callback.
        quiet: where none is given, show nothing.
    """
    if given is not None:
        yield given
        return
    with Bar(title, quiet=quiet) as bar:
        yield bar
