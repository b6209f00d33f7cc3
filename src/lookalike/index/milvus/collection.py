"""The collection of one catalog and recipe, behind an alias, so that a rebuilt one can replace it.

The alias names the catalog and its encoding state; it points to one generation of the collection. Every
process that follows the catalog writes the same rows under the same keys, so writes are idempotent. Each
writing process stores a progress mark among the rows; marks only grow, and the furthest one counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from lookalike.errors import IndexUnavailable
from lookalike.index.base import Space
from lookalike.index.milvus.client import NoCollection, Server
from lookalike.index.milvus.rows import Fused, Row
from lookalike.types import Vector

FIELDS = ("id", "item", "product", "photo", "variants", "facts", "revision", "vector")
MARK = "mark"
MARKS_KEPT = 4
# Far below the 64 MB limit of one call to Milvus.
WRITTEN_AT_ONCE = 4_000_000
DELETED_AT_ONCE = 5000
READ_AT_ONCE = 1000
# The most rows that one search returns, and the widest HNSW search for them.
MOST_ROWS = 16_384
NARROWEST = 256
WIDEST = 32_768
BUILD = {"M": 16, "efConstruction": 128}
LONGEST_TEXT = 65_535
# Milvus Lite scans unflushed rows one by one; the server scans an eighth of them.
PUT_AWAY_ABOVE_LITE = 500
PUT_AWAY_ABOVE = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """The keys and similarities of the nearest rows in order, and whether these are all."""

    rows: list[tuple[str, float]]
    complete: bool


class Collection:
    """The rows of one catalog in one recipe."""

    def __init__(self, server: Server, space: Space, generation: str = "") -> None:
        self._server = server
        self.space = space
        self._dim = Fused.of(space).dim
        self.alias = f"lookalike_{space.catalog}_{space.made}"
        # A generation without an alias is written by its own name.
        self._name = generation or self.alias
        self._own_mark = f"{MARK}-{uuid.uuid4().hex}"
        self._not_put_away = 0

    def open(self) -> None:
        """Find or create the collection; if several processes create it, the first to set the alias wins."""
        described = self._described()
        if described is None:
            fresh = self.begin()
            try:
                with self._server.talk() as client:
                    client.create_alias(fresh._name, self.alias)
            except IndexUnavailable:
                fresh.drop()
            described = self._described()
        if described is None:
            raise NoCollection(
                f"Milvus at {self._server.place.shown} lost the collection that was just created."
            )
        fields = {each["name"]: each["params"].get("dim", 0) for each in described["fields"]}
        if fields != {name: self._dim if name == "vector" else 0 for name in FIELDS}:
            raise IndexUnavailable(
                f"The collection {described['collection_name']} in Milvus belongs to another recipe: "
                "drop it in Milvus, and it will be rebuilt."
            )
        with self._server.talk() as client:
            client.load_collection(self.alias)
        self._clear_marks()

    def begin(self) -> Collection:
        """Create an empty generation beside the active one."""
        from pymilvus import DataType

        fresh = f"{self.alias}_{uuid.uuid4().hex[:8]}"
        with self._server.talk() as client:
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
            schema.add_field("item", DataType.VARCHAR, max_length=64)
            for name in ("product", "photo", "variants"):
                schema.add_field(name, DataType.VARCHAR, max_length=LONGEST_TEXT)
            schema.add_field("facts", DataType.JSON)
            schema.add_field("revision", DataType.INT64)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dim)
            indexes = client.prepare_index_params()
            # Milvus Lite's graph finds 98%; a full scan is as fast and finds all.
            kind, build = ("FLAT", {}) if self._server.place.lite else ("HNSW", BUILD)
            indexes.add_index("vector", index_type=kind, metric_type="IP", params=build)
            client.create_collection(fresh, schema=schema, index_params=indexes)
        return Collection(self._server, self.space, fresh)

    def take_place(self) -> None:
        """Point the alias to this generation and drop the others."""
        self.settle()
        with self._server.talk() as client:
            client.alter_alias(self._name, self.alias)
            for name in self._generations():
                if name != self._name:
                    client.drop_collection(name)

    def drop_all(self) -> None:
        """Delete every generation and the alias."""
        with self._server.talk() as client:
            client.drop_alias(self.alias)
            for name in self._generations():
                client.drop_collection(name)

    def _generations(self) -> list[str]:
        with self._server.talk() as client:
            names = cast("list[str]", client.list_collections())
        return [name for name in names if name.startswith(self.alias)]

    def drop(self) -> None:
        """Delete this generation."""
        with self._server.talk() as client:
            client.drop_collection(self._name)

    def _described(self) -> dict[str, Any] | None:
        try:
            with self._server.talk() as client:
                return cast(
                    "dict[str, Any]", client.describe_collection(self.alias, self._server.place.read_seconds)
                )
        except NoCollection:
            return None

    def revision(self) -> int:
        """The last revision whose rows are all stored."""
        return max(self._marks().values(), default=0)

    def _marks(self) -> dict[str, int]:
        # Another process's latest mark may not be visible yet; this process then writes the rows again.
        with self._server.talk() as client:
            found = client.query(
                self._name,
                filter=f'item == "{MARK}"',
                output_fields=["revision"],
                consistency_level="Session",
                timeout=self._server.place.read_seconds,
            )
        return {mark["id"]: int(mark["revision"]) for mark in found}

    def _clear_marks(self) -> None:
        marks = self._marks()
        self.delete(sorted(marks, key=lambda mark: marks[mark])[:-MARKS_KEPT])

    def put_mark(self, revision: int) -> None:
        """Record that all rows up to a revision are stored."""
        self._upsert(
            [
                {
                    "id": self._own_mark,
                    "item": MARK,
                    "product": "",
                    "photo": "",
                    "variants": "",
                    "facts": {},
                    "revision": revision,
                    "vector": np.zeros(self._dim, np.float32),
                }
            ]
        )

    def write(self, rows: Sequence[Row], gone: Sequence[str]) -> None:
        """Insert or replace rows, and delete other keys."""
        piece = max(WRITTEN_AT_ONCE // (4 * self._dim), 1)
        for start in range(0, len(rows), piece):
            self._upsert(rows[start : start + piece])
        self.delete(gone)
        self._not_put_away += len(rows)
        if self._not_put_away > (PUT_AWAY_ABOVE_LITE if self._server.place.lite else PUT_AWAY_ABOVE):
            self.put_away()

    def put_away(self) -> None:
        """Flush the newest rows to their final storage."""
        with self._server.talk() as client:
            client.flush(self._name)
        self._not_put_away = 0

    def _upsert(self, rows: Sequence[Row]) -> None:
        with self._server.talk() as client:
            client.upsert(self._name, list(rows), timeout=self._server.place.write_seconds)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete rows by their keys."""
        for start in range(0, len(keys), DELETED_AT_ONCE):
            with self._server.talk() as client:
                piece = list(keys[start : start + DELETED_AT_ONCE])
                client.delete(self._name, ids=piece, timeout=self._server.place.write_seconds)

    def delete_items(self, items: Sequence[str]) -> None:
        """Delete all rows of some products."""
        for start in range(0, len(items), DELETED_AT_ONCE):
            with self._server.talk() as client:
                named = naming(items[start : start + DELETED_AT_ONCE])
                client.delete(self._name, filter=named, timeout=self._server.place.write_seconds)

    def search(self, query: Vector, where: str, limit: int) -> Found:
        """The rows with the largest inner products; uses several searches beyond the limit of one."""
        found = self._window(query, where, min(limit, MOST_ROWS), None)
        rows, seen = found.rows, {key for key, _ in found.rows}
        while not found.complete and len(rows) < limit - MARKS_KEPT:
            found = self._window(query, where, MOST_ROWS, rows[-1][1])
            fresh = [(key, score) for key, score in found.rows if key not in seen]
            if not fresh:
                break
            seen.update(key for key, _ in fresh)
            rows += fresh
        return Found(rows, found.complete)

    def _window(self, query: Vector, where: str, limit: int, below: float | None) -> Found:
        look: dict[str, float] = {"ef": min(max(NARROWEST, 2 * limit), WIDEST)}
        if below is not None:
            look |= {"radius": float(np.finfo(np.float32).min), "range_filter": below}
        with self._server.talk() as client:
            hits = client.search(
                self._name,
                data=[query],
                anns_field="vector",
                filter=where,
                limit=limit,
                search_params={"metric_type": "IP", "params": look},
                consistency_level="Session",
                timeout=self._server.place.read_seconds,
            )[0]
        rows = [(hit["id"], float(hit["distance"])) for hit in hits if not hit["id"].startswith(MARK)]
        return Found(rows, len(hits) < limit)

    def vectors(self, keys: Sequence[str]) -> dict[str, Vector]:
        """The vectors of the rows that exist."""
        found: dict[str, Vector] = {}
        for start in range(0, len(keys), READ_AT_ONCE):
            with self._server.talk() as client:
                rows = client.get(
                    self._name,
                    ids=list(keys[start : start + READ_AT_ONCE]),
                    output_fields=["vector"],
                    consistency_level="Session",
                    timeout=self._server.place.read_seconds,
                )
            found |= {row["id"]: np.asarray(row["vector"], np.float32) for row in rows}
        return found

    def settle(self) -> None:
        """Wait until all readers see what was written."""
        with self._server.talk() as client:
            client.query(self._name, filter="", output_fields=["count(*)"], consistency_level="Strong")

    def rows(self) -> Iterator[Row]:
        """Every row with its facets and vector, in no order."""
        self.settle()
        with self._server.talk() as client:
            pages = client.query_iterator(
                self._name,
                batch_size=READ_AT_ONCE,
                filter=f'item != "{MARK}"',
                output_fields=[*FIELDS[1:]],
                consistency_level="Strong",
            )
            while page := pages.next():
                yield from page
            pages.close()


def naming(items: Sequence[str]) -> str:
    """The filter expression for the rows of these products."""
    named = ", ".join(f'"{item}"' for item in items)
    return f"item in [{named}]"
