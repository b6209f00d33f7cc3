"""Writes and deletes products with their facts, photos, codes and words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from lookalike.database.base import FactsWritten, Written
from lookalike.database.journal_rows import note_changes
from lookalike.database.session import Session, Words, marks

AT_ONCE = 1000
FACTS = (
    "title", "description", "facets", "price", "currency", "stock", "family", "link", "digest", "revision",
    "former_price",
)  # fmt: skip
UPDATE = f"UPDATE products SET {', '.join(f'{fact} = ?' for fact in FACTS)} WHERE number = ?"
UPDATABLE = ("price", "former_price", "currency", "stock", "link")
VALUES = ", ".join("?" * (1 + len(FACTS)))
INSERT = f"INSERT INTO products (id, {', '.join(FACTS)}) VALUES ({VALUES})"


def next_revision(session: Session) -> int:
    """Increment the revision; the next writer waits until this transaction ends."""
    return int(session.rows("UPDATE counter SET revision = revision + 1 RETURNING revision")[0][0])


def write_products(session: Session, words: Words, written: Sequence[Written], revision: int) -> None:
    """Insert or replace products with as few statements as possible."""
    wanted = {each.product.id: each for each in written}
    known = _numbers(session, list(wanted))
    replaced = list(known.values())
    dropped = _photos_of(session, replaced)
    # If a product occurs twice, only the last occurrence counts.
    dropped += [
        photo.id for each in written if wanted[each.product.id] is not each for photo in each.product.photos
    ]
    session.many(UPDATE, [(*_facts(wanted[id], revision), number) for id, number in known.items()])
    for table in ("product_photos", "codes"):
        session.rows(f"DELETE FROM {table} WHERE product IN ({marks(replaced)})", replaced)
    words.drop(session, replaced)
    fresh = [id for id in wanted if id not in known]
    session.many(INSERT, [(id, *_facts(wanted[id], revision)) for id in fresh])
    session.rows(f"DELETE FROM removed WHERE id IN ({marks(fresh)})", fresh)
    numbered = known | _numbers(session, fresh)
    session.many(
        "INSERT INTO product_photos (product, position, photo, source) VALUES (?, ?, ?, ?)",
        list(chain.from_iterable(_shown(numbered[id], each) for id, each in wanted.items())),
    )
    session.many(
        "INSERT INTO codes (code, product) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(code, numbered[id]) for id, each in wanted.items() for code in each.codes],
    )
    words.put(session, [(numbered[id], each.product.title, each.words) for id, each in wanted.items()])
    _forget_photos(session, dropped)


def update_facts(session: Session, facts: Mapping[str, Mapping[str, Any]]) -> FactsWritten:
    """Set facts that affect neither words nor vectors; the revision grows only if something changes."""
    columns = ", ".join(UPDATABLE)
    known: dict[str, tuple[Any, ...]] = {}
    rest = iter(facts)
    while some := list(islice(rest, AT_ONCE)):
        found = session.rows(f"SELECT id, number, {columns} FROM products WHERE id IN ({marks(some)})", some)
        known |= {row[0]: row[1:] for row in found}
    changed: dict[str, list[Any]] = {}
    for id, (number, *before) in known.items():
        after = [facts[id].get(name, value) for name, value in zip(UPDATABLE, before, strict=True)]
        if after != before:
            changed[id] = [*after, number]
    if changed:
        revision = next_revision(session)
        assignments = ", ".join(f"{name} = ?" for name in UPDATABLE)
        session.many(
            f"UPDATE products SET revision = ?, {assignments} WHERE number = ?",
            [(revision, *values) for values in changed.values()],
        )
        note_changes(session, list(changed))
    return FactsWritten(frozenset(changed), frozenset(known.keys() - changed.keys()))


def remove_products(session: Session, words: Words, ids: Iterable[str], revision: int) -> int:
    """Delete products and return the number that existed."""
    removed, rest = 0, iter(dict.fromkeys(ids))
    while some := list(islice(rest, AT_ONCE)):
        known = _numbers(session, some)
        numbers, gone = list(known.values()), list(known)
        photos = _photos_of(session, numbers)
        words.drop(session, numbers)
        session.rows(f"DELETE FROM products WHERE number IN ({marks(numbers)})", numbers)
        session.rows(f"DELETE FROM removed WHERE id IN ({marks(gone)})", gone)
        session.many("INSERT INTO removed (id, revision) VALUES (?, ?)", [(id, revision) for id in gone])
        _forget_photos(session, photos)
        removed += len(known)
    return removed


def _facts(written: Written, revision: int) -> tuple[Any, ...]:
    product = written.product
    return (
        product.title,
        product.description,
        json.dumps(product.facets, ensure_ascii=False),
        product.price,
        product.currency,
        product.stock,
        product.group,
        product.link,
        written.digest,
        revision,
        product.former_price,
    )


def _shown(number: int, written: Written) -> list[tuple[int, int, str, str]]:
    photos = enumerate(written.product.photos)
    return [(number, position, photo.id, photo.source) for position, photo in photos]


def _numbers(session: Session, ids: Sequence[str]) -> dict[str, int]:
    return dict(session.rows(f"SELECT id, number FROM products WHERE id IN ({marks(ids)})", ids))


def _photos_of(session: Session, numbers: Sequence[int]) -> list[str]:
    found = session.rows(f"SELECT photo FROM product_photos WHERE product IN ({marks(numbers)})", numbers)
    return [id for (id,) in found]


def _forget_photos(session: Session, photos: Iterable[str]) -> None:
    """Delete photos that no product and no journal uses, with their vectors."""
    session.many(
        "DELETE FROM photos WHERE id = ? "
        "AND NOT EXISTS (SELECT 1 FROM product_photos WHERE photo = photos.id) "
        "AND NOT EXISTS (SELECT 1 FROM import_photos WHERE photo = photos.id)",
        [(photo,) for photo in dict.fromkeys(photos)],
    )
