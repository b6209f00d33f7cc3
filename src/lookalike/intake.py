"""The import: rows are read, photos decoded and embedded on every core, and written in transactions.

One thread reads rows, passes over those that are in the catalogue unchanged, and cuts the rest into
pieces; workers turn a piece into a batch; the first thread writes finished batches in their order.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lookalike.database import Batch, Database, Written
from lookalike.errors import Conflict, LookalikeError, NotFound
from lookalike.fetch import fetch, is_url
from lookalike.images import STORED_SIDE, StoredPhoto, photo_bytes, photo_id, prepare_photo
from lookalike.making import MADE, Made, Making, digest_of, packed, spoken
from lookalike.records import FeedRow, ImportReport, Photo, Product, RowProblem
from lookalike.settings import settings

if TYPE_CHECKING:
    from PIL.Image import Image

LOOKED_UP = 256
PIECE = 32
CODE_FACETS = ("sku", "gtin", "ean", "upc", "mpn", "barcode", "isbn", "asin", "item_group_id")

Progress: TypeAlias = Callable[[ImportReport], None]


@dataclass(slots=True)
class _Piece:
    """A few rows on their way from a feed into a batch."""

    rows: list[tuple[FeedRow, Product, bytes]] = field(default_factory=list["tuple[FeedRow, Product, bytes]"])
    batch: Batch = field(default_factory=Batch)
    problems: list[RowProblem] = field(default_factory=list[RowProblem])
    failed: int = 0


class Intake:
    """Takes one feed into one catalogue."""

    def __init__(
        self,
        database: Database,
        making: Making,
        name: str,
        stop: threading.Event | None,
        progress: Progress | None,
    ) -> None:
        self._database = database
        self._making = making
        self._name = name
        self._stop = stop or threading.Event()
        self._progress = progress
        self._began = time.monotonic()
        self._known: set[str] = set()
        self.seen: set[str] = set()
        self.report = ImportReport()

    def run(self, rows: Iterable[FeedRow]) -> ImportReport:
        """Read every row, unless stopped; what is written is whole, and a second run goes on from there."""
        workers = settings().threads or os.cpu_count() or 1
        waiting: deque[Future[_Piece]] = deque()
        with ThreadPoolExecutor(workers, "intake") as pool:
            try:
                for piece in self._pieces(rows):
                    waiting.append(pool.submit(self._embed, piece))
                    while len(waiting) > 2 * workers or (waiting and waiting[0].done()):
                        self._write(waiting.popleft().result())
                while waiting:
                    self._write(waiting.popleft().result())
            finally:
                for future in waiting:
                    future.cancel()
        self.report.interrupted = self._stop.is_set()
        self._tell()
        return self.report

    def _pieces(self, rows: Iterable[FeedRow]) -> Iterator[_Piece]:
        """The rows that are new or have changed, a few at a time."""
        piece = _Piece()
        for looked_up in _chunks(rows, LOOKED_UP, self._stop):
            good = self._good(looked_up)
            digests = self._database.digests([row.product.id for row in good if row.product])
            for row in good:
                assert row.product is not None
                digest = _digest(row.product)
                known = digests.get(row.product.id)
                if known == digest:
                    self.report.unchanged += 1
                    continue
                if known is not None:
                    self._known.add(row.product.id)
                piece.rows.append((row, row.product, digest))
                if len(piece.rows) == PIECE:
                    yield piece
                    piece = _Piece()
            self._tell()
        if piece.rows:
            yield piece

    def _good(self, rows: Sequence[FeedRow]) -> list[FeedRow]:
        good: list[FeedRow] = []
        for row in rows:
            self.seen.add(row.product.id if row.product else row.raw_id)
            if row.problem:
                id = row.product.id if row.product else row.raw_id
                self.report.problems.append(RowProblem(self._name, row.line, id, row.problem))
            if row.product is None:
                self.report.failed += 1
            else:
                good.append(row)
        return good

    def _embed(self, piece: _Piece) -> _Piece:
        """Decode the photos of a piece once, embed what is new, and lay out the batch."""
        encoder = self._making.bulk_encoder()
        side = max(STORED_SIDE, encoder.input_side) if encoder else STORED_SIDE
        batch = piece.batch
        batch.made = self._making.made.dumps()
        batch.image_space = encoder.space if encoder else ""
        fresh: dict[str, Image] = {}
        for row, product, digest in piece.rows:
            photos: list[Photo] = []
            wrong: list[str] = []
            for photo in product.photos:
                try:
                    stored = self._photo(photo, side, batch, fresh)
                except (LookalikeError, OSError) as error:
                    wrong.append(f"photo {photo.source or len(photos) + 1}: {error}")
                else:
                    photos.append(Photo(photo.source, None, stored.id, stored.width, stored.height))
            if wrong:
                piece.problems.append(RowProblem(self._name, row.line, product.id, "; ".join(wrong)))
                if not photos:
                    piece.failed += 1
                    continue
                digest = b""  # so that the next import tries the missing photo again
            entire = replace(product, photos=tuple(photos))
            batch.products.append(Written(entire, digest, words_of(entire), codes_of(entire)))
        if encoder and fresh:
            vectors = encoder.encode_images(list(fresh.values()))
            batch.image_vectors.update(zip(fresh, map(packed, vectors), strict=True))
        self._embed_words(batch)
        return piece

    def _photo(self, photo: Photo, side: int, batch: Batch, fresh: dict[str, Image]) -> StoredPhoto:
        """The stored form of one photo; its picture joins `fresh` if its vector is not known."""
        if photo.id and photo.data is None and not photo.source:
            return self._stored(photo.id)
        data = photo.data if photo.data is not None else _photo_data(photo.source)
        id = photo_id(data)
        known = next((stored for stored in batch.photos if stored.id == id), None)
        if known is None:
            vector = self._database.image_vectors(batch.image_space, [id]).get(id)
            known = self._database.photo(id) if vector is not None else None
            if known is not None and vector is not None:
                batch.image_vectors[id] = vector
            else:
                picture, known = prepare_photo(data, side)
                fresh[id] = picture
            batch.photos.append(known)
        return known

    def _stored(self, id: str) -> StoredPhoto:
        stored = self._database.photo(id)
        if stored is None:
            raise NotFound(f"there is no stored photo {id}: send the photo itself")
        return stored

    def _embed_words(self, batch: Batch) -> None:
        encoder = self._making.text_encoder()
        if encoder is None:
            return
        batch.text_space = encoder.space
        texts = {written.product.id: self._making.words(written.product) for written in batch.products}
        known = self._database.text_vectors(encoder.space, list(texts))
        wanted = {id: text for id, text in texts.items() if known.get(id, ("",))[0] != digest_of(text)}
        if wanted:
            rows = encoder.encode_texts(list(wanted.values()))
            for number, (id, text) in enumerate(wanted.items()):
                batch.text_vectors[id] = (digest_of(text), packed(rows[number]))

    def _write(self, piece: _Piece) -> None:
        if piece.batch.products:
            self._write_batch(piece.batch)
        report = self.report
        for written in piece.batch.products:
            if written.product.id in self._known:
                report.updated += 1
            else:
                report.added += 1
                self._known.add(written.product.id)
        report.photos += len(piece.batch.photos)
        report.failed += piece.failed
        report.problems.extend(piece.problems)
        self._tell()

    def _write_batch(self, batch: Batch) -> None:
        try:
            self._database.write(batch)
        except Conflict:
            # Another process has counted the words anew meanwhile; anything else it changed is for the user.
            made = Made.loads(self._database.settings()[MADE])
            if made.recipe != self._making.recipe or made.image_space != batch.image_space:
                raise
            self._making = self._making.succeeded_by(made)
            batch.made = made.dumps()
            batch.text_vectors.clear()
            self._embed_words(batch)
            self._write_batch(batch)

    def _tell(self) -> None:
        self.report.seconds = time.monotonic() - self._began
        if self._progress:
            self._progress(self.report)


def feed_rows(products: Iterable[Product | FeedRow]) -> Iterator[FeedRow]:
    """Products and feed rows alike as feed rows."""
    for line, item in enumerate(products, 1):
        yield item if isinstance(item, FeedRow) else FeedRow(line, item)


def _chunks(rows: Iterable[FeedRow], size: int, stop: threading.Event) -> Iterator[list[FeedRow]]:
    chunk: list[FeedRow] = []
    for row in rows:
        if stop.is_set():
            return
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _photo_data(source: str) -> bytes:
    return fetch(source, settings().max_image_bytes) if is_url(source) else photo_bytes(Path(source))


def _digest(product: Product) -> bytes:
    """What tells whether a row or one of its photo files has changed since it was imported."""
    facts = [
        product.title,
        product.description,
        dict(product.facets),
        product.price,
        product.currency,
        product.stock,
        product.group,
        product.link,
        [_stamp(photo) for photo in product.photos],
    ]
    return hashlib.blake2b(json.dumps(facts, ensure_ascii=False).encode(), digest_size=16).digest()


def _stamp(photo: Photo) -> str:
    if photo.data is not None:
        return photo_id(photo.data)
    if not photo.source:
        return photo.id
    if is_url(photo.source):
        return photo.source
    try:
        found = os.stat(photo.source)  # noqa: PTH116, half the cost of Path.stat on the path of every row
    except (OSError, ValueError):
        return f"{photo.source} missing"
    return f"{photo.source} {found.st_size} {found.st_mtime_ns}"


def words_of(product: Product) -> str:
    """All the words by which a product may be called, besides its title."""
    return " ".join([product.description, *(spoken(value) for value in product.facets.values())])


def codes_of(product: Product) -> tuple[str, ...]:
    named = {name.casefold(): spoken(value) for name, value in product.facets.items()}
    codes = [product.id, product.group, *(named.get(name, "") for name in CODE_FACETS)]
    return tuple(dict.fromkeys(code.strip().casefold() for code in codes if code.strip()))
