"""Ctrl-C at a place where it harms nothing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["hold_interrupts"]


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; a second one does not wait.

    In the middle of a commit it would leave the writer's place taken until the process ends.
    Python tells signals to the main thread alone, so in others this does nothing.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    heard = False

    def note(*_: object) -> None:
        nonlocal heard
        heard = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)
