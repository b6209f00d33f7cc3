"""How much a request may bring, how long it may take, and how many may bring much at once."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A body up to here takes no slot, so that a trickle of bytes cannot keep the slots from others.
SMALL_BODY = 64 * 1024


class Slots:
    """Room for so many heavy requests; one more is told to come back. Used on the event loop only."""

    def __init__(self, count: int) -> None:
        self._free = count

    def take(self) -> None:
        """Occupy one, or refuse."""
        if self._free == 0:
            headers = {"Retry-After": "1", "Connection": "close"}
            raise HTTPException(503, "Too many photos arrive at once: try again in a second.", headers)
        self._free -= 1

    def give_back(self) -> None:
        """Free the one that was taken."""
        self._free += 1

    @contextmanager
    def taken(self) -> Generator[None]:
        """Occupy one for as long as the block runs."""
        self.take()
        try:
            yield
        finally:
            self.give_back()


class BodyLimits:
    """Refuses bodies that are too large, too slow or too many, before anybody keeps them."""

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        max_seconds: float,
        max_at_once: int,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self.slots = Slots(max_at_once)
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.larger.get(scope["path"], self.max_bytes)
        body = _Body(self, most, Headers(scope=scope), receive, send)
        try:
            await self.app(scope, body.receive, body.send)
        finally:
            body.release()


class _Body:
    """The body of one request while it comes in."""

    def __init__(self, limits: BodyLimits, most: int, headers: Headers, receive: Receive, send: Send) -> None:
        self._limits = limits
        self._most = most
        # What may be larger may take longer in the same proportion.
        self._seconds = limits.max_seconds * max(1.0, most / limits.max_bytes)
        self._receive = receive
        self._send = send
        length = headers.get("content-length", "")
        self._announced = int(length) if length.isdecimal() else 0
        self._expects_go = "expect" in headers
        self._pending = self._announced > 0 or "transfer-encoding" in headers
        self._received = 0
        self._deadline = asyncio.get_running_loop().time() + self._seconds
        self._has_slot = False

    async def receive(self) -> Message:
        """The next piece, as long as it keeps within the limits."""
        if not self._pending:
            return await self._receive()
        self._admit(self._announced)
        self._expects_go = False
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self._pending = False
            raise HTTPException(
                408,
                f"The request took longer than {self._seconds:g} s to arrive: send it again, or send less.",
                {"Connection": "close"},
            ) from None
        self._pending = bool(message.get("more_body"))
        self._received += len(message.get("body", b""))
        self._admit(self._received)
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
        """Free what the body occupied."""
        if self._has_slot:
            self._limits.slots.give_back()

    def _admit(self, size: int) -> None:
        if size > self._most:
            sentence = f"A request may hold {self._most / 1e6:g} MB here: send less."
            raise HTTPException(413, sentence, {"Connection": "close"})
        if size > SMALL_BODY and not self._has_slot:
            self._limits.slots.take()
            self._has_slot = True

    async def _drain(self) -> None:
        with suppress(TimeoutError):
            # Nobody waits for the rest of what was refused longer than for any request.
            async with asyncio.timeout(self._limits.max_seconds):
                while (await self._receive()).get("more_body"):
                    pass
