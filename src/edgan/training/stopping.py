"""Ctrl-C, SIGTERM and Ctrl-Break stop the loop after the current step; a second Ctrl-C stops it at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

_SIGNALS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGBREAK") if name in signal.Signals.__members__]
"""SIGBREAK is Windows' only signal that one process can send another and that does not end it at once."""


class StopSignals:
    """While entered, the first of the signals sets `asked`; a second SIGINT raises KeyboardInterrupt.

    Python handles signals in the main thread only; in another thread this does nothing.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
