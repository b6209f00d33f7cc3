"""`lookalike follow` and `lookalike source runs`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from support.shop_host import ShopHost

Run = Callable[..., Result]


def test_a_feed_is_followed_listed_and_forgotten(host: ShopHost, run: Run, tmp_path: Path) -> None:
    url = host.put("/feed.csv", "id,title,price\na,Lamp,10 EUR\nb,Chair,call us\n")
    catalog = ("--catalog", tmp_path / "shop.db")
    first = run("follow", url, "--once", "--json", "--recipe", "pixels", *catalog)
    assert first.exit_code == 0
    told = json.loads(first.stdout)
    assert (told["outcome"], told["added"]) == ("partly", 2)
    listed = run("source", "runs", *catalog)
    assert told["source"] in listed.stdout
    assert "2 added" in listed.stdout
    assert "'call us' is not a price" in run("source", "runs", told["source"], *catalog).stderr
    assert run("source", "remove", told["source"], *catalog).exit_code == 0
    assert json.loads(run("source", "runs", "--json", *catalog).stdout) == []


def test_a_run_that_fails_says_why(host: ShopHost, run: Run, tmp_path: Path) -> None:
    failed = run(
        "follow", f"{host.url}/none.csv", "--once", "--recipe", "pixels", "--catalog", tmp_path / "a.db"
    )
    assert (failed.exit_code, "answered 404" in failed.stderr) == (3, True)


@pytest.mark.parametrize("words", [("--every", "soon"), ("--alert", "me"), ("--most-removed", "200")])
def test_wrong_options_are_refused(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = run("follow", "https://shop.example/feed", *words, "--catalog", tmp_path / "new.db")
    assert refused.exit_code == 2
    assert not (tmp_path / "new.db").exists()
