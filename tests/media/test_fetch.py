"""Which URLs are asked, whom the socket is opened to, and when an answer is cut."""

from __future__ import annotations

import gzip
import ipaddress
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import FetchError, FetchRefused
from lookalike.media.fetch import Fetcher, fetch, is_url

PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\n"


class Site:
    """A server on this machine: it answers each path with prepared bytes and remembers the questions."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[], Iterable[bytes]]] = {}
        self.requests: list[str] = []
        self.tls: ssl.SSLContext | None = None
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def answer(self, path: str, *pieces: bytes) -> None:
        self.answers[path] = lambda: pieces

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        """Stands in for the whole internet: every address leads here."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def close(self) -> None:
        self.over.set()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        # A client that hangs up early, or a handshake that it refuses, is what many tests are about.
        try:
            with self.tls.wrap_socket(line, server_side=True) if self.tls else line as talk:
                while request := talk.recv(65536).decode():
                    self.requests.append(request)
                    for piece in self.answers[request.split()[1]]():
                        talk.sendall(piece)
                    if not request.startswith("CONNECT"):
                        return
        except OSError:
            return


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def page(body: bytes, *headers: str) -> bytes:
    lines = [f"Content-Length: {len(body)}", *headers]
    return OK + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def nowhere(address: str, port: int, timeout: float) -> socket.socket:
    raise AssertionError(f"a connection to {address} was tried")


def public(site: Site) -> Fetcher:
    """A fetcher for which every name is a public address, and every address is the site."""
    return Fetcher(timeout=60, resolve=lambda host, port: [PUBLIC], connect=site.connect)


def test_a_photo_is_fetched(site: Site) -> None:
    site.answer("/red%20shirt.jpg?w=1&h=a,b", page(b"photo"))
    assert public(site).fetch(" http://shop.example/red shirt.jpg?w=1&h=a,b#top ", 10) == b"photo"
    request = site.requests[0]
    assert "\r\nHost: shop.example\r\n" in request
    assert "\r\nAccept-Encoding: identity\r\n" in request


def test_a_host_with_letters_of_its_language_is_asked_by_its_wire_name(site: Site) -> None:
    site.answer("/%C3%A9t%C3%A9.jpg", page(b"photo"))
    assert public(site).fetch("http://bücher.example/été.jpg", 10) == b"photo"
    assert "\r\nHost: xn--bcher-kva.example\r\n" in site.requests[0]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.7",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ],
)
def test_an_address_that_is_not_public_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(FetchRefused, match="not a public address"):
        Fetcher(connect=nowhere).fetch(f"http://{host}/", 10)


def _stands_for(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in ipaddress.ip_network("64:ff9b::/96"):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inner if one is not None] or [address]


@settings(deadline=None)
@given(st.ip_addresses())
def test_only_addresses_that_everyone_can_reach_are_asked(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    tried: list[str] = []

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError("closed")

    with pytest.raises(FetchError):
        Fetcher(resolve=lambda host, port: [str(address)], connect=connect).fetch("http://a.example/", 10)
    # Python's versions disagree on addresses that stand for an IPv4 one: those are as public as it is.
    if tried:
        assert all(one.is_global for one in _stands_for(address))
        assert not address.is_multicast


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    fetcher = Fetcher(resolve=lambda host, port: [PUBLIC, "10.0.0.1"], connect=nowhere)
    with pytest.raises(FetchRefused):
        fetcher.fetch("http://a.example/", 10)


def test_a_name_that_turns_private_after_it_was_checked_is_not_looked_up_again(site: Site) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    tried: list[str] = []

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        tried.append(address)
        return site.connect(address, port, timeout)

    site.answer("/", page(b"photo"))
    assert (
        Fetcher(resolve=lambda host, port: next(answers), connect=connect).fetch("http://a.example/", 9)
        == b"photo"
    )
    assert tried == [PUBLIC]
    assert next(answers) == ["127.0.0.1"]


def test_the_next_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    def connect(address: str, port: int, timeout: float) -> socket.socket:
        if address == PUBLIC:
            raise ConnectionRefusedError("closed")
        return site.connect(address, port, timeout)

    site.answer("/", page(b"photo"))
    fetcher = Fetcher(resolve=lambda host, port: [PUBLIC, "93.184.216.35"], connect=connect)
    assert fetcher.fetch("http://a.example/", 9) == b"photo"


def test_redirects_are_followed(site: Site) -> None:
    site.answer("/a", b"HTTP/1.1 301 Moved\r\nLocation: b\r\n\r\n")
    site.answer("/b", b"HTTP/1.1 307 Moved\r\nLocation: http://cdn.example/c\r\n\r\n")
    site.answer("/c", page(b"photo"))
    assert public(site).fetch("http://a.example/a", 10) == b"photo"
    assert "Host: cdn.example" in site.requests[2]


@pytest.mark.parametrize(
    "goal",
    [
        "http://10.0.0.1/",
        "http://inside.example/",
        "//169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example/",
        "http://user@a.example/",
        "http://a.example:22/",
    ],
)
def test_each_hop_of_a_redirect_is_checked_again(site: Site, goal: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return {"a.example": [PUBLIC], "inside.example": ["192.168.0.9"]}.get(host) or [host]

    site.answer("/", f"HTTP/1.1 302 Found\r\nLocation: {goal}\r\n\r\n".encode())
    with pytest.raises(FetchRefused):
        Fetcher(timeout=60, resolve=resolve, connect=site.connect).fetch("http://a.example/", 10)
    assert len(site.requests) == 1


def test_a_redirect_in_a_circle_ends(site: Site) -> None:
    site.answer("/", b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        public(site).fetch("http://a.example/", 10)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a.example/x",
        "gopher://a.example/x",
        "data:image/png;base64,AA",
        "a.example/x.jpg",
        "//a.example/x.jpg",
        "http:///x",
        "http://",
        "http://user:secret@a.example/",
        "http://user@a.example/",
        "http://a.example@10.0.0.1/",
        "http://a.example:22/",
        "http://a.example:8080/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://a.example\\@10.0.0.1/",
        "http://a.example/\r\nHost: b.example",
        "http://a.example/\0",
        "http://a b.example/",
        "http://a%00.example/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://" + "a" * 300 + ".example/",
        "http://a.example/" + "a" * 5000,
    ],
)
def test_a_url_that_is_no_plain_address_of_a_photo_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused) as refusal:
        Fetcher(resolve=lambda host, port: [PUBLIC], connect=nowhere).fetch(url, 10)
    assert "secret" not in str(refusal.value)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_gets_past_the_door_as_anything_but_a_fetch_error(text: str) -> None:
    def closed(address: str, port: int, timeout: float) -> socket.socket:
        raise ConnectionRefusedError("closed")

    with pytest.raises(FetchError):
        Fetcher(resolve=lambda host, port: [PUBLIC], connect=closed).fetch(f"http://a.example/{text}", 10)
    with pytest.raises(FetchError):
        Fetcher(resolve=lambda host, port: [PUBLIC], connect=closed).fetch(f"http://{text}", 10)


def test_an_answer_of_exactly_the_limit_is_taken(site: Site) -> None:
    site.answer("/", page(b"0123456789"))
    assert public(site).fetch("http://a.example/", 10) == b"0123456789"
    with pytest.raises(FetchError, match="larger than 9 bytes"):
        public(site).fetch("http://a.example/", 9)


def _endless(head: bytes, piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.chain([head], itertools.repeat(piece))


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (OK + b"\r\n", b"x" * 65536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (
            OK + b"Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"x" * 65536 + b"\r\n",
        ),
    ],
)
def test_a_body_without_end_is_cut_at_the_limit(site: Site, head: bytes, piece: bytes) -> None:
    site.answers["/"] = _endless(head, piece)
    with pytest.raises(FetchError, match="larger than 200,000 bytes"):
        public(site).fetch("http://a.example/", 200_000)


@pytest.mark.parametrize("size", [b"-1", b"-5", b"-fffff", b"+5", b"0x5", b"1_0", b"", b"\xb2", b"9" * 5000])
def test_a_chunk_of_an_impossible_length_is_an_error_and_takes_no_memory(site: Site, size: bytes) -> None:
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n"
    site.answers["/"] = _endless(head, b"x" * 65536)
    tracemalloc.start()
    with pytest.raises(FetchError):
        public(site).fetch("http://a.example/", 200_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (OK, b"X-Header: " + b"x" * 1000 + b"\r\n"),
        (OK + b"X-Header: ", b"x" * 65536),
        (b"", b"x" * 65536),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_headers_without_end_are_cut(site: Site, head: bytes, piece: bytes) -> None:
    site.answers["/"] = _endless(head, piece)
    fetcher = Fetcher(timeout=1, resolve=lambda host, port: [PUBLIC], connect=site.connect)
    with pytest.raises(FetchError):
        fetcher.fetch("http://a.example/", 100)


def test_a_length_above_the_limit_is_refused_before_the_body(site: Site) -> None:
    site.answer("/", OK + b"Content-Length: 99999999999\r\n\r\n")
    with pytest.raises(FetchError, match="larger than 10 bytes"):
        public(site).fetch("http://a.example/", 10)


@pytest.mark.parametrize(
    "body", [b"Content-Length: 10\r\n\r\nshort", b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort"]
)
def test_a_body_shorter_than_announced_is_an_error_not_a_photo(site: Site, body: bytes) -> None:
    site.answer("/", OK + body)
    with pytest.raises(FetchError):
        public(site).fetch("http://a.example/", 100)


def test_a_body_longer_than_announced_ends_where_it_was_announced(site: Site) -> None:
    site.answer("/", OK + b"Content-Length: 5\r\n\r\nphotoHTTP/1.1 200 OK")
    assert public(site).fetch("http://a.example/", 100) == b"photo"


def test_a_compressed_answer_is_unpacked_and_a_bomb_is_not(site: Site) -> None:
    site.answer("/photo", page(gzip.compress(b"photo"), "Content-Encoding: gzip"))
    assert public(site).fetch("http://a.example/photo", 10_000) == b"photo"
    site.answer("/bomb", page(gzip.compress(bytes(100_000_000)), "Content-Encoding: gzip"))
    tracemalloc.start()
    with pytest.raises(FetchError, match="larger than 200,000 bytes"):
        public(site).fetch("http://a.example/bomb", 200_000)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    site.answer("/half", page(gzip.compress(b"photo" * 900)[:20], "Content-Encoding: gzip"))
    with pytest.raises(FetchError, match="ended early"):
        public(site).fetch("http://a.example/half", 200_000)
    site.answer("/noise", page(b"noise", "Content-Encoding: gzip"))
    with pytest.raises(FetchError, match="could not be fetched"):
        public(site).fetch("http://a.example/noise", 200_000)
    site.answer("/twice", page(zlib.compress(b"photo"), "Content-Encoding: br"))
    with pytest.raises(FetchError, match="answers in br"):
        public(site).fetch("http://a.example/twice", 200_000)


def test_a_site_that_drips_does_not_stretch_the_deadline(site: Site) -> None:
    def drip() -> Iterator[bytes]:
        yield OK + b"Content-Length: 1000\r\n\r\n"
        while not site.over.wait(0.05):
            yield b"x"

    site.answers["/"] = drip
    fetcher = Fetcher(timeout=0.4, resolve=lambda host, port: [PUBLIC], connect=site.connect)
    with pytest.raises(FetchError, match=r"longer than 0\.4 s"):
        fetcher.fetch("http://a.example/", 1000)


def test_a_resolver_that_hangs_does_not_stretch_the_deadline() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(30)
        return [PUBLIC]

    with pytest.raises(FetchError, match=r"longer than 0\.2 s"):
        Fetcher(timeout=0.2, resolve=resolve, connect=nowhere).fetch("http://slow.example/", 10)
    assert not over.is_set()
    over.set()


def test_a_site_that_never_answers_is_given_up(site: Site) -> None:
    site.answers["/"] = lambda: [b"" for _ in [site.over.wait()]]
    fetcher = Fetcher(timeout=0.2, resolve=lambda host, port: [PUBLIC], connect=site.connect)
    with pytest.raises(FetchError, match="Try again later"):
        fetcher.fetch("http://a.example/", 1000)


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
def test_an_answer_without_a_photo_is_told_with_its_number(site: Site, status: int) -> None:
    site.answer("/", f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
    with pytest.raises(FetchError, match=f"answered {status}"):
        public(site).fetch("http://a.example/", 10)


def test_something_else_than_http_is_an_error(site: Site) -> None:
    site.answer("/", b"SSH-2.0-OpenSSH_9.6\r\n")
    with pytest.raises(FetchError, match="could not be fetched"):
        public(site).fetch("http://a.example/", 10)


def test_a_name_that_does_not_exist_is_an_error() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(FetchError, match="Name or service not known"):
        Fetcher(resolve=resolve, connect=nowhere).fetch("http://nowhere.example/", 10)


def test_a_proxy_in_the_environment_is_ignored(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.answer("/", page(b"photo"))
    assert public(site).fetch("http://a.example/", 10) == b"photo"


def test_a_proxy_in_the_settings_is_led_to_the_address_that_was_checked(site: Site) -> None:
    site.answer(f"{PUBLIC}:80", b"HTTP/1.1 200 Connected\r\n\r\n")
    site.answer("/photo", page(b"photo"))
    fetcher = Fetcher(
        timeout=60,
        proxy=f"http://me:a%20b@127.0.0.1:{site.port}",
        resolve=lambda host, port: [PUBLIC] if host == "a.example" else ["10.0.0.1"],
    )
    assert fetcher.fetch("http://a.example/photo", 10) == b"photo"
    assert site.requests[0].startswith(f"CONNECT {PUBLIC}:80 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6YSBi\r\n" in site.requests[0]
    with pytest.raises(FetchRefused):
        fetcher.fetch("http://inside.example/photo", 10)
    site.answer(f"{PUBLIC}:80", b"HTTP/1.1 403 No\r\n\r\n")
    with pytest.raises(FetchError, match="The proxy answered 403"):
        fetcher.fetch("http://a.example/photo", 10)


def test_a_shop_may_fetch_from_its_own_network_but_never_from_link_local_addresses(site: Site) -> None:
    site.answer("/", page(b"photo"))
    own = Fetcher(timeout=60, private=True)
    assert own.fetch(f"http://127.0.0.1:{site.port}/", 10) == b"photo"
    assert own.fetch(f"http://localhost:{site.port}/", 10) == b"photo"
    for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0", "224.0.0.1"):
        with pytest.raises(FetchRefused):
            Fetcher(private=True, connect=nowhere).fetch(f"http://{host}/", 10)


def test_the_settings_of_a_laptop_refuse_this_machine() -> None:
    with pytest.raises(FetchRefused, match="LOOKALIKE_FETCH_PRIVATE=1"):
        fetch("http://127.0.0.1/", 10)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for shop.example that is good for a day."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example -addext"
    names = ["subjectAltName=DNS:shop.example", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_certificate_must_be_trusted_and_name_the_host(site: Site, certificate: Path) -> None:
    site.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    site.tls.load_cert_chain(certificate)
    site.answer("/", page(b"photo"))
    trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
    known = Fetcher(timeout=60, resolve=lambda host, port: [PUBLIC], connect=site.connect, tls=trusting)
    assert known.fetch("https://shop.example/", 10) == b"photo"
    with pytest.raises(FetchError, match=r"not valid for 'other\.example'"):
        known.fetch("https://other.example/", 10)
    with pytest.raises(FetchError, match="certificate verify failed"):
        public(site).fetch("https://shop.example/", 10)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("http://a.example/x.jpg", True),
        ("HTTPS://a.example/x.jpg", True),
        ("file:///etc/passwd", True),
        ("photos/a.jpg", False),
        ("/photos/a.jpg", False),
        ("C:\\photos\\a.jpg", False),
        ("", False),
    ],
)
def test_a_url_is_told_from_a_path(text: str, answer: bool) -> None:
    assert is_url(text) is answer
