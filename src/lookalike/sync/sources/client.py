"""The HTTP client for APIs of shops: respects their rate limits, retries, and explains errors."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, TypeAlias, cast

from lookalike.errors import FetchError, FetchRefused, SourceDenied, SourceError, SourceUnavailable
from lookalike.media.fetch import Answer, Fetcher, Request
from lookalike.settings import settings

Json: TypeAlias = Any
Sleep: TypeAlias = Callable[[float], None]
Clock: TypeAlias = Callable[[], float]

MAX_BODY = 64_000_000
MAX_DOWNLOAD = 8_000_000_000
API_SECONDS = 60.0
DOWNLOAD_SECONDS = 3600.0
# Two minutes in total. After that, the next run tries again.
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
LONGEST_WAIT = 300.0
ANY_STATUS = range(100, 600)
logger = logging.getLogger(__name__)
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a shop's API."""

    status: int
    headers: Mapping[str, str]
    data: Json

    @property
    def time(self) -> datetime:
        """The time of the answer by the shop's clock, or by this machine's if the shop sends no date."""
        return _http_date(self.headers.get("date", "")) or datetime.now(UTC)


class ShopClient:
    """The connection to one shop."""

    def __init__(
        self,
        shop: str,
        fetcher: Fetcher | None = None,
        sleep: Sleep = time.sleep,
        clock: Clock = time.time,
    ) -> None:
        knobs = settings()
        self.shop = shop
        self.sleep = sleep
        self.clock = clock
        self._fetcher = fetcher or Fetcher(private=knobs.fetch_private, proxy=knobs.fetch_proxy)

    def ask(self, request: Request, accepted: Container[int] = (200,)) -> Reply:
        """The answer to a request, as JSON."""
        request = replace(request, headers={"Accept": "application/json", **request.headers})
        target, answer = self._tried(request, API_SECONDS, MAX_BODY, io.BytesIO)
        text = target.getvalue()
        if answer.status not in accepted:
            raise self._refusal(answer.status, text)
        try:
            return Reply(answer.status, answer.headers, json.loads(text))
        except ValueError as error:
            raise SourceError(
                f"{self.shop} answered with something other than JSON: check the address, and that no login "
                "page or maintenance page stands before its API."
            ) from error

    def download(self, url: str, new_file: Callable[[], BinaryIO]) -> BinaryIO:
        """A file that the shop offers, open at its start. Each attempt writes a new one."""
        target, answer = self._tried(Request(url), DOWNLOAD_SECONDS, MAX_DOWNLOAD, new_file)
        if answer.status != 200:
            raise self._refusal(answer.status, b"")
        target.seek(0)
        return target

    def _tried(
        self, request: Request, seconds: float, limit: int, new_file: Callable[[], Any]
    ) -> tuple[Any, Answer]:
        fetcher = replace(self._fetcher, timeout=seconds)
        trouble = ""
        for wait in (*WAITS, None):
            target = new_file()
            try:
                answer = fetcher.exchange(request, target, limit, ANY_STATUS)
            except FetchRefused:
                raise
            except FetchError as error:
                trouble = str(error)
            else:
                if answer.status != TOO_MANY and answer.status < 500:
                    return target, answer
                trouble = f"{self.shop} answered {answer.status}"
                if wait is not None:
                    wait = self._wanted(answer, wait)
            if wait is not None:
                # On a terminal, and in the log of a server: up to two minutes pass.
                logger.warning("%s. Trying again in %.0f s.", trouble.rstrip("."), wait)
                self.sleep(wait)
        raise SourceUnavailable(
            f"{self.shop} did not answer in {len(WAITS) + 1} tries ({trouble.rstrip('.')}). "
            "Nothing was removed; the next run tries again."
        )

    def _wanted(self, answer: Answer, wait: float) -> float:
        """The seconds to wait, as the shop asks or as given."""
        said = answer.headers.get("retry-after", "")
        at = _http_date(said)
        try:
            wanted = (at - datetime.now(UTC)).total_seconds() if at else float(said)
        except ValueError:
            return wait
        if wanted > LONGEST_WAIT:
            raise SourceUnavailable(
                f"{self.shop} takes no requests for {wanted:.0f} s. Nothing was removed; run again then."
            )
        return max(wanted, 0.0)

    def _refusal(self, status: int, body: bytes) -> SourceError:
        said = _message(body)
        if status in (401, 403):
            return SourceDenied(
                f"{self.shop} does not accept the token ({status}{said}): check that it is not revoked and "
                "may read products."
            )
        return SourceError(f"{self.shop} answered {status}{said}: check the address and the shop's log.")


def _message(body: bytes) -> str:
    """The error message of the shop; empty if it sends none."""
    try:
        data = json.loads(body)
    except ValueError:
        return ""
    fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    said = fields.get("message") or fields.get("error_description") or fields.get("errors") or ""
    return f", {str(said)[:200]!r}" if said else ""


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
