from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import Result

from lookalike import Product, Shop
from lookalike_sample_shop import SampleShop
from support.samples import jpeg

Run = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[str]"]


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return json.loads(process.stdout.readline())["url"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_answers_and_ends_on_ctrl_c(start: Start, shop: Shop, workers: int):
    server = start("serve", "--port", 0, "--workers", workers, "--catalog", shop.url, "--json")
    url = url_of(server)
    found = httpx2.post(f"{url}/v1/search", files={"image": jpeg("blue")}, timeout=60)
    assert found.json()["hits"][0]["id"] == "plate-blue"
    server.send_signal(signal.SIGINT)
    assert server.wait(120) in (0, 130)


def test_a_running_server_finds_what_another_process_brings_in(start: Start, shop: Shop, tmp_path: Path):
    url = url_of(start("serve", "--port", 0, "--catalog", shop.url, "--json"))
    assert httpx2.get(f"{url}/v1/products/new", timeout=60).status_code == 404
    (tmp_path / "feed.csv").write_text("id,title\nnew,Zebra cushion\n")
    assert start("import", "feed.csv", "--catalog", shop.url).wait(120) == 0
    found = httpx2.get(f"{url}/v1/search", params={"text": "zebra cushion"}, timeout=60).json()
    assert found["hits"][0]["id"] == "new"


def test_catalogs_beside_the_default_one_are_served_by_their_names(
    start: Start, run: Run, shop: Shop, tmp_path: Path
):
    feed, folder = tmp_path / "feed.csv", tmp_path / "catalogs"
    feed.write_text("id,title\nnew,Zebra cushion\n")
    server = start("serve", "--port", 0, "--catalog", shop.url, "--catalogs", folder, "--json")
    assert server.stdout
    told = json.loads(server.stdout.readline())
    keys = {"X-API-Key": told["token"]}
    made = httpx2.post(f"{told['url']}/v1/catalogs", json={"name": "home"}, headers=keys, timeout=60)
    assert made.status_code == 201
    assert run("import", feed, "--catalog", folder / "home.db").exit_code == 0
    found = httpx2.get(f"{told['url']}/v1/catalogs/home/products", headers=keys, timeout=60).json()
    assert [each["id"] for each in found["products"]] == ["new"]


def test_a_folder_that_cannot_hold_catalogs_is_told(run: Run, shop: Shop, tmp_path: Path):
    (tmp_path / "file").write_text("")
    serve = ("serve", "--port", 0, "--catalog", shop.url, "--catalogs")
    assert run(*serve, tmp_path / "file" / "folder").exit_code == 9
    assert run(*serve, tmp_path).exit_code == 6


def test_the_demo_is_drawn_once_and_served_from_then_on(start: Start, tmp_path: Path):
    with Shop.open(str(tmp_path / "demo.db"), "pixels") as shop:
        shop.add(Product(f"p{number}", title="drawn before") for number in range(len(SampleShop())))
        before = shop.revision
    url = url_of(start("demo", "--catalog", "demo.db", "--port", 0, "--no-browser", "--json"))
    assert httpx2.get(f"{url}/v1/catalog", timeout=60).json()["revision"] == before
    assert httpx2.get(f"{url}/", timeout=60).headers["content-type"].startswith("text/html")


def test_a_port_that_is_taken_is_told(run: Run, shop: Shop):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", taken.getsockname()[1], "--catalog", shop.url)
    assert result.exit_code == 9
    assert "--port" in result.stderr
