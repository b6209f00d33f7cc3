"""Catalogs by their names, as files of a folder and as schemas of PostgreSQL: one contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import identity
from lookalike.database.stores import (
    DEFAULT,
    LONGEST_NAME,
    CatalogStore,
    FolderStore,
    is_name,
    open_store,
    open_store_beside,
)
from lookalike.errors import BadName, Conflict, DatabaseBroken, NotFound, UsageError
from lookalike.kept_files import kept_folder

BAD_NAMES = [
    "",
    ".",
    "..",
    "../shop",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "a.db",
    "a\0b",
    "A",
    "Shop",
    "shöp",
    "shop ",
    "-shop",
    "_shop",
    "a\n",
    "%2e%2e",
    'a"; DROP SCHEMA public; --',
    "a" * (LONGEST_NAME + 1),
    DEFAULT,
]


@pytest.fixture(params=["folder", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CatalogStore]:
    place = str(tmp_path / "catalogs")
    store = open_store(place if request.param == "folder" else request.getfixturevalue("postgres_url"))
    yield store
    store.close()


def test_a_new_store_is_empty(store: CatalogStore) -> None:
    assert store.names() == []


def test_what_is_created_is_listed_opened_and_deleted(store: CatalogStore) -> None:
    for name in ("shoes", "bikes-2", "a" * LONGEST_NAME):
        store.create(name)
    assert store.names() == ["a" * LONGEST_NAME, "bikes-2", "shoes"]
    with Catalog.open(store.address("shoes"), "pixels") as shoes:
        assert len(shoes) == 0
    store.delete("shoes")
    assert store.names() == ["a" * LONGEST_NAME, "bikes-2"]
    with pytest.raises(NotFound):
        store.identity("shoes")


def test_each_catalog_has_its_own_settings(store: CatalogStore) -> None:
    for name in ("shoes", "bikes"):
        store.create(name)
    with (
        Catalog.open(store.address("shoes"), "pixels") as shoes,
        Catalog.open(store.address("bikes"), "pixels") as bikes,
    ):
        shoes.database.put_settings({"colour": "red"})
        assert "colour" not in bikes.settings
        assert shoes.settings["colour"] == "red"


def test_a_name_is_given_once(store: CatalogStore) -> None:
    store.create("shoes")
    with pytest.raises(Conflict, match="shoes"):
        store.create("shoes")


def test_a_catalog_created_again_is_empty_and_another(store: CatalogStore) -> None:
    store.create("shoes")
    before = store.identity("shoes")
    opened = Catalog.open(store.address("shoes"), "pixels")
    opened.database.put_settings({"colour": "red"})
    # Not closed: as if another process went on with it, the log of a file is still beside it.
    store.delete("shoes")
    store.create("shoes")
    assert store.identity("shoes") != before
    with Catalog.open(store.address("shoes"), "pixels") as anew:
        assert "colour" not in anew.settings
    opened.close()


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_cannot_be_is_refused(store: CatalogStore, name: str) -> None:
    with pytest.raises(BadName, match="lowercase"):
        store.create(name)
    for asking in (store.identity, store.delete, store.address):
        with pytest.raises(NotFound):
            asking(name)
    assert store.names() == []


def test_files_that_were_derived_from_a_catalog_go_with_it(
    store: CatalogStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store.create("shoes")
    with Catalog.open(store.address("shoes"), "pixels") as catalog:
        folder = kept_folder(catalog.url, identity(catalog.database))
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / "interactions.npz").write_bytes(b"what shoppers did")
    store.delete("shoes")
    assert not folder.exists()


def test_what_is_not_there_cannot_be_deleted(store: CatalogStore) -> None:
    with pytest.raises(NotFound, match="/v1/catalogs"):
        store.delete("shoes")


@given(name=st.text() | st.from_regex(r"[.a-z/\\-]{1,8}"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_name_is_a_file_of_the_folder_itself(tmp_path: Path, name: str) -> None:
    if is_name(name):
        assert Path(FolderStore(tmp_path).address(name)).resolve().parent == tmp_path.resolve()
        assert name == name.casefold()


def test_files_that_are_no_catalogs_are_left_alone(tmp_path: Path) -> None:
    for name in ("Shop.db", "notes.txt", "a.db-wal", "shoes.db"):
        (tmp_path / name).write_bytes(b"")
    assert FolderStore(tmp_path).names() == ["shoes"]


def test_new_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create("shoes")
    assert (tmp_path / "shoes.db").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseBroken, match="choose another"):
        open_store(str(tmp_path / "file" / "folder"))


def test_the_default_catalog_is_not_one_of_them(tmp_path: Path) -> None:
    FolderStore(tmp_path).create("shop")
    with pytest.raises(Conflict, match="another place"):
        open_store_beside(str(tmp_path), str(tmp_path / "x" / ".." / "shop.db"))
    open_store_beside(str(tmp_path), "shop.db").close()


def test_a_schema_in_a_url_is_checked(postgres_url: str) -> None:
    with pytest.raises(UsageError, match="schema"):
        Catalog.open(f"{postgres_url}?schema=a%22b")
