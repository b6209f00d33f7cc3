"""Limits on request bodies: how large, how slow, and how much of them all the server keeps in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A body must arrive at this rate on average, after the first seconds.
MIN_BYTES_PER_SECOND = 16_384
GRACE_SECONDS = 5.0
# All bodies that are in memory at once, in bodies of the largest size.
MAX_BUFFERED_BODIES = 8


class BodyLimits:
    """Refuses bodies that are too large, too slow or too many."""

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        max_seconds: float,
        on_disk: Mapping[str, int] | None = None,
        path_of: Callable[[str], str] = str,
    ) -> None:
        """`on_disk` maps the paths that write their body to disk to their own largest size.

        `path_of` gives the path in it that stands for the path of a request.
        """
        self.app = app
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self.max_buffered = MAX_BUFFERED_BODIES * max_bytes
        self.on_disk = on_disk or {}
        self.path_of = path_of
        self.buffered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(self, self.path_of(scope["path"]), Headers(scope=scope), receive, send)
        try:
            await self.app(scope, body.receive, body.send)
        finally:
            body.release()


class _Body:
    """The body of one request while it arrives."""

    def __init__(self, limits: BodyLimits, path: str, headers: Headers, receive: Receive, send: Send) -> None:
        self._limits = limits
        self._most = limits.on_disk.get(path, limits.max_bytes)
        self._in_memory = path not in limits.on_disk
        # A larger body may take longer in the same proportion.
        self._seconds = limits.max_seconds * max(1.0, self._most / limits.max_bytes)
        self._receive = receive
        self._send = send
        length = headers.get("content-length", "")
        self._announced = int(length) if length.isdecimal() else 0
        self._expects_go = "expect" in headers
        self._pending = self._announced > 0 or "transfer-encoding" in headers
        self._received = 0
        self._began = asyncio.get_running_loop().time()

    async def receive(self) -> Message:
        """The next piece, as long as it keeps within the limits."""
        if not self._pending:
            return await self._receive()
        self._check_size(self._announced)
        self._expects_go = False
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            self._pending = False
            sentence = "The request arrived too slowly. Send it again, or send less."
            raise HTTPException(408, sentence, {"Connection": "close"}) from None
        self._pending = bool(message.get("more_body"))
        self._keep(len(message.get("body", b"")))
        self._check_size(self._received)
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the response on; before the last one, let a client that still sends finish.

        Closing a connection with unread bytes in it resets it, and the client never reads why.
        """
        last = message["type"] == "http.response.body" and not message.get("more_body")
        if last and self._pending and not self._expects_go:
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    def release(self) -> None:
        """Free the memory that the body occupied."""
        if self._in_memory:
            self._limits.buffered -= self._received

    def _deadline(self) -> float:
        return self._began + min(self._seconds, GRACE_SECONDS + self._received / MIN_BYTES_PER_SECOND)

    def _keep(self, size: int) -> None:
        self._received += size
        if self._in_memory:
            self._limits.buffered += size
            if self._limits.buffered > self._limits.max_buffered:
                headers = {"Retry-After": "1", "Connection": "close"}
                raise HTTPException(503, "Too many large requests. Try again in a second.", headers)

    def _check_size(self, size: int) -> None:
        if size > self._most:
            sentence = f"The request is larger than {self._most / 1e6:g} MB. Send less."
            raise HTTPException(413, sentence, {"Connection": "close"})

    async def _drain(self) -> None:
        with suppress(TimeoutError):
            # A refused client gets no longer than any other.
            async with asyncio.timeout(min(self._limits.max_seconds, GRACE_SECONDS)):
                while (await self._receive()).get("more_body"):
                    pass
