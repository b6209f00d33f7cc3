"""The words of a large catalog are kept beside it: the next process reads the file and what came after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Product, Shop
from lookalike.database import TextChanges
from lookalike.search import lexical_sync


@pytest.fixture(autouse=True)
def _small_catalogs_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical_sync, "KEPT_FROM", 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog whose words are kept."""
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add([Product(f"p{number}", f"Red shirt number {number}") for number in range(8)])
        shop.settle()
    return tmp_path / "shop.db"


class Reader:
    """A process that opens the catalog, and how many texts it read from the database."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.texts = 0
        database = shop.catalog.database
        text_changes = database.text_changes

        def counted(since: int) -> Iterator[TextChanges]:
            for changes in text_changes(since):
                self.texts += len(changes.texts)
                yield changes

        monkeypatch.setattr(database, "text_changes", counted)

    def finds(self, words: str) -> set[str]:
        return {hit.id for hit in self.shop.search(text=words, k=20) if hit.parts.get("words")}


def test_the_next_process_reads_no_text_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Shop.open(str(path)) as shop:
        reader = Reader(shop, monkeypatch)
        assert reader.finds("red shirt") == {f"p{number}" for number in range(8)}
        assert reader.texts == 0


def test_what_came_after_the_file_is_found_and_what_went_is_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Shop.open(str(path)) as shop:
        shop.add([Product("new", "Red shirt, new")])
        shop.remove(["p1"])
    with Shop.open(str(path)) as shop:
        reader = Reader(shop, monkeypatch)
        assert reader.finds("red shirt") == {"new", *(f"p{number}" for number in range(8) if number != 1)}
        assert reader.texts == 1


def test_a_file_of_a_later_state_than_the_catalog_is_not_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalog that was put back from a backup."""
    shutil.copy(path, path.with_name("backup.db"))
    with Shop.open(str(path)) as shop:
        shop.add([Product("late", "Purple hat")])
        shop.settle()
    shutil.copy(path.with_name("backup.db"), path)
    with Shop.open(str(path)) as shop:
        reader = Reader(shop, monkeypatch)
        assert reader.finds("purple hat") == set()
        assert len(reader.finds("red shirt")) == reader.texts == 8


def test_other_word_settings_make_another_index(path: Path) -> None:
    with Shop.open(str(path)) as shop:
        shop.put_word_settings(lexical_sync.WordSettings(language="de"))
    with Shop.open(str(path)) as shop:
        shop.search(text="red")
        assert shop.engine.words.sync.follow(shop.revision).vocabulary.language == "de"


def test_a_small_catalog_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical_sync, "KEPT_FROM", 100)
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add([Product("a", "Red shirt")])
        shop.settle()
    assert not (tmp_path / "shop.db.index").exists()


def test_a_folder_that_cannot_be_written_is_told_and_searches_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A file where the folder should be: true for root as well.
    (tmp_path / "shop.db.index").write_text("in the way")
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add([Product(f"p{number}", "Red shirt") for number in range(4)])
        shop.settle()
        assert len(shop.search(text="red shirt")) == 4
    assert "could not be written" in caplog.text
