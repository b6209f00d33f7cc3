from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2

from lookalike import Product, Shop
from lookalike_sample_shop import SampleShop

COLOURS = ("red", "green", "blue", "white")
VISITORS = 100
Start = Callable[..., "subprocess.Popen[str]"]


def test_the_demo_studies_itself_while_it_is_served(start: Start, tmp_path: Path):
    with Shop.open(str(tmp_path / "demo.db"), "pixels") as shop:
        shop.add(Product(f"p{number}", title="drawn before") for number in range(len(SampleShop())))
    demo = start("demo", "--catalog", "demo.db", "--port", 0, "--no-browser", "--json")
    assert demo.stdout
    started = json.loads(demo.stdout.readline())
    with httpx2.Client(base_url=started["url"], timeout=60) as client:
        # Only the printed address may see jobs while no admin key is set.
        client.get("/", params={"token": started["token"]})
        states: dict[str, str] = {}
        while len(states) < 3 or "running" in states.values():
            assert client.get("/v1/search", params={"text": "drawn"}).status_code == 200
            states = {job["kind"]: job["state"] for job in client.get("/v1/jobs").json()}
        assert states == {"evaluate": "done", "explore": "done", "doctor": "done"}
        for path in ("benchmarks", "clusters", "doctor"):
            assert client.get(f"/v1/{path}").status_code == 200
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) in (0, 130)


def test_visitors_of_the_demo_decide_an_experiment(start: Start, tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "demo.db"), "pixels") as shop:
        # As many products as the demo draws, so that it draws none.
        shop.add(
            Product(f"p{number}", title=f"shirt {number}", facets={"colour": COLOURS[number % len(COLOURS)]})
            for number in range(len(SampleShop()))
        )
    demo = start(
        "demo", "--catalog", "demo.db", "--port", 0, "--no-browser", "--visitors", VISITORS, "--json"
    )
    assert demo.stdout
    started = json.loads(demo.stdout.readline())
    headers = {"Authorization": f"Bearer {started['token']}"}
    with httpx2.Client(base_url=started["url"], headers=headers, timeout=60) as client:
        trial = {"id": "trial", "goal": "click", "b": {"placements": {"for-you": "off"}}}
        assert client.post("/v1/experiments", json=trial).status_code == 201
        report = client.get("/v1/experiments/trial").json()
        while report["verdict"] == "undecided":
            report = client.get("/v1/experiments/trial").json()
        assert (report["verdict"], report["winner"]) == ("a-better", "A")
        assert min(report["a"]["shoppers"], report["b"]["shoppers"]) > 0
        assert report["a"]["reached"] > report["b"]["reached"]
        assert report["low"] <= report["lift"] <= report["high"] < 0
        stopped = client.post("/v1/experiments/trial:stop").json()
        assert client.post("/v1/experiments/trial:apply").json()["experiment"]["applied"]["changed"] == []
        later = client.get("/v1/experiments/trial").json()
        assert [later[arm]["shoppers"] for arm in "ab"] == [stopped[arm]["shoppers"] for arm in "ab"]
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) in (0, 130)
