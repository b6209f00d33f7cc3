"""The undo of the last import: what it replaces is noted while it runs, and put back on request."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias, cast

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.database import Batch, Database, JournalEntry, Written
from lookalike.errors import NotFound
from lookalike.text import product_codes, product_words, text_digest
from lookalike.types import LastImport, Photo, Product, UndoReport
from lookalike.vectors.codec import pack_vector

LAST_IMPORT = "last_import"
PIECE = 256

UndoProgress: TypeAlias = Callable[[UndoReport], None]


@dataclass(frozen=True, slots=True)
class _Noted:
    """What the settings say of the last import."""

    feed: str
    time: float
    complete: bool

    def dumps(self) -> str:
        return json.dumps(asdict(self))


class ImportJournal:
    """Notes what one import is about to replace.

    The import before it can be undone until this one changes something.
    """

    def __init__(self, database: Database, feed: str) -> None:
        self._database = database
        self._feed = feed
        self._begun = False

    def note(
        self, before: Mapping[str, Product], digests: Mapping[str, bytes], after: Mapping[str, bytes | None]
    ) -> None:
        """Note products before they are written or removed: what they are, and the digests they will have."""
        self._begin()
        self._database.journal.add(
            [
                JournalEntry(id, _dumps(before[id], digests.get(id, b"")) if id in before else None, digest)
                for id, digest in after.items()
            ],
            [photo.id for product in before.values() for photo in product.photos],
        )

    def note_removal(self, ids: Sequence[str]) -> None:
        """Note products that are about to be removed."""
        for start in range(0, len(ids), PIECE):
            some = ids[start : start + PIECE]
            self.note(self._database.products(some), self._database.digests(some), dict.fromkeys(some))

    def complete(self) -> None:
        """Say that the import is over: another import of the same feed is another one."""
        noted = _noted(self._database)
        if self._begun and noted is not None:
            self._put(_Noted(noted.feed, noted.time, complete=True))

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        last = _noted(self._database)
        # An import that was cut off goes on: both halves are undone together.
        if last is not None and not last.complete and last.feed == self._feed:
            return
        self._database.journal.clear()
        self._put(_Noted(self._feed, time.time(), complete=False))

    def _put(self, noted: _Noted) -> None:
        self._database.put_settings({LAST_IMPORT: noted.dumps()})


def last_import(database: Database) -> LastImport | None:
    """The import that can be undone, if there is one."""
    noted, counts = _noted(database), database.journal.counts()
    if noted is None or not any(counts):
        return None
    return LastImport(noted.feed, noted.time, *counts)


def undo_import(
    database: Database,
    pipeline: EncodingPipeline,
    progress: UndoProgress | None = None,
    stop: threading.Event | None = None,
) -> UndoReport:
    """Put back what the last import replaced. Products that were changed since then stay as they are.

    Raises NotFound if there is nothing to undo. After an interruption or `stop`, the same call goes on.
    """
    last = last_import(database)
    if last is None:
        raise NotFound("There is no import to undo.")
    report = UndoReport(last.feed)
    while entries := database.journal.first(PIECE):
        ids = [entry.product for entry in entries]
        digests = database.digests(ids)
        same = [entry for entry in entries if digests.get(entry.product) == entry.after]
        report.kept += len(entries) - len(same)
        added = [entry.product for entry in same if entry.before is None]
        report.removed += database.remove(added) if added else 0
        replaced = [_loads(entry.product, entry.before) for entry in same if entry.before is not None]
        if replaced:
            database.write(_batch(database, pipeline, replaced))
        report.restored += len(replaced)
        database.journal.drop(ids)
        if progress is not None:
            progress(report)
        if stop is not None and stop.is_set():
            return report
    database.journal.clear()
    database.put_settings({LAST_IMPORT: None})
    return report


def _noted(database: Database) -> _Noted | None:
    stored = database.settings().get(LAST_IMPORT)
    return None if stored is None else _Noted(**json.loads(stored))


def _batch(
    database: Database, pipeline: EncodingPipeline, replaced: Sequence[tuple[Product, bytes]]
) -> Batch:
    """Products as they were; their photos and the vectors of these are still stored."""
    encoding = pipeline.encoding
    batch = Batch(made=encoding.dumps(), image_space=encoding.image_space, text_space=encoding.text_space)
    for product, digest in replaced:
        batch.products.append(Written(product, digest, product_words(product), product_codes(product)))
    texts = {product.id: pipeline.words(product) for product, _ in replaced}
    rows = pipeline.encode_texts(list(texts.values()))
    if rows is not None:
        for number, (id, text) in enumerate(texts.items()):
            batch.text_vectors[id] = (text_digest(text), pack_vector(rows[number]))
    return batch


def _dumps(product: Product, digest: bytes) -> str:
    facts = asdict(product)
    photos = [(photo.source, photo.id, photo.width, photo.height) for photo in product.photos]
    return json.dumps({**facts, "photos": photos, "digest": digest.hex()}, ensure_ascii=False)


def _loads(id: str, text: str) -> tuple[Product, bytes]:
    facts: dict[str, Any] = json.loads(text)
    digest = bytes.fromhex(facts.pop("digest"))
    facts["id"] = id
    facts["photos"] = tuple(Photo(source, None, *rest) for source, *rest in facts["photos"])
    facts["facets"] = {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for name, value in facts["facets"].items()
    }
    return Product(**facts), digest
