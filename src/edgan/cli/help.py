"""Help texts that are not cut off."""

from __future__ import annotations

from typing import Any

import typer.core

UNLIMITED = 1000


class WholeHelp(typer.core.TyperGroup):
    """A group whose list of commands shows the whole first sentence of each, wrapped at the terminal's width."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list. By default each command has one line, which ends in dots where it is too short."""
        shown = [(name, command) for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=UNLIMITED)) for name, command in shown])
