"""The lifecycle of a server: starting, ready, draining. Load balancers read it from `/readyz`."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from lookalike.errors import LookalikeError, Unavailable


class Lifecycle:
    """Starting, ready or draining."""

    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare
        self._preparing: threading.Thread | None = None
        self._leaving = False

    def begin(self) -> None:
        """Prepare in the background. Until then the server is not ready."""
        self._preparing = threading.Thread(target=self._prepared, name="preparing", daemon=True)
        self._preparing.start()

    def _prepared(self) -> None:
        # The readiness check finds and reports the same error.
        with suppress(LookalikeError):
            self._prepare()

    def check(self) -> None:
        """Raise the reason if the server is not ready."""
        if self._leaving:
            raise Unavailable("This server is shutting down. Use another one.")
        if self._preparing is not None and self._preparing.is_alive():
            raise Unavailable("This server is still reading the catalog. Try again in a moment.")
        self._prepare()

    def leave_on_sigterm(self, seconds: float) -> None:
        """After SIGTERM, report not ready, answer for some more seconds, then stop listening."""
        if threading.current_thread() is not threading.main_thread():
            return
        stop = signal.getsignal(signal.SIGTERM)
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            assert callable(stop)
            if self._leaving or not seconds:
                self._leaving = True
                stop(number, frame)
                return
            self._leaving = True
            loop.call_soon_threadsafe(loop.call_later, seconds, stop, number, frame)

        if callable(stop):
            signal.signal(signal.SIGTERM, leave)
