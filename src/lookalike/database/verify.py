"""Reads every row of a catalog and compares it with its checksum."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lookalike.database.base import Damage, VerifyReport
from lookalike.database.product_rows import next_revision
from lookalike.database.session import Connections, Session, marks
from lookalike.database.vector_rows import DAMAGED, checksum, is_intact
from lookalike.errors import DatabaseBroken

PAGE = 500


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with checksums: its key, the checksummed column, and the query for affected products."""

    name: str
    key: str
    data: str
    products: str


_TABLES = (
    _Table("photos", "id", "data", "JOIN product_photos f ON f.product = p.number WHERE f.photo = ?"),
    _Table(
        "large_photos", "photo", "data", "JOIN product_photos f ON f.product = p.number WHERE f.photo = ?"
    ),
    _Table(
        "photo_vectors",
        "number",
        "vector",
        "JOIN product_photos f ON f.product = p.number "
        "JOIN photo_vectors v ON v.photo = f.photo WHERE v.number = ?",
    ),
)


def verify(connections: Connections) -> VerifyReport:
    """Compare every photo and vector with its checksum, and read every product.

    Damaged rows are marked. Searches ignore them, and the next import of their products replaces them.
    """
    report = VerifyReport(structure=connections.structural_damage())
    for step in (_compare_blobs, _compare_text_vectors, _read_products):
        try:
            step(connections, report)
        except DatabaseBroken as error:
            if not report.structure:
                report.structure.append(str(error))
    return report


def _compare_blobs(connections: Connections, report: VerifyReport) -> None:
    for table in _TABLES:
        for rows in _pages(connections, table.name, table.key, table.data):
            _compare(connections, table, rows, report)


def _pages(connections: Connections, table: str, key: str, data: str) -> Iterator[list[Any]]:
    """Yield the key, bytes and checksum of every row; stops at an unreadable row."""
    after: Any = None
    while True:
        condition = "" if after is None else f"WHERE {key} > ?"
        with connections.read() as reader:
            rows = reader.rows(
                f"SELECT {key}, {data}, checksum FROM {table} {condition} ORDER BY {key} LIMIT {PAGE}",
                () if after is None else (after,),
            )
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _compare(connections: Connections, table: _Table, rows: list[Any], report: VerifyReport) -> None:
    report.rows += len(rows)
    unknown = [(checksum(data), key) for key, data, expected in rows if expected is None]
    wrong = [key for key, data, expected in rows if not is_intact(data, expected)]
    if not unknown and not wrong:
        return

    def work(session: Session) -> list[Damage]:
        session.many(f"UPDATE {table.name} SET checksum = ? WHERE {table.key} = ?", unknown)
        found: list[Damage] = []
        for key in wrong:
            session.rows(f"UPDATE {table.name} SET checksum = {DAMAGED} WHERE {table.key} = ?", (key,))
            ids = session.rows(f"SELECT DISTINCT p.id FROM products p {table.products}", (key,))
            found.append(Damage(table.name, str(key), tuple(id for (id,) in ids)))
        _renew(session, [id for each in found for id in each.products])
        return found

    report.damaged.extend(connections.redo(work))
    report.recorded += len(unknown)


def _compare_text_vectors(connections: Connections, report: VerifyReport) -> None:
    with connections.read() as reader:
        spaces = reader.rows("SELECT number FROM spaces ORDER BY number")
    for (space,) in spaces:
        after = -1
        while True:
            with connections.read() as reader:
                rows = reader.rows(
                    "SELECT t.product, t.vector, t.checksum, p.id FROM text_vectors t "
                    "JOIN products p ON p.number = t.product WHERE t.space = ? AND t.product > ? "
                    f"ORDER BY t.product LIMIT {PAGE}",
                    (space, after),
                )
            if not rows:
                break
            after = rows[-1][0]
            report.rows += len(rows)
            unknown = [(checksum(data), space, key) for key, data, expected, _ in rows if expected is None]
            wrong = [
                (key, id)
                for key, data, expected, id in rows
                if expected is not None and not is_intact(data, expected)
            ]
            if unknown or wrong:
                connections.redo(lambda session, u=unknown, w=wrong, s=space: _mark_texts(session, s, u, w))
            report.recorded += len(unknown)
            report.damaged.extend(Damage("text_vectors", id, (id,)) for _, id in wrong)


def _mark_texts(
    session: Session, space: int, unknown: list[tuple[int, int, int]], wrong: list[tuple[int, str]]
) -> None:
    session.many("UPDATE text_vectors SET checksum = ? WHERE space = ? AND product = ?", unknown)
    # Without its text digest, the next import computes the vector again.
    session.many(
        f"UPDATE text_vectors SET checksum = {DAMAGED}, text = '' WHERE space = ? AND product = ?",
        [(space, key) for key, _ in wrong],
    )
    _renew(session, [id for _, id in wrong])


def _renew(session: Session, ids: list[str]) -> None:
    """Make the next import replace these products, and indexes read them again."""
    if ids:
        session.rows(
            f"UPDATE products SET digest = ?, revision = ? WHERE id IN ({marks(ids)})",
            (b"", next_revision(session), *ids),
        )


def _read_products(connections: Connections, report: VerifyReport) -> None:
    """Read the text and facets of every product."""
    with connections.read() as reader:
        numbers = [number for (number,) in reader.rows("SELECT number FROM products ORDER BY number")]
    for start in range(0, len(numbers), PAGE):
        some = numbers[start : start + PAGE]
        wrong = (
            [] if _readable(connections, some) else [one for one in some if not _readable(connections, [one])]
        )
        report.damaged.extend(Damage("products", f"row {number}") for number in wrong)
        report.rows += len(some)


def _readable(connections: Connections, numbers: list[int]) -> bool:
    columns = "id, title, description, facets, link, family"
    sql = f"SELECT {columns} FROM products WHERE number IN ({marks(numbers)})"
    try:
        with connections.read() as reader:
            for row in reader.rows(sql, numbers):
                json.loads(row[3])
    except (DatabaseBroken, ValueError):
        return False
    return True
