"""A mapping that was chosen once is used for the next feed with the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from lookalike import read_feed
from lookalike.catalog.known_mappings import KEPT, known_mapping, remember_mapping
from lookalike.database import Database, open_database
from lookalike.feeds import RecordFeed


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(str(tmp_path / "shop.db"))
    yield database
    database.close()


def titles(feed: RecordFeed) -> list[str]:
    return [row.product.title for row in feed if row.product]


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("feed.csv", "nr;was;wert\n1;Lamp;9\n"),
        ("feed.jsonl", '{"nr": "1", "was": "Lamp", "wert": 9}\n'),
        ("feed.json", '[{"nr": "1", "was": "Lamp", "wert": 9}]'),
    ],
)
def test_a_feed_with_the_same_columns_is_mapped_as_before(
    database: Database, tmp_path: Path, name: str, feed: str
) -> None:
    (tmp_path / name).write_text(feed, "utf-8")
    recall = partial(known_mapping, database)
    first = read_feed(tmp_path / name, {"nr": "id", "was": "title"}, recall=recall)
    remember_mapping(database, first.columns(), first.mapping)
    again = read_feed(tmp_path / name, recall=recall)
    assert titles(again) == ["Lamp"]
    assert again.recalled == {"nr", "was"}


def test_a_mapping_that_is_given_wins_over_the_remembered_one(database: Database, tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("nr,was,name\n1,Lamp,Lantern\n", "utf-8")
    remember_mapping(database, ("nr", "was", "name"), {"nr": "id", "was": "title", "name": "ignore"})
    feed = read_feed(
        tmp_path / "feed.csv", {"was": "facet", "name": "title"}, recall=partial(known_mapping, database)
    )
    assert titles(feed) == ["Lantern"]
    assert feed.recalled == {"nr"}


def test_other_columns_and_another_order(database: Database) -> None:
    remember_mapping(database, ("Nr", "Was"), {"Nr": "id"})
    assert known_mapping(database, ("was", "nr")) == {"Nr": "id"}
    assert known_mapping(database, ("nr", "was", "wert")) == {}


def test_the_oldest_is_forgotten(database: Database) -> None:
    for number in range(KEPT + 1):
        remember_mapping(database, (f"column {number}",), {f"column {number}": "id"})
    assert known_mapping(database, ("column 0",)) == {}
    assert known_mapping(database, ("column 1",)) == {"column 1": "id"}
