"""A training's losses, held-out figures and previews as TensorBoard event files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from edgan.errors import UsageError
from edgan.extras import install_command
from edgan.paths import expand
from edgan.storage.run_folder import RunFolder
from edgan.training.progress import Progress

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Watch = Callable[[Progress], None]


def check_tensorboard() -> None:
    """Refuse to write event files where the package that writes them is missing. It needs no TensorFlow.

    Raises:
        UsageError: says how to install it.
    """
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"needs the package tensorboard ({error}). Install it with: {install_command('tensorboard')}",
            parameter="tensorboard",
        ) from None


@contextmanager
def events(directory: str | Path | None, run: RunFolder, every: int, step: int, watch: Watch) -> Iterator[Watch]:
    """`watch`, which also writes event files to a folder with the run's name below `directory`.

    Args:
        directory: for `tensorboard --logdir`; None for no event files.
        run: its name, and its previews.
        every: losses are written at the multiples of this many steps.
        step: how many steps were done; events after it, of a training that was interrupted, are replaced.
        watch: called first, with every step.
    """
    if directory is None:
        yield watch
        return
    from torch.utils.tensorboard import SummaryWriter

    name = run.path.resolve().name
    with SummaryWriter(str(expand(directory) / name), purge_step=step + 1) as writer:

        def watch_and_write(progress: Progress) -> None:
            watch(progress)
            _write(writer, run, every, progress)

        yield watch_and_write


def _write(writer: SummaryWriter, run: RunFolder, every: int, progress: Progress) -> None:
    step = progress.step
    if step % every == 0 or step == progress.steps:
        for name, value in progress.losses.items():
            writer.add_scalar(f"loss/{name}", value, step)
        writer.add_scalar("images per second", progress.rate, step)
    for name, value in (progress.held_out or {}).items():
        writer.add_scalar(f"held out/{name}", value, step)
    preview = run.preview(step)
    if preview.exists():
        with Image.open(preview) as picture:
            writer.add_image("preview", np.asarray(picture.convert("RGB")), step, dataformats="HWC")
