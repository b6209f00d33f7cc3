"""`check`: whether the rows of a catalog are intact and its index agrees with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from click.testing import Result

from lookalike import Shop
from lookalike.database import open_database
from lookalike.search.index_check import IndexVerifier

Run = Callable[..., Result]


def test_a_collection_that_lost_rows_is_found_out_and_made_anew(ask: Run, shop: Shop, tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite")
    index = str(tmp_path / "rows.milvus")
    assert "agrees" in ask("check", "--index", index).stdout
    with closing(open_database(shop.url)) as database, closing(IndexVerifier(database, index)) as keeper:
        kept = keeper.index
        lost = [row["id"] for row in kept.collection.rows()][:2]
        kept.collection.delete(lost)

    told = ask("check", "--index", index)
    assert told.exit_code == 6
    assert "lacks 2 of 12 rows, has 0 too many and 0 otherwise: run this again with --rebuild" in told.stderr
    again = json.loads(ask("check", "--index", index, "--rebuild", "--json").stdout)
    assert (again["rows"], again["missing"], again["agrees"]) == (12, 0, True)


def test_an_intact_catalog_is_reported_as_such(ask: Run) -> None:
    told = ask("check")
    assert told.exit_code == 0
    assert "rows of" in told.stdout
    assert "are intact" in told.stdout


def test_an_index_in_this_process_cannot_be_rebuilt(ask: Run) -> None:
    told = ask("check", "--rebuild")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "Add --index milvus://HOST:PORT" in told.stderr


def test_a_damaged_photo_is_named_with_its_product(ask: Run, shop: Shop) -> None:
    raw = apsw.Connection(shop.url)
    raw.execute("UPDATE photos SET data = CAST(substr(data, 1, length(data) - 1) || x'00' AS BLOB)")
    raw.close()
    told = ask("check", "--json")
    assert told.exit_code == 9
    damaged = json.loads(told.stdout)["damaged"]
    assert len(damaged) == 12
    assert all(each["table"] == "photos" and each["products"] for each in damaged)


def test_a_server_that_is_down_is_named(ask: Run) -> None:
    pytest.importorskip("pymilvus")
    told = ask("check", "--index", "milvus://127.0.0.1:9")
    assert told.exit_code == 9
    assert "milvus://127.0.0.1:9 does not answer" in told.stderr
