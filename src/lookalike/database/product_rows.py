"""How a product's rows come and go: its facts, the photos it shows, its codes and words."""

from __future__ import annotations

import json

from lookalike.database.contract import Written
from lookalike.database.session import Session, Words

FACTS = (
    "title", "description", "facets", "price", "currency", "stock", "family", "link", "digest", "revision",
)  # fmt: skip
UPDATE = f"UPDATE products SET {', '.join(f'{fact} = ?' for fact in FACTS)} WHERE number = ?"
VALUES = ", ".join("?" * (1 + len(FACTS)))
INSERT = f"INSERT INTO products (id, {', '.join(FACTS)}) VALUES ({VALUES}) RETURNING number"


def next_revision(session: Session) -> int:
    """Count this write; whoever writes next waits until this transaction is over."""
    return int(session.rows("UPDATE counter SET revision = revision + 1 RETURNING revision")[0][0])


def write_product(session: Session, words: Words, written: Written, revision: int) -> None:
    """Insert a product, or replace what it was."""
    product = written.product
    facts = (
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
    )
    number = _number(session, product.id)
    dropped: list[str] = []
    if number is not None:
        session.rows(UPDATE, (*facts, number))
        dropped = _photos_of(session, number)
        session.rows("DELETE FROM product_photos WHERE product = ?", (number,))
        session.rows("DELETE FROM codes WHERE product = ?", (number,))
        words.drop(session, number)
    else:
        number = int(session.rows(INSERT, (product.id, *facts))[0][0])
        session.rows("DELETE FROM removed WHERE id = ?", (product.id,))
    session.many(
        "INSERT INTO product_photos (product, position, photo, source) VALUES (?, ?, ?, ?)",
        ((number, position, photo.id, photo.source) for position, photo in enumerate(product.photos)),
    )
    session.many(
        "INSERT INTO codes (code, product) VALUES (?, ?) ON CONFLICT DO NOTHING",
        ((code, number) for code in written.codes),
    )
    words.put(session, number, product.title, written.words)
    _forget_photos(session, dropped)


def remove_product(session: Session, words: Words, id: str, revision: int) -> int:
    """Delete a product if there is one; returns how many there were."""
    number = _number(session, id)
    if number is None:
        return 0
    photos = _photos_of(session, number)
    words.drop(session, number)
    session.rows("DELETE FROM products WHERE number = ?", (number,))
    session.rows("DELETE FROM removed WHERE id = ?", (id,))
    session.rows("INSERT INTO removed (id, revision) VALUES (?, ?)", (id, revision))
    _forget_photos(session, photos)
    return 1


def _number(session: Session, id: str) -> int | None:
    found = session.rows("SELECT number FROM products WHERE id = ?", (id,))
    return int(found[0][0]) if found else None


def _photos_of(session: Session, number: int) -> list[str]:
    return [id for (id,) in session.rows("SELECT photo FROM product_photos WHERE product = ?", (number,))]


def _forget_photos(session: Session, photos: list[str]) -> None:
    """Delete the photos that no product shows any more, their vectors with them."""
    session.many(
        "DELETE FROM photos WHERE id = ? "
        "AND NOT EXISTS (SELECT 1 FROM product_photos WHERE photo = photos.id)",
        ((photo,) for photo in photos),
    )
