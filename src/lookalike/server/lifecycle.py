"""Where a server is between its start and its end: what tells those before it whether to send it anybody."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from lookalike.errors import LookalikeError, Unavailable


class Lifecycle:
    """A server that prepares itself, answers, and says that it goes before it is gone."""

    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare
        self._preparing: threading.Thread | None = None
        self._leaving = False

    def begin(self) -> None:
        """Prepare in the background; until that is done the server is not ready."""
        self._preparing = threading.Thread(target=self._prepared, name="preparing", daemon=True)
        self._preparing.start()

    def _prepared(self) -> None:
        # What is wrong is found again, and told, by whoever asks whether the server is ready.
        with suppress(LookalikeError):
            self._prepare()

    def check(self) -> None:
        """Raise what keeps the server from taking requests, if anything does."""
        if self._leaving:
            raise Unavailable("This server is about to stop: ask another one.")
        if self._preparing is not None and self._preparing.is_alive():
            raise Unavailable("This server still reads the catalogue: try again in a moment.")
        self._prepare()

    def leave_on_sigterm(self, seconds: float) -> None:
        """From SIGTERM on say not ready, go on answering for some seconds, and only then stop listening."""
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
