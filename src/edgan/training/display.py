"""A training as a person sees it on stderr: a bar, held-out figures, findings about its health."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from edgan.console import Bar, Update, note
from edgan.errors import counted
from edgan.training.progress import Progress

STEPS_PER_LINE = 50


class Callbacks(NamedTuple):
    """What a training calls while it runs.

    Attributes:
        watch: called after every step.
        warn: called with sentences that a person should read.
        decoding: called with (done, total) while images are decoded for the first time.
        say: called with what the training is about to do.
    """

    watch: Callable[[Progress], None]
    warn: Callable[[str], None]
    decoding: Update
    say: Callable[[str], None]


@contextmanager
def callbacks(
    watch: Callable[[Progress], None] | None,
    warn: Callable[[str], None] | None,
    decoding: Update | None,
    quiet: bool,
    say: Callable[[str], None] | None = None,
) -> Iterator[Callbacks]:
    """The caller's own callbacks; in place of each that is missing, a bar or notes on stderr unless `quiet`."""
    with Bar("decoding", quiet=quiet) as bar, training_bar(quiet) as watched:
        silent = quiet or watch is not None  # whoever watches a training decides what is printed of it
        tell = (lambda _: None) if silent else note
        yield Callbacks(watch or watched, warn or tell, decoding or bar, say or tell)


@contextmanager
def training_bar(quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Shows a training: a bar on a terminal, lines elsewhere; held-out figures and health findings as they come.

    Once the speed is known, a sentence says how long the whole training takes.
    """
    last, told = 0, False
    with Bar("step", quiet=quiet, every=STEPS_PER_LINE) as bar:

        def watch(step: Progress) -> None:
            nonlocal last, told
            told = told and step.step > last  # the next training starts at its first step
            last = step.step
            if step.seconds_left is not None and not told and not quiet:
                told = True
                note(time_line(step.steps - step.step, step.seconds_left))
            losses = "  ".join(f"{name} {value:.3f}" for name, value in step.losses.items())
            bar(step.step, step.steps, f"{step.rate:.0f} images/s", losses)
            if step.held_out is not None and not quiet:
                note("; ".join(filter(None, (held_out_line(step.step, step.held_out), step.best))))
                for finding in step.findings:
                    note(f"health: {finding}")

        yield watch


def time_line(steps: int, seconds: float) -> str:
    """How long the rest takes: "About 12 minutes for the other 1,450 steps.", ready for a person."""
    return f"About {duration(seconds)} for the other {counted(steps, 'step')}, at the speed of the first ones."


def duration(seconds: float) -> str:
    """A time as a person says it: "40 seconds", "12 minutes", "3.5 hours", "2 days"."""
    if seconds < 100:
        return counted(max(1, round(seconds)), "second")
    if seconds < 100 * 60:
        return counted(round(seconds / 60), "minute")
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86400:.1f} days"


def held_out_line(step: int, held: dict[str, float]) -> str:
    """The held-out figures that matter while training runs: those that this method has."""
    figures = [
        _figures(held, "PSNR", "psnr", "{:.2f} dB"),
        _figures(held, "SSIM", "ssim", "{:.3f}"),
        _figures(held, "KID (features)", "kid_features", "{:.4f}"),
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
