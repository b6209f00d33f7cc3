from __future__ import annotations

import json
import select
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from lookalike.media import fetch as fetching
from lookalike.server import body_limits
from lookalike.server.admission import FETCH_THREADS
from lookalike.server.body_limits import MAX_BUFFERED_BODIES
from lookalike.server.connections import HeaderTimeoutProtocol
from lookalike.settings import Settings
from support.samples import jpeg

Listen = Callable[..., tuple[str, int]]
MULTIPART = b"Content-Type: multipart/form-data; boundary=cut\r\n"
PART = b'--cut\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'


def begin(address: tuple[str, int], headers: bytes, body: bytes = b"") -> socket.socket:
    """A connection on which a search has begun, with as much of its body."""
    connection = socket.create_connection(address, timeout=120)
    connection.sendall(b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + b"\r\n" + body)
    return connection


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def answer(connection: socket.socket) -> tuple[int, dict[str, str], dict]:
    with connection, connection.makefile("rb") as reader:
        status = int(reader.readline().split()[1])
        headers = {}
        while line := reader.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return status, headers, json.loads(reader.read(int(headers["content-length"])))


def test_an_endless_body_without_a_length_is_cut_off_and_leaves_no_file(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    address = listen(max_request_bytes=3_000_000)
    connection = begin(address, MULTIPART + b"Transfer-Encoding: chunked\r\n")
    connection.sendall(chunk(PART))
    for _ in range(200):
        connection.sendall(chunk(bytes(100_000)))
    connection.sendall(b"0\r\n\r\n")
    status, headers, problem = answer(connection)
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert "3 MB" in problem["detail"]
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


def test_a_photo_within_the_limit_touches_no_disk(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not" / "there"))
    photo = jpeg("red") + bytes(3_000_000)
    assert client.post("/v1/search", files={"image": photo}).status_code == 200


def test_a_body_that_says_it_is_too_large_is_not_read_at_all(listen: Listen):
    connection = begin(listen(), MULTIPART + b"Expect: 100-continue\r\nContent-Length: 200000000\r\n")
    assert answer(connection)[0] == 413


def test_a_trickle_is_timed_out_while_others_are_served(listen: Listen):
    address = listen(upload_timeout=0.5, max_concurrent_uploads=1)
    trickle = begin(address, MULTIPART + b"Content-Length: 1000\r\n", PART)
    body = json.dumps({"text": "red", "k": 1}).encode()
    # Sent in one piece, for it has no more time than the trickle.
    other = begin(address, b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body), body)
    assert answer(other)[0] == 200
    status, headers, problem = answer(trickle)
    assert (status, headers["connection"]) == (408, "close")
    assert "Send it again" in problem["detail"]


def test_a_body_slower_than_the_least_rate_is_cut_off_before_its_deadline(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(body_limits, "GRACE_SECONDS", 0.2)
    connection = begin(listen(upload_timeout=600), MULTIPART + b"Content-Length: 30000000\r\n", PART)
    assert answer(connection)[0] == 408


def test_bodies_that_have_not_arrived_hold_no_place(listen: Listen):
    address = listen(max_concurrent_uploads=1)
    idle = [begin(address, MULTIPART + b"Content-Length: 30000000\r\n", PART) for _ in range(16)]
    photo = PART + jpeg("red") + b"\r\n--cut--\r\n"
    assert answer(begin(address, MULTIPART + b"Content-Length: %d\r\n" % len(photo), photo))[0] == 200
    for connection in idle:
        connection.close()


def test_more_large_bodies_than_memory_allows_get_a_retry_after(listen: Listen):
    address = listen(max_request_bytes=100_000)
    headers = MULTIPART + b"Content-Length: 99999\r\n"
    sending = [begin(address, headers, PART + bytes(95_000)) for _ in range(MAX_BUFFERED_BODIES + 1)]
    refused, _, _ = select.select(sending, [], [], 60)
    status, answered, _ = answer(refused[0])
    assert (status, answered["retry-after"]) == (503, "1")
    for connection in sending:
        connection.close()


def test_a_key_is_checked_before_the_body_is_read(listen: Listen, client: TestClient):
    contract = client.get("/openapi.json").json()["paths"]
    with_body = [
        (method.upper(), path.replace("{id}", "a"))
        for path, operations in contract.items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]
    assert ("POST", "/v1/search") in with_body
    address = listen(search_key="sesame", admin_key="chief")
    for method, path in with_body:
        with socket.create_connection(address, timeout=60) as connection:
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n"
            connection.sendall(head.encode() + b"{")
            assert answer(connection)[0] == 401, (method, path)


def test_a_connection_that_does_not_finish_its_headers_is_closed(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(HeaderTimeoutProtocol, "header_seconds", 0.3)
    address = listen()
    slow = [socket.create_connection(address, timeout=60) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
    assert {connection.recv(1) for connection in slow} == {b""}
    for connection in slow:
        connection.close()


def test_addresses_of_a_silent_host_hold_up_neither_words_nor_photos(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching, "settings", lambda: Settings(fetch_private=True, fetch_timeout=60))
    address = listen()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/photo.jpg"
        asked = json.dumps({"image_url": url}).encode()
        waiting = [
            begin(address, b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(asked), asked)
            for _ in range(FETCH_THREADS)
        ]
        hosts = [silent.accept()[0] for _ in range(FETCH_THREADS)]
        photo = PART + jpeg("red") + b"\r\n--cut--\r\n"
        assert answer(begin(address, MULTIPART + b"Content-Length: %d\r\n" % len(photo), photo))[0] == 200
        words = b'{"text": "red"}'
        json_type = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(words)
        assert answer(begin(address, json_type, words))[0] == 200
        for connection in (*hosts, *waiting):
            connection.close()


@pytest.mark.parametrize(
    "body",
    [
        PART.replace(b'; filename="a.jpg"', b"") * 1001 + b"--cut--\r\n",
        PART * 1001 + b"--cut--\r\n",
        b"--cut\r\nX-Giant: " + b"x" * 1_000_000 + b"\r\n" + PART[7:] + b"--cut--\r\n",
        b"--cut\r\n" + b"X-Many: x\r\n" * 1_000 + PART[7:] + b"--cut--\r\n",
        PART.replace(b'; filename="a.jpg"', b"") + b"x" * 2_000_000 + b"\r\n--cut--\r\n",
        b"no parts at all",
    ],
)
def test_a_form_of_too_much_is_refused(client: TestClient, body: bytes):
    response = client.post(
        "/v1/search", content=body, headers={"content-type": "multipart/form-data; boundary=cut"}
    )
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"text=" + b"x" * 2_000_000, b"x" * 2_000_000, b"a=1&" * 1_001])
def test_a_giant_urlencoded_field_is_refused(client: TestClient, body: bytes):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/v1/search", content=body, headers=headers).status_code == 400


def test_a_form_without_its_boundary_is_refused(client: TestClient):
    headers = {"content-type": "multipart/form-data"}
    assert client.post("/v1/search", content=b"x", headers=headers).status_code == 400
