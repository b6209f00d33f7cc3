"""Three servers over one PostgreSQL behind a proxy: what one writes all know, and none of them is needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from lookalike import Shop
from support import servers
from support.samples import goods

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
KEY = {"Authorization": "Bearer admin"}
CLIENTS = 4
SERVED_BY = "X-Served-By"


class Replica:
    """One server, a process of its own on a port of its own."""

    def __init__(self, catalog: str) -> None:
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._catalog = catalog
        self.process: subprocess.Popen[str] | None = None

    def start(self, drain: float = 0.0) -> None:
        """Start, and return when it listens."""
        words = ["serve", "--port", str(self.port), "--catalog", self._catalog, "--json"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lookalike", *words],
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "LOOKALIKE_ADMIN_KEY": "admin",
                "LOOKALIKE_DRAIN": str(drain),
            },
        )
        assert self.process.stdout
        assert json.loads(self.process.stdout.readline())["url"] == self.url

    def until_ready(self) -> None:
        """Ask the server until it says that it has taken in the catalog."""
        with httpx2.Client(base_url=self.url, timeout=60) as client:
            while client.get("/readyz").status_code != 200:
                pass

    def until_trusted(self, proxy: str) -> None:
        """Ask the proxy until it lets this server answer: for a while it passes over one that was away."""
        with httpx2.Client(base_url=proxy, timeout=60) as client:
            while not client.get("/healthz").headers[SERVED_BY].endswith(f":{self.port}"):
                pass

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    programs = servers.postgres_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with servers.postgres(programs, "-c", "fsync=off") as url:
        yield url


@pytest.fixture(scope="module")
def replicas(server_url: str) -> Iterator[list[Replica]]:
    """Three servers that are ready, over the small shop."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE goods")
    url = server_url.rsplit("/", 1)[0] + "/goods"
    with Shop.open(url, "pixels") as shop:
        shop.add(goods())
    replicas = [Replica(url) for _ in range(3)]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.until_ready()
    yield replicas
    for replica in replicas:
        if replica.process and replica.process.poll() is None:
            replica.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def proxy(replicas: list[Replica]) -> Iterator[str]:
    """The proxy of deploy/nginx.conf, with other addresses; skipped where there is no nginx."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        pytest.skip("there is no nginx on this machine")
    port = servers.free_port()
    shipped = (DEPLOY / "nginx.conf").read_text()
    ours = "".join(f"server 127.0.0.1:{each.port} max_fails=1 fail_timeout=2s;" for each in replicas)
    config = re.sub(
        r"(server replica-\d+:8080 [^;]+;\s*)+",
        ours,
        shipped.replace("listen 8000;", f"listen 127.0.0.1:{port};"),
    )
    folder = Path(tempfile.mkdtemp(prefix="lookalike-nginx-"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder / 'pid'}; error_log {folder / 'log'}; events {{}}"
        f"http {{ access_log off; add_header {SERVED_BY} $upstream_addr always; {temporary} {config} }}"
    )
    process = subprocess.Popen([nginx, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "log"])
    url = f"http://127.0.0.1:{port}"
    while not answers(url):
        assert process.poll() is None, (folder / "log").read_text()
    yield url
    process.terminate()
    process.wait(30)
    shutil.rmtree(folder)


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz").status_code == 200
    except httpx2.ConnectError:
        return False


@dataclass
class Load:
    """Shoppers and a merchandiser who do not stop: each writes, and reads back what is known to be there."""

    url: str
    name: str
    acknowledged: dict[str, str] = field(default_factory=dict[str, str])
    events: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    personalize: int = 0
    enough: threading.Event = field(default_factory=threading.Event)
    more: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._client, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self._threads:
            thread.join()

    def go_on_for(self, rounds: int) -> None:
        """Return when that many more rounds are answered."""
        with self.more:
            until = self.personalize + rounds
            assert self.more.wait_for(lambda: self.personalize >= until, timeout=120), self.wrong[:3]

    def _client(self, number: int) -> None:
        with httpx2.Client(base_url=self.url, timeout=60, headers=KEY) as client:
            turn = 0
            while not self.enough.is_set():
                self._round(client, f"{self.name}{number}x{turn}")
                turn += 1
                with self.more:
                    self.personalize += 1
                    self.more.notify_all()

    def _round(self, client: httpx2.Client, id: str) -> None:
        written = self._ask(client, "PUT", f"/v1/products/{id}", {"title": f"Zebra {id}"})
        if written.status_code in (200, 201):
            self.acknowledged[id] = f"Zebra {id}"
        else:
            self.wrong.append(f"PUT {written.status_code} {written.text[:200]}")
        event = {"id": f"e-{id}", "kind": "view", "shopper": f"s-{self.name}", "product": "box-red"}
        recorded = self._ask(client, "POST", "/v1/events", {"events": [event]})
        if recorded.status_code < 300:
            self.events.append(event["id"])
        else:
            self.wrong.append(f"event {recorded.status_code} {recorded.text[:200]}")
        # Whatever replica answers, it knows what was acknowledged before it was asked.
        found = self._ask(client, "POST", "/v1/search", {"text": f"zebra {id}", "k": 1})
        if found.status_code != 200 or [hit["id"] for hit in found.json()["hits"]] != [id]:
            self.wrong.append(f"search {id} {found.status_code} {found.text[:200]}")

    def _ask(self, client: httpx2.Client, method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
        # A server that is killed between the head and the body of its answer breaks the connection: no proxy
        # can mend that, and whoever asked asks again. Nothing counts twice.
        while True:
            try:
                return client.request(method, path, json=body)
            except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
                self.broken.append(f"{method} {path} {error}")


def check(load: Load, replicas: list[Replica]) -> None:
    """Nothing acknowledged is lost, nothing was wrong, and every replica agrees."""
    assert load.wrong == []
    assert len(load.acknowledged) >= CLIENTS
    for replica in replicas:
        with httpx2.Client(base_url=replica.url, timeout=60, headers=KEY) as client:
            for id, title in load.acknowledged.items():
                assert client.get(f"/v1/products/{id}").json()["title"] == title
            known = client.get(f"/v1/shoppers/s-{load.name}").json()
            assert len(known["events"]) == len(set(load.events))


def test_what_one_server_writes_the_next_answer_of_all_others_knows(replicas: list[Replica]) -> None:
    first, *others = (httpx2.Client(base_url=each.url, timeout=60, headers=KEY) for each in replicas)
    assert first.put("/v1/products/new", json={"title": "Mango lamp"}).status_code < 300
    event = {"id": "e1", "kind": "purchase", "shopper": "s1", "product": "plate-blue"}
    assert first.post("/v1/events", json={"events": [event]}).status_code < 300
    rule = {"id": "hide", "action": "hide", "where": {"colour": "green"}}
    assert first.put("/v1/rules", json={"rules": [rule]}).status_code == 200
    for other in others:
        assert other.get("/v1/search", params={"text": "mango lamp", "k": 1}).json()["hits"][0]["id"] == "new"
        assert other.get("/v1/shoppers/s1").json()["bought"] == ["plate-blue"]
        hits = other.get("/v1/recommendations", params={"shopper": "s1", "k": 12}).json()["hits"]
        assert {"plate-blue"} | {id for id in (hit["id"] for hit in hits) if "green" in id} == {"plate-blue"}
        assert "plate-blue" not in {hit["id"] for hit in hits}
    assert first.put("/v1/rules", json={"rules": []}).status_code == 200
    assert others[0].get("/v1/rules", headers=KEY).json()["rules"] == []


def test_an_import_at_one_server_is_seen_and_found_at_the_others(replicas: list[Replica]) -> None:
    first, *others = (httpx2.Client(base_url=each.url, timeout=60, headers=KEY) for each in replicas)
    feed = b"id,title\n" + b"".join(b"i%d,Papaya %d\n" % (n, n) for n in range(300))
    raw = {"content-type": "application/octet-stream"}
    begun = first.post("/v1/imports", content=feed, headers=raw).json()
    for other in others:
        while other.get(f"/v1/jobs/{begun['id']}").json()["state"] == "running":
            pass
        assert other.get(f"/v1/jobs/{begun['id']}").json()["done"] == 300
        assert (
            other.get("/v1/search", params={"text": "papaya 299", "k": 1}).json()["hits"][0]["id"] == "i299"
        )


def test_a_study_at_one_server_is_told_at_the_others_and_runs_once(replicas: list[Replica]) -> None:
    first, *others = (httpx2.Client(base_url=each.url, timeout=60, headers=KEY) for each in replicas)
    begun = first.post("/v1/doctor").json()
    refused = others[0].post("/v1/doctor")
    assert (refused.status_code, "is running" in refused.json()["detail"]) == (409, True)
    for other in others:
        while (told := other.get(f"/v1/jobs/{begun['id']}").json())["state"] == "running":
            pass
        assert (told["state"], told["detail"]) == ("done", "")
        assert begun["id"] in {each["id"] for each in other.get("/v1/jobs").json()}
        assert "counts" in other.get("/v1/doctor").json()


def test_one_killed_in_mid_load_loses_nothing_and_answers_nothing_wrong(
    replicas: list[Replica], proxy: str
) -> None:
    with Load(proxy, "killed") as load:
        load.go_on_for(20)
        replicas[0].end(signal.SIGKILL)
        load.go_on_for(40)
        replicas[0].start()
        load.go_on_for(10)
    replicas[0].until_ready()
    check(load, replicas)
    assert len(load.broken) <= CLIENTS


def test_a_rolling_restart_fails_no_request(replicas: list[Replica], proxy: str) -> None:
    with Load(proxy, "rolling") as load:
        for replica in replicas:
            load.go_on_for(10)
            assert replica.end(signal.SIGTERM) in (0, -signal.SIGTERM)
            replica.start()
            replica.until_ready()
            replica.until_trusted(proxy)
    check(load, replicas)
    assert load.broken == []


def test_a_server_that_is_to_stop_says_so_and_still_answers(replicas: list[Replica]) -> None:
    leaving = replicas[2]
    leaving.end(signal.SIGTERM)
    leaving.start(drain=3600)
    leaving.until_ready()
    assert leaving.process
    leaving.process.send_signal(signal.SIGTERM)
    with httpx2.Client(base_url=leaving.url, timeout=60) as client:
        while (ready := client.get("/readyz")).status_code == 200:
            pass
        assert (ready.status_code, "shutting down" in ready.json()["detail"]) == (503, True)
        assert client.get("/v1/search", params={"text": "red plate"}).json()["hits"][0]["id"] == "plate-red"
    # Who says it twice does not want to wait.
    leaving.end(signal.SIGTERM)
