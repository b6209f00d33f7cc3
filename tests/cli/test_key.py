"""Keys on the command line."""

from __future__ import annotations

import json
import time

import pytest

from cli.conftest import Run
from lookalike import Shop
from lookalike.access.keys import KeyRing
from lookalike.cli.key import DAY, read_expiry


def test_a_key_is_made_listed_and_revoked(run: Run, shop: Shop) -> None:
    at = ("--catalog", shop.url)
    made = run("key", "create", "ERP", "--scope", "write", "--scope", "search", "--expires", "90d", *at)
    assert made.exit_code == 0
    secret = made.stdout.strip()
    key = KeyRing(shop.catalog.database.keys).authenticate(secret)
    assert key.scopes == {"write", "search"}
    assert key.expires == pytest.approx(time.time() + 90 * DAY, abs=60)
    assert f"lookalike key revoke {key.id}" in made.stderr
    listed = run("key", "list", *at)
    assert key.id in listed.stdout
    assert secret not in listed.stdout
    assert run("key", "revoke", key.id, *at).stdout == f"Revoked {key.id} (ERP).\n"
    assert json.loads(run("key", "list", "--json", *at).stdout)[0]["state"] == "revoked"


def test_json_has_the_key_and_its_secret(run: Run, shop: Shop) -> None:
    words = ("--scope", "admin", "--per-minute", 60, "--json", "--catalog", shop.url)
    made = json.loads(run("key", "create", "desk", *words).stdout)
    assert made["key"]["per_minute"] == 60
    assert KeyRing(shop.catalog.database.keys).authenticate(made["secret"]).id == made["key"]["id"]


def test_unknown_keys_and_catalogs_are_told(run: Run, shop: Shop) -> None:
    assert run("key", "revoke", "nothing", "--catalog", shop.url).exit_code == 5
    assert run("key", "list", "--catalog", shop.url + "-not-there").exit_code == 5
    assert run("key", "create", "x", "--catalog", shop.url).exit_code == 2
    create = ("key", "create", "x", "--scope", "search", "--catalog", shop.url)
    assert run(*create, "--expires", "soon").exit_code == 2
    assert run(*create, "--expires", "0d").exit_code == 2


def test_an_expiry_is_a_number_of_days_or_a_date() -> None:
    assert read_expiry("7 days", 0.0) == 7 * DAY
    assert read_expiry("2030-12-31T00:00:00+00:00", 0.0) == 1_924_905_600.0
