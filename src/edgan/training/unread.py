"""Losses that the host has not read yet, so that a step on a GPU need not wait for it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.routing import StepResult, read_losses


def reads_seldom(device: torch.device) -> bool:
    """Whether reading costs time: on CUDA the host would wait for all the work that it has queued."""
    return device.type == "cuda"


class UnreadLosses:
    """The losses of the steps since the last reading, on their device; where reading is free, of none.

    Attributes:
        sound: for `Executor.step`: () bool on the device, whether all losses were finite; None: steps read their own.
        last: the values of the last step that was read; empty before the first.
    """

    def __init__(self, device: torch.device) -> None:
        self._device, self._seldom = device, reads_seldom(device)
        self._steps: list[tuple[int, Mapping[str, Tensor]]] = []
        self.last: dict[str, float] = {}
        self.sound: Tensor | None = None
        self.forget()

    def forget(self) -> None:
        """Drop what is unread: the training went back to an earlier step."""
        self._steps.clear()
        self.sound = torch.ones((), dtype=torch.bool, device=self._device) if self._seldom else None

    def add(self, step: int, result: StepResult, now: bool) -> dict[str, float]:
        """Take over a step's losses.

        Args:
            step: over the whole run, from 0.
            result: of that step.
            now: whether to read what is unread.

        Returns:
            The losses of the last step that was read.

        Raises:
            NonFiniteLossError: as `read`.
        """
        if result.sound is None:
            self.last = result.losses
        else:
            self._steps.append((step, result.unread))
            self.sound = result.sound
        return self.read() if now else self.last

    def read(self) -> dict[str, float]:
        """Read what is unread, for which the host waits. Returns the last step's losses.

        Raises:
            NonFiniteLossError: a loss was NaN or infinite; names the first one and its step.
        """
        for step, losses in self._steps:
            self.last = read_losses(losses, step)
        self._steps.clear()
        return self.last

    @property
    def all_read(self) -> bool:
        """Whether no step waits to be read."""
        return not self._steps
