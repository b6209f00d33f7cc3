"""Re-embeds a whole catalog while searches use the current vectors.

A worker pool embeds the stored photos and text for the new recipe, or for a refitted text encoder, into new
vector spaces. When nothing is missing, one write switches to them. If the catalog was written meanwhile, what
is new is embedded first. An interrupted rebuild continues where it stopped: existing vectors are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.catalog.workers import Done, Row, Task, WorkerPool, open_worker_pool
from lookalike.database import Batch, Database
from lookalike.errors import DatabaseBroken
from lookalike.media.images import StoredPhoto
from lookalike.text import text_digest
from lookalike.types import Photo, Product
from lookalike.vectors.codec import pack_vector

PIECE = 64
AT_ONCE = 8
FOR_EACH = 4

T = TypeVar("T")
Texts: TypeAlias = Sequence[tuple[str, str]]
Vectors: TypeAlias = dict[str, tuple[str, bytes]]


@dataclass(slots=True)
class RebuildReport:
    """Progress of a rebuild."""

    photos: int = 0
    texts: int = 0
    complete: bool = False


RebuildProgress: TypeAlias = Callable[[RebuildReport], None]


class Reembedder:
    """Re-embeds a catalog for another encoding."""

    def __init__(
        self,
        database: Database,
        pipeline: EncodingPipeline,
        alongside: Mapping[str, str],
        stop: threading.Event | None = None,
        progress: RebuildProgress | None = None,
        workers: str = "",
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._alongside = alongside
        self._stop = stop or threading.Event()
        self._progress = progress
        self._workers = workers
        self.report = RebuildReport()

    def run(self) -> EncodingState | None:
        """Fill the new spaces and switch to them and to the given settings. None if stopped before that."""
        if self._pipeline.drifted():
            self._pipeline = self._pipeline.succeeded_by(self._pipeline.fit())
        encoding = self._pipeline.settled()
        self._pipeline = self._pipeline.succeeded_by(encoding)
        with open_worker_pool(self._workers, self._pipeline) as pool:
            while not self._stop.is_set():
                revision = self._database.revision()
                if self._embed_photos(pool, encoding.image_space) + self._embed_words(
                    pool, encoding.text_space
                ):
                    continue
                self._pipeline = self._pipeline.succeeded_by(encoding)
                if self._pipeline.outgrown():
                    encoding = self._pipeline.learn()
                swapped = {**self._alongside, ENCODING_STATE: encoding.dumps()}
                if not self._stop.is_set() and self._database.put_settings(swapped, at=revision) is not None:
                    self.report.complete = True
                    return encoding
        return None

    def _embed_photos(self, pool: WorkerPool, space: str) -> int:
        done = 0
        while self._pipeline.recipe.image and not self._stop.is_set():
            missing = self._database.photos_without(space, _at_once(pool))
            if not missing:
                break
            pieces = (self._database.stored_photos(piece) for piece in _pieces(missing))
            for embedded in self._each(pool, map(_looks, pieces)):
                self._database.put_vectors(Batch(image_space=space, image_vectors=embedded.image_vectors))
                done += len(embedded.image_vectors)
                self.report.photos += len(embedded.image_vectors)
                self._tell()
        return done

    def _embed_words(self, pool: WorkerPool, space: str) -> int:
        done = 0
        while self._pipeline.recipe.text and not self._stop.is_set():
            products = self._database.products(self._database.products_without(space, _at_once(pool)))
            if not products:
                break
            texts = [(id, self._pipeline.words(product)) for id, product in products.items()]
            pieces = _pieces(texts)
            worded = map(self._counted, pieces) if self._pipeline.fitted else self._read(pool, pieces)
            for vectors in worded:
                self._database.put_vectors(Batch(text_space=space, text_vectors=vectors))
                done += len(vectors)
                self.report.texts += len(vectors)
                self._tell()
        return done

    def _counted(self, texts: Texts) -> Vectors:
        """Vectors of a text encoder that is fitted to the catalog."""
        encoder = self._pipeline.text_encoder()
        assert encoder is not None
        rows = encoder.encode_texts([text for _, text in texts])
        return {id: (text_digest(text), pack_vector(rows[number])) for number, (id, text) in enumerate(texts)}

    def _read(self, pool: WorkerPool, pieces: Iterator[Texts]) -> Iterator[Vectors]:
        """Vectors of a pretrained text encoder."""
        tasks = (Task(tuple(Row(Product(id), text) for id, text in piece)) for piece in pieces)
        for done in self._each(pool, tasks):
            yield done.text_vectors

    def _each(self, pool: WorkerPool, tasks: Iterable[Task]) -> Iterator[Done]:
        """Results of tasks, in order."""
        waiting = [pool.submit(task) for task in tasks]
        for future in waiting:
            if self._stop.is_set():
                return
            done = future.result()
            for outcome in done.rows:
                if outcome.product is None:
                    raise DatabaseBroken(
                        f"A photo or text of the catalog cannot be embedded ({outcome.problem}). "
                        "Import its product again, then run the same command."
                    )
            yield done

    def _tell(self) -> None:
        if self._progress:
            self._progress(self.report)


def _at_once(pool: WorkerPool) -> int:
    """Batch size of lookups: large enough to keep the workers busy."""
    return PIECE * max(AT_ONCE, FOR_EACH * pool.size)


def _pieces(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[start : start + PIECE] for start in range(0, len(whole), PIECE))


def _looks(stored: Mapping[str, StoredPhoto]) -> Task:
    """The task of embedding stored photos."""
    return Task(
        tuple(Row(Product(id, photos=(Photo(id=id),))) for id in stored),
        stored={id: (photo.width, photo.height) for id, photo in stored.items()},
        kept={id: photo.data for id, photo in stored.items()},
    )
