"""How the command line shows things: progress, JSON, tables."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edgan.cli import note
from edgan.errors import printable

if TYPE_CHECKING:
    from edgan.api import Written
    from edgan.training.progress import Progress as Step

STEPS_PER_LINE = 50


def as_json(value: Any) -> None:
    """One JSON object on stdout; a number that is not finite becomes null."""
    print(json.dumps(_finite(value)))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with rate and ETA on stderr; nothing is drawn where that is no terminal."""
    # Imported here: a fifth of the time of `edgan --help`, which draws no bar.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[extra]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None, extra="")

        def update(done: int, total: int, extra: str = "") -> None:
            progress.update(task, completed=done, total=total, extra=extra)

        yield update


@contextmanager
def training_bar(quiet: bool) -> Iterator[Callable[[Step], None]]:
    """Shows a training: a bar on a terminal, lines elsewhere; held-out figures and health findings as they come."""
    live = sys.stderr.isatty()
    with bar("training") as update:

        def watch(step: Step) -> None:
            losses = "  ".join(f"{name} {value:.3f}" for name, value in step.losses.items())
            if live:
                update(step.step, step.steps, f"{step.rate:.0f} images/s  {losses}")  # type: ignore[call-arg]
            elif not quiet and step.step % STEPS_PER_LINE == 0:
                note(f"step {step.step}/{step.steps}  {step.rate:.0f} images/s  {losses}")
            if step.held_out is not None and not quiet:
                note(held_out_line(step.step, step.held_out))
                for finding in step.findings:
                    note(f"health: {finding}")

        yield watch


def held_out_line(step: int, held: dict[str, float]) -> str:
    """The held-out figures that matter while training runs: those that this method has."""
    figures = [
        _figures(held, "PSNR", "psnr", "{:.2f} dB"),
        _figures(held, "SSIM", "ssim", "{:.3f}"),
        _figures(held, "high-frequency energy", "energy", "x{:.2f}", " of real"),
    ]
    if "energy_base" not in held and "spread" in held:
        figures.append(f"spread x{held['spread']:.2f} of real")
    for name, score in (("d", "D"), ("critic", "critic")):
        if f"{name}_real" in held:
            figures.append(f"{score}(real) {held[f'{name}_real']:.2f}, {score}(output) {held[f'{name}_fake']:.2f}")
    return f"step {step}: held-out " + "; ".join(figure for figure in figures if figure)


def _figures(held: dict[str, float], title: str, name: str, form: str, end: str = "") -> str:
    """A figure of base and output, where the method has them; empty where it has neither."""
    figures = [
        f"{which} {form.format(held[f'{name}_{which}'])}" for which in ("base", "output") if f"{name}_{which}" in held
    ]
    return f"{title} {', '.join(figures)}{end}" if figures else ""


def say(line: object) -> None:
    """One line on stdout."""
    print(printable(str(line)))


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 image", "2 images"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def data_check(report: dict[str, Any]) -> None:
    """The report of `data check`, for a reader."""
    images, channels = counted(report["count"], "image"), counted(report["channels"], "channel")
    say(f"{report['path']}: {images}, layout {report['kind']}, {channels}")
    if report["sides"]:
        say(f"  pairs: {'; '.join(f'{name} {side}' for name, side in report['sides'].items())}")
    for name in ("splits", "sizes", "modes", "attributes", "labels"):
        values = list(report[name].items())
        if values:
            shown = ", ".join(
                f"{key} {value:.2f}" if name == "attributes" else f"{key} {value}" for key, value in values[:12]
            )
            say(f"  {name}: {shown}{' ...' if len(values) > 12 else ''}")
    for file, reason in report["skipped"]:
        say(f"  left out {file}: {reason}")
    for group in report["duplicates"][:20]:
        say(f"  equal files: {', '.join(group)}")
    for warning in report["warnings"]:
        say(f"  note: {warning}")


def written_files(written: Written, as_object: bool) -> None:
    """The files that a verb wrote, and the inputs that it could not use."""
    if as_object:
        files = [str(path) for path in written.files]
        as_json({"out": str(written.out), "files": files, "failed": dict(written.failed)})
        return
    for stem, reason in written.failed:
        note(f"left out {stem}: {reason}")
    say(f"{counted(len(written.files), 'image')} in {written.out}")
