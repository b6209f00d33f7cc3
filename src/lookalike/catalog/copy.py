"""Copies a whole catalog from one database to another and compares the two."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeAlias

from lookalike.catalog.copy_sources import copy_sources
from lookalike.catalog.state import (
    CALIBRATION,
    COPYING,
    ENCODING_STATE,
    IDENTITY,
    PREVIOUS_ENCODING_STATE,
    EncodingState,
    identity,
)
from lookalike.catalog.storefront import KEY as STOREFRONT
from lookalike.database import Batch, Database, Written
from lookalike.errors import Conflict
from lookalike.text import nul_field, product_codes, product_words
from lookalike.types import Product

PAGE = 200


@dataclass(slots=True)
class CopyReport:
    """Progress of a copy, and the common checksum of both sides."""

    products: int = 0
    photos: int = 0
    events: int = 0
    sources: int = 0
    checksum: str = ""


CopyProgress: TypeAlias = Callable[[CopyReport], None]


def copy(source: Database, target: Database, progress: CopyProgress | None = None) -> CopyReport:
    """Copy products, photos, vectors, fitted models, events, keys, sources and settings to an empty catalog.

    Until the copy is whole, the target is marked and cannot be opened. The same copy again completes it:
    everything is written over, and products that left the source meanwhile are deleted.

    Raises Conflict if the target holds another catalog, or if something writes to either during the copy.
    """
    origin = identity(source)
    begun = target.settings()
    resumed = begun.get(COPYING) == origin
    if not resumed and (target.count() or begun):
        raise Conflict(f"{target.url} already holds a catalog. Copy into an empty database.")
    target.put_settings({COPYING: origin})
    report = CopyReport()
    settings = source.settings()
    spaces = _spaces(settings)
    for name in (*spaces, settings.get(CALIBRATION, ""), STOREFRONT):
        fit = source.fit(name) if name else None
        if fit is not None:
            target.put_fit(name, fit)
    for page in _pages(source):
        target.write(_batch(source, page))
        for space in spaces:
            target.put_vectors(_vectors(source, page, space))
        report.products += len(page)
        report.photos += len({photo.id for product in page for photo in product.photos})
        if progress:
            progress(report)
    if resumed:
        known = set(source.ids())
        target.remove([id for id in target.ids() if id not in known])
    for piece in source.events.raw():
        report.events += target.events.put_raw([_without_nul(row) for row in piece])
        if progress:
            progress(report)
    target.keys.put(source.keys.all())
    report.sources = copy_sources(source, target)
    # The copy gets a new id, so that an index of one is never used for the other.
    target.put_settings({**settings, IDENTITY: uuid.uuid4().hex})
    report.checksum = checksum(source)
    if checksum(target) != report.checksum:
        raise Conflict(f"{source.url} changed during the copy. Run the copy again when nothing writes to it.")
    target.put_settings({COPYING: None})
    return report


def checksum(database: Database) -> str:
    """One checksum of products, photos, vectors, settings and events."""
    settings = database.settings()
    seen = hashlib.blake2b(digest_size=16)
    for page in _pages(database):
        batch = _batch(database, page)
        seen.update(repr([(each.product, each.digest) for each in batch.products]).encode())
        for photo in batch.photos:
            seen.update(photo.id.encode() + photo.data + photo.large)
        for space in _spaces(settings):
            vectors = _vectors(database, page, space)
            seen.update(repr(sorted(vectors.image_vectors.items())).encode())
            seen.update(repr(sorted(vectors.text_vectors.items())).encode())
    own = (IDENTITY, COPYING)
    seen.update(repr(sorted((name, value) for name, value in settings.items() if name not in own)).encode())
    for piece in database.events.raw():
        seen.update(repr([_without_nul(row) for row in piece]).encode())
    return seen.hexdigest()


def _pages(database: Database) -> Iterator[list[Product]]:
    """Pages of products that any database can store."""
    products = database.all_products()
    while page := list(islice(products, PAGE)):
        yield page


def _storable(product: Product, stored: Collection[str]) -> Product:
    """The product without NUL characters, which an earlier version stored, and without damaged photos."""
    photos = tuple(photo for photo in product.photos if photo.id in stored)
    if not nul_field(product):
        return product if len(photos) == len(product.photos) else replace(product, photos=photos)
    facets = {
        _plain(name): tuple(map(_plain, value)) if isinstance(value, tuple) else _plain(value)
        for name, value in product.facets.items()
    }
    return replace(
        product,
        id=_plain(product.id),
        title=_plain(product.title),
        description=_plain(product.description),
        facets=facets,
        currency=_plain(product.currency),
        group=_plain(product.group),
        link=_plain(product.link),
        photos=tuple(replace(photo, source=_plain(photo.source)) for photo in photos),
    )


def _plain(value: Any) -> Any:
    return value.replace("\0", " ") if isinstance(value, str) else value


def _without_nul(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(_plain, row))


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
    large = source.large_photos(list(stored))
    return Batch(
        products=[
            Written(entire, digests[product.id], product_words(entire), product_codes(entire))
            for product in page
            for entire in (_storable(product, stored),)
        ],
        photos=[replace(stored[id], large=large.get(id, b"")) for id in sorted(stored)],
    )


def _vectors(source: Database, page: list[Product], space: str) -> Batch:
    return Batch(
        image_space=space,
        image_vectors=source.image_vectors(space, _photos(page)),
        text_space=space,
        text_vectors={
            _plain(id): row
            for id, row in source.text_vectors(space, [product.id for product in page]).items()
        },
    )


def _photos(page: list[Product]) -> list[str]:
    return list(dict.fromkeys(photo.id for product in page for photo in product.photos))
