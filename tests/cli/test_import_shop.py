"""`import` of a shop system: one command and a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from lookalike.catalog.workers import embed
from lookalike.media.fetch import Fetcher
from lookalike.settings import Settings
from lookalike.sync.sources import client as shop_client
from support.shops.woocommerce import WooCommerceStub

Run = Callable[..., Result]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[WooCommerceStub]:
    monkeypatch.setattr(shop_client, "settings", lambda: Settings(fetch_private=True))
    monkeypatch.setattr(embed, "fetch", Fetcher(private=True).fetch)
    with WooCommerceStub() as stub:
        for name, secret in stub.environment.items():
            monkeypatch.setenv(name, secret)
        yield stub


@pytest.fixture
def take(run: Run, stub: WooCommerceStub, tmp_path: Path) -> Callable[..., Result]:
    """Import the shop into a catalog of its own."""

    def take(*options: str) -> Result:
        return run("import", stub.address, "--catalog", tmp_path / "new.db", "--recipe", "pixels", *options)

    return take


def test_a_shop_is_imported_by_its_address(take: Callable[..., Result]) -> None:
    result = take("--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["added"] == 4


def test_the_same_command_brings_what_has_changed(take: Callable[..., Result], stub: WooCommerceStub) -> None:
    take()
    stub.now += timedelta(hours=1)
    stub.reprice(2, "19.00")
    stub.remove(3)
    stub.now += timedelta(hours=1)
    told = json.loads(take("--json").stdout)
    assert (told["added"], told["updated"], told["unchanged"], told["removed"]) == (0, 1, 0, 1)


def test_prune_compares_everything(take: Callable[..., Result], stub: WooCommerceStub) -> None:
    take()
    # Gone for good, without a trace in the bin.
    stub.remove(3)
    stub.deleted.clear()
    assert json.loads(take("--json").stdout)["removed"] == 0
    assert json.loads(take("--json", "--prune").stdout)["removed"] == 1


def test_a_missing_token_names_its_variable(
    take: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOOKALIKE_WOOCOMMERCE_SECRET")
    result = take()
    assert result.exit_code == 2
    assert "Set LOOKALIKE_WOOCOMMERCE_SECRET in the environment" in result.stderr


def test_a_revoked_token_is_told(take: Callable[..., Result], stub: WooCommerceStub) -> None:
    stub.revoked = True
    result = take()
    assert result.exit_code == 4
    assert "does not accept the token" in result.stderr


def test_a_shop_has_no_columns_to_preview(take: Callable[..., Result]) -> None:
    result = take("--dry-run")
    assert result.exit_code == 2
    assert "--dry-run" in result.stderr


def test_a_row_that_is_wrong_is_told(take: Callable[..., Result], stub: WooCommerceStub) -> None:
    stub.reprice(3, "call us")
    result = take()
    assert result.exit_code == 3
    assert "'call us' is not a price" in result.stderr


def test_a_shop_is_listed_and_followed_no_longer(
    take: Callable[..., Result], run: Run, tmp_path: Path
) -> None:
    take()
    catalog = ("--catalog", tmp_path / "new.db")
    (source,) = json.loads(run("source", "list", "--json", *catalog).stdout)
    assert source["read_until"].startswith("2026-06-01")
    shown = run("source", "list", *catalog).stdout
    assert source["name"] in shown
    assert run("source", "remove", source["name"], *catalog).exit_code == 0
    assert json.loads(run("source", "list", "--json", *catalog).stdout) == []
    assert run("source", "remove", source["name"], *catalog).exit_code == 5
