"""Fetches URLs from feeds and users, limited in target address, time and size."""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Container, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, BinaryIO, cast
from urllib.parse import quote, unquote, urljoin, urlsplit

from lookalike.errors import FetchError, FetchRefused
from lookalike.settings import settings

MAX_REDIRECTS = 5
MAX_URL = 4096
MAX_HEAD = 1 << 20
# The system sets the time limit of a name lookup that hangs.
_resolving = threading.BoundedSemaphore(64)

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class ResolvedUrl:
    """A URL parsed once, so that the checked address is the one that is contacted."""

    url: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port; secrets are sent only if these stay the same."""
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        """The host for the HTTP header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `secrets` are headers that only the original host, port and scheme receive."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response without its body; header names are lowercase."""

    status: int
    url: str
    headers: Mapping[str, str]


def is_url(text: str) -> bool:
    """Whether this is a URL rather than a file."""
    return _URL.match(text) is not None


def fetch(url: str, limit: int) -> bytes:
    """Return the body at a public URL, at most `limit` bytes, with the settings of this process."""
    knobs = settings()
    fetcher = Fetcher(timeout=knobs.fetch_timeout, private=knobs.fetch_private, proxy=knobs.fetch_proxy)
    return fetcher.fetch(url, limit)


def resolve(host: str, port: int) -> list[str]:
    """Resolve a host with the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """Connect to an address without a name lookup."""
    return socket.create_connection((address, port), timeout)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches URLs with one set of rules. Names are resolved once, and only that address is contacted."""

    timeout: float = 10.0
    private: bool = False
    proxy: str = ""
    resolve: Callable[[str, int], list[str]] = resolve
    connect: Callable[[str, int, float], socket.socket] = connect
    tls: ssl.SSLContext | None = None

    def fetch(self, url: str, limit: int) -> bytes:
        """Return the body at a URL, after at most five redirects."""
        body = io.BytesIO()
        self.exchange(Request(url), body, limit)
        return body.getvalue()

    def exchange(
        self, request: Request, target: BinaryIO, limit: int, accepted: Container[int] = (200,)
    ) -> Answer:
        """Write a response to a file; a GET follows at most five redirects.

        Raises FetchError if the status is not accepted, or the body is longer than `limit`.
        """
        url = request.url
        deadline = time.monotonic() + self.timeout
        place = self._place(url)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = self._ask(request, place, deadline, target, limit, accepted)
                if isinstance(answer, Answer):
                    return answer
                goal = self._place(urljoin(place.url, answer))
                if goal.origin != place.origin:
                    request = replace(request, secrets={})
                place = goal
        except TimeoutError as error:
            raise FetchError(f"{url} took longer than {self.timeout:g} s. Try again later.") from error
        # http.client raises ValueError for an invalid length from a hostile host.
        except (OSError, ValueError, http.client.HTTPException, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise FetchError(f"{url} could not be fetched ({reason}). Check the address.") from error
        raise FetchError(f"{url} redirects more than {MAX_REDIRECTS} times. Use the final address.")

    def _place(self, url: str) -> ResolvedUrl:
        url = url.strip()
        shown = url[:200]
        if len(url) > MAX_URL or any(ord(c) < 32 or c in "\\\x7f" for c in url):
            raise FetchRefused(f"{shown!r} is not a valid URL: it is too long or has control characters.")
        try:
            parts = urlsplit(url)
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        except ValueError as error:
            raise FetchRefused(f"{shown!r} is not a valid URL: {error}.") from error
        scheme = parts.scheme.lower()
        if scheme not in _PORTS:
            raise FetchRefused(f"{shown!r} cannot be fetched. Use an http or https URL.")
        if "@" in parts.netloc:
            raise FetchRefused("A URL must not contain a user name or password. Remove them.")
        if not _HOST.fullmatch(host):
            raise FetchRefused(f"{shown!r} has no host. Check the address.")
        port = port or _PORTS[scheme]
        if not self.private and port not in _PORTS.values():
            raise FetchRefused(
                f"URLs are fetched only from ports 80 and 443, not from {port}. "
                "Set LOOKALIKE_FETCH_PRIVATE=1 to allow others."
            )
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        if parts.query:
            target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|")
        return ResolvedUrl(url, scheme, host, port, target)

    def _ask(
        self,
        request: Request,
        place: ResolvedUrl,
        deadline: float,
        target: BinaryIO,
        limit: int,
        accepted: Container[int],
    ) -> Answer | str:
        """Write the body and return the response, or return the address of a redirect."""
        line = self._line(place, deadline)
        # A chunk of length -1 would be read to its end; chunk framing needs less than a quarter.
        line.most = limit + limit // 4 + MAX_HEAD
        try:
            answer = line.ask(_head(request, place), request.method, request.body)
            if answer.status in _REDIRECTS and request.method == "GET":
                return answer.getheader("Location") or place.url
            if answer.status not in accepted:
                raise FetchError(f"{place.url} answered {answer.status}: {_advice(answer.status)}.")
            _write_body(answer, place.url, limit, target)
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, place.url, headers)
        finally:
            line.close()

    def _line(self, place: ResolvedUrl, deadline: float) -> _Line:
        addresses = self._addresses(place, deadline)
        failure: OSError | None = None
        for address in addresses:
            try:
                return self._line_to(address, place, deadline)
            except TimeoutError:
                raise
            except OSError as error:
                failure = error
        raise failure or OSError("it has no address")

    def _addresses(self, place: ResolvedUrl, deadline: float) -> list[str]:
        addresses = _in_time(lambda: self.resolve(place.host, place.port), deadline)
        for address in addresses:
            if not _may_ask(address, self.private):
                raise FetchRefused(
                    f"{place.host} is at {address}, which is not a public address. "
                    "Set LOOKALIKE_FETCH_PRIVATE=1 to fetch from your own network."
                )
        return addresses

    def _line_to(self, address: str, place: ResolvedUrl, deadline: float) -> _Line:
        if self.proxy:
            line = self._tunnel(address, place.port, deadline)
        else:
            line = _Line(self.connect(address, place.port, _left(deadline)), deadline)
        if place.scheme == "https":
            # The certificate must match the name, although the address was chosen here.
            line.secure(self.tls or _trusted(), place.host)
        return line

    def _tunnel(self, address: str, port: int, deadline: float) -> _Line:
        """Connect through the proxy to the checked address, so that the proxy resolves no name."""
        proxy = urlsplit(self.proxy if "://" in self.proxy else f"http://{self.proxy}")
        line = _Line(self.connect(proxy.hostname or "", proxy.port or 3128, _left(deadline)), deadline)
        goal = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        request = f"CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n"
        if proxy.username:
            login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
            request += f"Proxy-Authorization: Basic {base64.b64encode(login).decode()}\r\n"
        status = line.ask(request + "\r\n", "CONNECT").status
        if status != 200:
            line.close()
            raise FetchError(f"The proxy answered {status}: check LOOKALIKE_FETCH_PROXY.")
        return line


class _Line:
    """A connection whose operations share one deadline, which a slow peer cannot extend."""

    def __init__(self, raw: socket.socket, deadline: float) -> None:
        self._socket = raw
        self._deadline = deadline
        self.most: int | None = None

    def ask(self, head: str, method: str = "GET", body: bytes = b"") -> http.client.HTTPResponse:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(head.encode("ascii") + body)
        answer = http.client.HTTPResponse(cast(Any, self), method=method)
        answer.begin()
        return answer

    def makefile(self, mode: str) -> io.BufferedReader:
        """The file object for http.client."""
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        received = self._socket.recv_into(buffer)
        if self.most is not None:
            self.most -= received
            if self.most < 0:
                raise OSError("it sends more than it may")
        return received

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def close(self) -> None:
        self._socket.close()


class _Reader(io.RawIOBase):
    def __init__(self, line: _Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._line.receive(buffer)


def _head(request: Request, place: ResolvedUrl) -> str:
    """Format the request line and headers."""
    headers = {
        "Host": place.host_header,
        "User-Agent": "lookalike",
        "Accept": "image/*,*/*;q=0.5",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **request.headers,
        **request.secrets,
    }
    if request.body:
        headers["Content-Length"] = str(len(request.body))
    for name, value in headers.items():
        if not f"{name}{value}".isascii() or not f"{name}{value}".isprintable():
            raise FetchRefused(f"The header {name!r} contains invalid characters. Correct it.")
    lines = [f"{request.method} {place.target} HTTP/1.1", *(f"{name}: {v}" for name, v in headers.items())]
    return "\r\n".join([*lines, "", ""])


def _advice(status: int) -> str:
    """Advise what to do about an error status."""
    if status in (401, 403):
        return "check the address and the credentials"
    if status == 429:
        return "it gets too many requests, try again later"
    return "the server failed, try again later" if status >= 500 else "check the address"


def _write_body(answer: http.client.HTTPResponse, url: str, limit: int, target: BinaryIO) -> None:
    too_long = FetchError(f"{url} is larger than {limit:,} bytes. Use a smaller file.")
    if (answer.length or 0) > limit:
        raise too_long
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise FetchError(
            f"{url} answers in {encoding} encoding, which was not requested. Serve the plain file."
        )
    inflate = None if encoding == "identity" else zlib.decompressobj(wbits=31)
    written = 0
    while chunk := answer.read(65536):
        # One byte above the limit suffices, however large the unpacked body would be.
        piece = inflate.decompress(chunk, limit + 1 - written) if inflate else chunk
        written += len(piece)
        if written > limit:
            raise too_long
        target.write(piece)
    if answer.length or (inflate and not inflate.eof and (written or answer.status != 304)):
        raise FetchError(f"{url} ended early. Try again later.")


def _in_time(resolve: Callable[[], list[str]], deadline: float) -> list[str]:
    """Resolve a host before the deadline; the system's resolver cannot be interrupted."""
    if not _resolving.acquire(timeout=_left(deadline)):
        raise TimeoutError
    answer: Future[list[str]] = Future()

    def work() -> None:
        try:
            answer.set_result(resolve())
        # Raised where the result is awaited.
        except BaseException as error:
            answer.set_exception(error)
        finally:
            _resolving.release()

    threading.Thread(target=work, daemon=True).start()
    return answer.result(_left(deadline))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _may_ask(address: str, private: bool) -> bool:
    """Whether an address is public, or private if that is allowed; special addresses never are."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        carried = [str(one) for one in inner if one is not None]
        # An IPv6 address that embeds an IPv4 address is as public as that one.
        if carried:
            return all(_may_ask(one, private) for one in carried)
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    if private and (ip.is_private or ip.is_loopback):
        return True
    return ip.is_global and not ip.is_reserved and (ip.version == 4 or ip in _UNICAST)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
