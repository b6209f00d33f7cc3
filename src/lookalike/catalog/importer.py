"""Imports a feed: reads rows, embeds photos and text on workers, and writes in transactions.

One thread reads rows, skips unchanged ones, and cuts the rest into pieces. Workers run the task of each
piece. The first thread writes the results in the order of the pieces.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lookalike.catalog.import_journal import ImportJournal
from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.catalog.workers import Done, Row, Task, WorkerPool
from lookalike.database import Batch, Database, Written
from lookalike.errors import BadFeed, Conflict
from lookalike.media.fetch import is_url
from lookalike.media.images import StoredPhoto, photo_id
from lookalike.text import nul_field, product_codes, product_words, text_digest
from lookalike.types import FeedRow, ImportReport, Photo, Product, RowProblem
from lookalike.vectors.codec import pack_vector

LOOKED_UP = 256
PIECE = 32
# A feed in which nearly every row fails is probably the wrong file, and would block other imports.
HOPELESS_ROWS = 1_000
HOPELESS_SHARE = 0.9

Progress: TypeAlias = Callable[[ImportReport], None]


@dataclass(slots=True)
class _Piece:
    """A few rows of a feed, and what the catalog has of their photos."""

    rows: list[tuple[FeedRow, Product, bytes]] = field(default_factory=list["tuple[FeedRow, Product, bytes]"])
    updates: set[str] = field(default_factory=set[str])
    stored: dict[str, StoredPhoto] = field(default_factory=dict[str, StoredPhoto])
    vectors: dict[str, bytes] = field(default_factory=dict[str, bytes])


class Importer:
    """Imports one feed into one catalog."""

    def __init__(
        self,
        database: Database,
        pipeline: EncodingPipeline,
        pool: WorkerPool,
        name: str,
        stop: threading.Event | None,
        progress: Progress | None,
        journal: ImportJournal | None = None,
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._pool = pool
        self._name = name
        self._stop = stop or threading.Event()
        self._progress = progress
        self._journal = journal
        self._began = time.monotonic()
        self._known: set[str] = set()
        self.seen: set[str] = set()
        self.broken_off = False
        self.report = ImportReport()

    def run(self, rows: Iterable[FeedRow]) -> ImportReport:
        """Import every row, unless stopped. Written rows are complete; another run continues from there."""
        return self._carry_out(self._pieces(rows))

    def rewrite(self, products: Sequence[Product]) -> ImportReport:
        """Write products of the catalog that have changed; each keeps the digest of its feed row.

        So a feed that still has the old row does not undo the change.
        """
        return self._carry_out(self._rewritten(products))

    def _rewritten(self, products: Sequence[Product]) -> Iterator[_Piece]:
        for start in range(0, len(products), PIECE):
            some = products[start : start + PIECE]
            ids = {product.id for product in some}
            digests = self._database.digests(list(ids))
            self._known |= ids
            rows = [(FeedRow(0, product), product, digests.get(product.id, b"")) for product in some]
            yield _Piece(rows, ids)

    def _carry_out(self, pieces: Iterable[_Piece]) -> ImportReport:
        waiting: deque[tuple[_Piece, Future[Done]]] = deque()
        for piece in pieces:
            waiting.append((piece, self._pool.submit(self._task(piece))))
            while len(waiting) > 2 * self._pool.size or (waiting and waiting[0][1].done()):
                self._write(*waiting.popleft())
        while waiting:
            self._write(*waiting.popleft())
        self.report.interrupted = self._stop.is_set()
        self._tell()
        if self._hopeless():
            reason = self.report.problems[-1].reason if self.report.problems else ""
            raise BadFeed(
                f"{self.report.failed:,} of {self.report.seen:,} rows failed, so the import was stopped. "
                f"What was imported before is kept. The last reason: {reason}"
            )
        return self.report

    def _pieces(self, rows: Iterable[FeedRow]) -> Iterator[_Piece]:
        """New and changed rows, a few at a time."""
        piece = _Piece()
        for looked_up in _chunks(rows, LOOKED_UP, self._stop):
            if self._hopeless():
                break
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
                    piece.updates.add(row.product.id)
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
            self.broken_off |= row.last
            if row.problem:
                id = row.product.id if row.product else row.raw_id
                self.report.problems.append(RowProblem(self._name, row.line, id, row.problem))
            if row.product is None:
                self.report.failed += 1
            elif field := nul_field(row.product):
                reason = f"The field '{field}' contains a NUL character. Remove it."
                self.report.problems.append(RowProblem(self._name, row.line, row.product.id, reason))
                self.report.failed += 1
            else:
                good.append(row)
        return good

    def _hopeless(self) -> bool:
        failed, seen = self.report.failed, self.report.seen
        return failed >= HOPELESS_ROWS and failed > HOPELESS_SHARE * seen

    def _task(self, piece: _Piece) -> Task:
        """The task of a piece. Photos and text that have vectors are not embedded again."""
        updates = list(piece.updates)
        shown = self._database.products(updates).values() if updates else ()
        held = {photo.id: photo for product in shown for photo in product.photos}
        products = [_with_known_photos(product, held.values()) for _, product, _ in piece.rows]
        wanted = held.keys() | {photo.id for product in products for photo in product.photos if photo.id}
        piece.stored = self._database.stored_photos(list(wanted)) if wanted else {}
        space = self._pipeline.encoding.image_space
        # A damaged photo is read from its source again.
        piece.vectors = self._database.image_vectors(space, list(piece.stored)) if piece.stored else {}
        return Task(
            tuple(map(Row, products, self._words(piece, updates))),
            {id: (photo.width, photo.height) for id, photo in piece.stored.items()},
            frozenset(piece.vectors),
            kept={id: photo.data for id, photo in piece.stored.items() if id not in piece.vectors},
        )

    def _words(self, piece: _Piece, updates: list[str]) -> list[str | None]:
        """The text of each row, None where it needs no vector or is not embedded by workers."""
        if self._pipeline.fitted or not self._pipeline.recipe.text:
            return [None] * len(piece.rows)
        known = self._database.text_vectors(self._pipeline.encoding.text_space, updates) if updates else {}
        words = [self._pipeline.words(product) for _, product, _ in piece.rows]
        return [
            text if known.get(product.id, ("",))[0] != text_digest(text) else None
            for text, (_, product, _) in zip(words, piece.rows, strict=True)
        ]

    def _write(self, piece: _Piece, future: Future[Done]) -> None:
        """Write a piece."""
        done, encoding, report = future.result(), self._pipeline.encoding, self.report
        batch = Batch(
            photos=done.photos,
            made=encoding.dumps(),
            image_space=encoding.image_space,
            image_vectors=done.image_vectors,
            text_space=encoding.text_space,
            text_vectors=done.text_vectors,
        )
        for (row, product, digest), outcome in zip(piece.rows, done.rows, strict=True):
            if outcome.problem:
                report.problems.append(RowProblem(self._name, row.line, product.id, outcome.problem))
            if outcome.product is None:
                report.failed += 1
                continue
            # Without a digest, the next import tries the missing photo again.
            digest = b"" if outcome.problem else digest
            entire = outcome.product
            batch.products.append(Written(entire, digest, product_words(entire), product_codes(entire)))
            self._keep(entire.photos, piece, batch)
        if batch.products:
            self._count_words(batch)
            if self._journal is not None:
                self._note(self._journal, batch)
            self._write_batch(batch)
        for written in batch.products:
            if written.product.id in self._known:
                report.updated += 1
            else:
                report.added += 1
                self._known.add(written.product.id)
        report.photos += len(batch.photos)
        self._tell()

    def _note(self, journal: ImportJournal, batch: Batch) -> None:
        """Note what a batch replaces, so that the import can be undone."""
        digests = {written.product.id: written.digest for written in batch.products}
        updates = [id for id in digests if id in self._known]
        before = self._database.products(updates) if updates else {}
        journal.note(before, self._database.digests(updates) if updates else {}, digests)

    def _keep(self, photos: Iterable[Photo], piece: _Piece, batch: Batch) -> None:
        """Also write photos that the catalog had: another process may have deleted them meanwhile."""
        for photo in photos:
            if photo.id in piece.vectors and photo.id not in batch.image_vectors:
                batch.photos.append(piece.stored[photo.id])
                batch.image_vectors[photo.id] = piece.vectors[photo.id]

    def _count_words(self, batch: Batch) -> None:
        """Vectors of the text encoder fitted to this catalog."""
        encoder = self._pipeline.text_encoder() if self._pipeline.fitted else None
        if encoder is None:
            return
        batch.text_space = encoder.space
        texts = {written.product.id: self._pipeline.words(written.product) for written in batch.products}
        known = self._database.text_vectors(encoder.space, list(texts))
        wanted = {id: text for id, text in texts.items() if known.get(id, ("",))[0] != text_digest(text)}
        if wanted:
            rows = encoder.encode_texts(list(wanted.values()))
            for number, (id, text) in enumerate(wanted.items()):
                batch.text_vectors[id] = (text_digest(text), pack_vector(rows[number]))

    def _write_batch(self, batch: Batch) -> None:
        try:
            self._database.write(batch)
        except Conflict:
            # Another process has refitted the text encoder. Any other conflict is for the caller.
            encoding = EncodingState.loads(self._database.settings()[ENCODING_STATE])
            if encoding.recipe != self._pipeline.recipe or encoding.image_space != batch.image_space:
                raise
            self._pipeline = self._pipeline.succeeded_by(encoding)
            batch.made = encoding.dumps()
            if self._pipeline.fitted:
                batch.text_vectors.clear()
                self._count_words(batch)
            self._write_batch(batch)

    def _tell(self) -> None:
        self.report.seconds = time.monotonic() - self._began
        if self._progress:
            self._progress(self.report)


def feed_rows(products: Iterable[Product | FeedRow]) -> Iterator[FeedRow]:
    """Products and feed rows as feed rows."""
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


def _with_known_photos(product: Product, held: Iterable[Photo]) -> Product:
    """The product, with stored photos in place of those of the same URL, which are not fetched again."""
    known = {photo.source: photo for photo in held if is_url(photo.source)}
    photos = tuple(
        known.get(photo.source, photo) if photo.data is None and not photo.id else photo
        for photo in product.photos
    )
    return replace(product, photos=photos) if photos != product.photos else product


def _digest(product: Product) -> bytes:
    """A digest that changes when the row or one of its photo files changes."""
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
    # Products without this field keep the digest of earlier versions.
    if product.former_price is not None:
        facts.append(product.former_price)
    return hashlib.blake2b(json.dumps(facts, ensure_ascii=False).encode(), digest_size=16).digest()


def _stamp(photo: Photo) -> str:
    if photo.data is not None:
        return photo_id(photo.data)
    if not photo.source:
        return photo.id
    if is_url(photo.source):
        return photo.source
    try:
        found = os.stat(photo.source)  # noqa: PTH116, half the cost of Path.stat, for every row
    except (OSError, ValueError):
        return f"{photo.source} missing"
    return f"{photo.source} {found.st_size} {found.st_mtime_ns}"
