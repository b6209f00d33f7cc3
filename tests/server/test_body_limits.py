from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

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
    assert "send it again" in problem["detail"]


def test_more_large_photos_than_there_is_room_for_are_told_to_come_back(listen: Listen):
    address = listen(max_concurrent_uploads=2)
    length = len(PART) + 300_000 + len(b"\r\n--cut--\r\n")
    waiting = [begin(address, MULTIPART + b"Content-Length: %d\r\n" % length) for _ in range(2)]
    for connection in waiting:
        connection.sendall(PART + jpeg("red") + bytes(100_000))
    while True:
        late = begin(address, MULTIPART + b"Content-Length: %d\r\n" % length)
        late.sendall(PART + bytes(300_000) + b"\r\n--cut--\r\n")
        status, headers, problem = answer(late)
        if status == 503:
            break
    assert int(headers["retry-after"]) > 0
    assert "try again" in problem["detail"]
    for connection in waiting:
        connection.sendall(bytes(200_000 - len(jpeg("red"))) + b"\r\n--cut--\r\n")
        assert answer(connection)[0] == 200
    again = begin(address, MULTIPART + b"Content-Length: %d\r\n" % length)
    again.sendall(PART + jpeg("red") + bytes(300_000 - len(jpeg("red"))) + b"\r\n--cut--\r\n")
    assert answer(again)[0] == 200


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
