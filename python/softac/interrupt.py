"""Ctrl-C between two steps."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """
    Holds Ctrl-C back until `check` is called, so that no step is cut in two. A second Ctrl-C ends at once.

    Outside the main thread, where Python delivers no signals, it does nothing; nor where the program has a handler of
    its own.
    """

    def __init__(self) -> None:
        self.pending = False
        self._before: object = None

    def __enter__(self) -> Interrupt:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending:
            signal.default_int_handler(number, frame)
        self.pending = True

    def check(self) -> None:
        """Raises the interruption that came meanwhile."""
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt
