"""Backups of a catalog that is in use: whole, verified, and never half a file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner, Result

from lookalike import Product, ProductUpdate, Shop
from lookalike.cli import main
from lookalike.database.backup import back_up
from lookalike.errors import Conflict, DatabaseBroken, NotFound, UsageError
from support.samples import jpeg

Run = Callable[..., Result]


def test_a_backup_has_everything_and_answers_as_the_catalog_does(shop: Shop, tmp_path: Path) -> None:
    report = back_up(shop.url, tmp_path / "backup.db")
    assert report.products == 12
    with Shop.open(report.path) as copy:
        assert copy.products() == shop.products()
        assert copy.search(image=jpeg("red"))[0].id == shop.search(image=jpeg("red"))[0].id
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0


def test_a_backup_is_whole_while_somebody_writes(shop: Shop, tmp_path: Path) -> None:
    over = threading.Event()

    def write() -> None:
        number = 0.0
        while not over.is_set():
            number += 1
            # One transaction: a copy that has one of both prices has the other.
            shop.update([ProductUpdate(id, {"price": number}) for id in ("plate-red", "box-red")])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(shop.url, tmp_path / "backup.db")
    finally:
        over.set()
        writer.join()
    with Shop.open(str(tmp_path / "backup.db")) as copy:
        assert copy.product("plate-red").price == copy.product("box-red").price


def test_a_damaged_catalog_gives_no_backup(shop: Shop, tmp_path: Path) -> None:
    connection = apsw.Connection(shop.url)
    connection.execute("UPDATE photo_vectors SET vector = zeroblob(length(vector)) WHERE number = 1")
    connection.close()
    with pytest.raises(DatabaseBroken, match="No backup was kept"):
        back_up(shop.url, tmp_path / "backup.db")
    assert [path.name for path in tmp_path.glob("backup*")] == []


def test_what_cannot_be_backed_up_is_said(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "there.db").touch()
    with pytest.raises(Conflict, match="exists already"):
        back_up(shop.url, tmp_path / "there.db")
    with pytest.raises(NotFound, match="no catalog"):
        back_up(str(tmp_path / "none.db"), tmp_path / "backup.db")
    with pytest.raises(UsageError, match="pg_dump"):
        back_up("postgresql://shop@db/shop", tmp_path / "backup.db")


def test_a_catalog_is_backed_up_and_restored_by_commands(shop: Shop, tmp_path: Path) -> None:
    def run(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="lookalike")

    saved = run("backup", shop.url, tmp_path / "backup.db")
    assert (saved.exit_code, "12 products" in saved.stdout) == (0, True)
    shop.add([Product("new", "Later")])
    restored = run("restore", tmp_path / "backup.db", tmp_path / "again.db", "--json")
    assert restored.exit_code == 0
    with Shop.open(str(tmp_path / "again.db")) as again:
        assert len(again) == 12
    assert run("restore", tmp_path / "backup.db", shop.url).exit_code == 6
