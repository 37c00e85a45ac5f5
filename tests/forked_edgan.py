"""Processes of edgan that are forked with everything imported, so that their start takes no time.

`python -m edgan` imports torch and more for three seconds of a processor. Tests pay for that where their claim is how
a process starts.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

IMPORTED = (
    "edgan.cli.app",
    "edgan.api.training",
    "torch._dynamo",
    "torch.distributed.run",
    "torchmetrics.functional.image",
)
"""What a training imports sooner or later. torch imports its compiler for the first optimiser."""
HOST = "127.0.0.1"


def forking() -> ForkServerContext:
    """Starts processes, forked from a server that shares nothing with pytest; each has the imports at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


class Forked:
    """A running process, used as a `subprocess.Popen` with text pipes.

    Args:
        folder: for what it writes to stdout and stderr.
        work: a function that other processes can import; its end is the process's.
        words: its arguments.
        variables: of the environment, besides those of this process.
    """

    _numbers = itertools.count()

    def __init__(
        self,
        folder: Path,
        work: Callable[..., object],
        words: Sequence[str],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        number = next(self._numbers)
        self._files = [folder / f"forked-{number}-{stream}.txt" for stream in ("stdout", "stderr")]
        environment = os.environ | dict(variables or {})
        self._process = forking().Process(target=_run, args=(work, list(words), self._files, environment))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """As `kill -NUMBER` does."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def communicate(self, timeout: float = 240.0) -> tuple[str, str]:
        """Wait for its end: what it wrote to stdout and to stderr."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._process.kill()
            raise TimeoutError(f"not done within {timeout:g} s: {self._files[1].read_text()}")
        said, told = (file.read_text() for file in self._files)
        return said, told


def forked_ranks(folder: Path, work: Callable[..., object], words: Sequence[str], count: int = 2) -> list[Forked]:
    """The same work in so many processes that meet as those of torchrun do."""
    job = {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count), "MASTER_ADDR": HOST, "MASTER_PORT": free_port()}
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    return [Forked(folder, work, words, {**job, **rank}) for rank in ranks]


def saved_step(checkpoints: Path) -> int:
    """The newest step that a folder holds, 0 without one.

    To wait for one step by its name is a race: a process that saves quickly may have pruned it before the test looks.
    """
    from edgan.storage.checkpoint import list_checkpoints, step_of

    return max(map(step_of, list_checkpoints(checkpoints)), default=0)


def free_port() -> str:
    """A port that nobody uses yet."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        return str(held.getsockname()[1])


def edgan_command(*words: str) -> None:
    """`edgan WORDS`."""
    import edgan.api.training
    from edgan.cli import main

    edgan.api.training.report_run = lambda *_: None  # drawing a report takes longer than a short training
    sys.argv = ["edgan", *words]
    main()


def torchrun_command(*words: str) -> None:
    """`torchrun OPTIONS -- WORDS`: all that torchrun does, but what it starts is `edgan WORDS` in forked processes."""
    from torch.distributed import run as torchrun
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    def forking_launch(config: LaunchConfig, entrypoint: object) -> elastic_launch:
        config.start_method = "fork"
        return elastic_launch(config, edgan_command)

    torchrun.elastic_launch = forking_launch  # type: ignore[assignment, misc]
    place = words.index("--")
    torchrun.run(torchrun.parse_args([*words[:place], "--no-python", "edgan", *words[place + 1 :]]))


def _run(work: Callable[..., object], words: list[str], files: Sequence[Path], environment: Mapping[str, str]) -> None:
    import torch

    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    torch.set_num_threads(1)
    work(*words)
