"""A catalogue moved whole from one database to another, and compared afterwards."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lookalike.catalog.state import ENCODING_STATE, IDENTITY, PREVIOUS_ENCODING_STATE, EncodingState
from lookalike.database import Batch, Database, Written
from lookalike.errors import Conflict
from lookalike.text import product_codes, product_words
from lookalike.types import Product

PAGE = 200


@dataclass(slots=True)
class CopyReport:
    """How much of a catalogue is over, and by what both sides are known to agree."""

    products: int = 0
    photos: int = 0
    events: int = 0
    checksum: str = ""


CopyProgress: TypeAlias = Callable[[CopyReport], None]


def copy(source: Database, target: Database, progress: CopyProgress | None = None) -> CopyReport:
    """Copy products, photos, vectors, what was learned, events and settings into an empty catalogue.

    Settings go last: until then the target answers nothing, and a copy that was cut off is begun again.
    """
    if target.count() or ENCODING_STATE in target.settings():
        raise Conflict(f"{target.url} holds a catalogue already: copy into an empty database.")
    report = CopyReport()
    settings = source.settings()
    spaces = _spaces(settings)
    for space in spaces:
        fit = source.fit(space)
        if fit is not None:
            target.put_fit(space, fit)
    for page in _pages(source):
        target.write(_batch(source, page))
        for space in spaces:
            target.put_vectors(_vectors(source, page, space))
        report.products += len(page)
        report.photos += len({photo.id for product in page for photo in product.photos})
        if progress:
            progress(report)
    for piece in source.events.raw():
        report.events += target.events.put_raw(piece)
        if progress:
            progress(report)
    # A catalogue of its own from now on: what is derived from one must not be taken for the other's.
    target.put_settings({**settings, IDENTITY: uuid.uuid4().hex})
    report.checksum = checksum(source)
    if checksum(target) != report.checksum:
        raise Conflict(f"{target.url} differs from {source.url}: something wrote to one of them; copy again.")
    return report


def checksum(database: Database) -> str:
    """One number for everything that is searched: products, photos, vectors, settings, events."""
    settings = database.settings()
    seen = hashlib.blake2b(digest_size=16)
    for page in _pages(database):
        batch = _batch(database, page)
        seen.update(repr([(each.product, each.digest) for each in batch.products]).encode())
        for photo in batch.photos:
            seen.update(photo.id.encode() + photo.data)
        for space in _spaces(settings):
            vectors = _vectors(database, page, space)
            seen.update(repr(sorted(vectors.image_vectors.items())).encode())
            seen.update(repr(sorted(vectors.text_vectors.items())).encode())
    seen.update(repr(sorted((name, value) for name, value in settings.items() if name != IDENTITY)).encode())
    for piece in database.events.raw():
        seen.update(repr(piece).encode())
    return seen.hexdigest()


def _pages(database: Database) -> Iterator[list[Product]]:
    after = ""
    while page := database.page(after, PAGE):
        yield page
        after = page[-1].id


def _spaces(settings: Mapping[str, str]) -> list[str]:
    encoding = [
        EncodingState.loads(settings[name])
        for name in (ENCODING_STATE, PREVIOUS_ENCODING_STATE)
        if name in settings
    ]
    return sorted({space for each in encoding for space in each.spaces})


def _batch(source: Database, page: list[Product]) -> Batch:
    digests = source.digests([product.id for product in page])
    stored = source.stored_photos(_photos(page))
    return Batch(
        products=[
            Written(product, digests[product.id], product_words(product), product_codes(product))
            for product in page
        ],
        photos=[stored[id] for id in sorted(stored)],
    )


def _vectors(source: Database, page: list[Product], space: str) -> Batch:
    return Batch(
        image_space=space,
        image_vectors=source.image_vectors(space, _photos(page)),
        text_space=space,
        text_vectors=source.text_vectors(space, [product.id for product in page]),
    )


def _photos(page: list[Product]) -> list[str]:
    return list(dict.fromkeys(photo.id for product in page for photo in product.photos))
