"""The source of each product of a catalog. A product added individually has no source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from lookalike.database.session import Connections, Session, marks

AT_ONCE = 500
T = TypeVar("T")


class SourceProductRows:
    """The listings of one catalog. A product may have several sources; if it is removed, it has none."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def note(self, source: str, ids: Sequence[str]) -> None:
        """Store that a source lists these products, if the catalog has them."""
        for some in _pieces(ids):
            known = set(self.among(source, some))
            if new := [id for id in some if id not in known]:
                self._connections.redo(lambda session, new=new: _note(session, source, new))

    def forget(self, source: str, ids: Sequence[str]) -> None:
        """Store that a source no longer lists these products."""
        for some in _pieces(ids):
            sql = (
                "DELETE FROM source_products WHERE source = ? AND product IN "
                f"(SELECT number FROM products WHERE id IN ({marks(some)}))"
            )
            self._connections.redo(lambda session, sql=sql, some=some: session.rows(sql, (source, *some)))

    def remove(self, source: str) -> None:
        """Forget everything that a source lists; the products stay."""
        self._connections.redo(
            lambda session: session.rows("DELETE FROM source_products WHERE source = ?", (source,))
        )

    def count(self, source: str) -> int:
        """How many products a source lists."""
        with self._connections.read() as reader:
            sql = "SELECT count(*) FROM source_products WHERE source = ?"
            return int(reader.rows(sql, (source,))[0][0])

    def ids(self, source: str) -> list[str]:
        """The products that a source lists."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT p.id FROM source_products s JOIN products p ON p.number = s.product "
                "WHERE s.source = ?",
                (source,),
            )
        return [id for (id,) in found]

    def among(self, source: str, ids: Sequence[str]) -> list[str]:
        """Those of these products that a source lists."""
        return self._found("s.source = ? AND p.id IN ({})", source, ids)

    def listed_only_by(self, source: str, ids: Sequence[str]) -> list[str]:
        """Those of these products that a source lists and no other does."""
        return self._found(
            "s.source = ? AND p.id IN ({}) AND NOT EXISTS (SELECT 1 FROM source_products o "
            "WHERE o.product = s.product AND o.source <> s.source)",
            source,
            ids,
        )

    def in_groups(self, source: str, groups: Sequence[str]) -> list[str]:
        """The products of some groups that a source lists."""
        # The index holds the first 200 characters: PostgreSQL takes no long texts into an index.
        begun = [group[:200] for group in groups]
        found: list[str] = []
        for some, starts in zip(_pieces(groups), _pieces(begun), strict=True):
            sql = (
                "SELECT p.id FROM products p JOIN source_products s ON s.product = p.number "
                f"WHERE s.source = ? AND substr(p.family, 1, 200) IN ({marks(starts)}) "
                f"AND p.family IN ({marks(some)})"
            )
            with self._connections.read() as reader:
                found += [id for (id,) in reader.rows(sql, (source, *starts, *some))]
        return found

    def _found(self, where: str, source: str, ids: Sequence[str]) -> list[str]:
        found: list[str] = []
        for some in _pieces(ids):
            sql = (
                "SELECT p.id FROM products p JOIN source_products s ON s.product = p.number "
                f"WHERE {where.format(marks(some))}"
            )
            with self._connections.read() as reader:
                found += [id for (id,) in reader.rows(sql, (source, *some))]
        return found


def _note(session: Session, source: str, ids: Sequence[str]) -> None:
    found = session.rows(f"SELECT number FROM products WHERE id IN ({marks(ids)})", ids)
    session.many(
        "INSERT INTO source_products (source, product) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(source, number) for (number,) in found],
    )


def _pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
