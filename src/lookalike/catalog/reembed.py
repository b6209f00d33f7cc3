"""Other vectors for a whole catalogue, in the shadow of those that are searched.

The vectors of the new recipe, or of a text encoder that is fitted again, are made from the stored photos
and words, by a crew as in an import, and written to spaces of their own; searches go on with the old ones.
When nothing is missing, one write swaps, unless something was written in between: then what that brought is
embedded first. A rebuild that was cut off goes on where it stopped, because what is there is not made again.
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
    """How far a rebuild is."""

    photos: int = 0
    texts: int = 0
    complete: bool = False


RebuildProgress: TypeAlias = Callable[[RebuildReport], None]


class Reembedder:
    """Brings a catalogue from one making to another."""

    def __init__(
        self,
        database: Database,
        pipeline: EncodingPipeline,
        alongside: Mapping[str, str],
        stop: threading.Event | None = None,
        progress: RebuildProgress | None = None,
        workers: int | str = 0,
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._alongside = alongside
        self._stop = stop or threading.Event()
        self._progress = progress
        self._workers = workers
        self.report = RebuildReport()

    def run(self) -> EncodingState | None:
        """Fill the new spaces and swap to them, setting what goes alongside; None if stopped before."""
        if self._pipeline.drifted():
            self._pipeline = self._pipeline.succeeded_by(self._pipeline.fit())
        encoding = self._pipeline.settled()
        self._pipeline = self._pipeline.succeeded_by(encoding)
        with open_worker_pool(self._workers, self._pipeline) as crew:
            while not self._stop.is_set():
                revision = self._database.revision()
                if self._embed_photos(crew, encoding.image_space) + self._embed_words(
                    crew, encoding.text_space
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

    def _embed_photos(self, crew: WorkerPool, space: str) -> int:
        done = 0
        while self._pipeline.recipe.image and not self._stop.is_set():
            missing = self._database.photos_without(space, _at_once(crew))
            if not missing:
                break
            pieces = (self._database.stored_photos(piece) for piece in _pieces(missing))
            for embedded in self._each(crew, map(_looks, pieces)):
                self._database.put_vectors(Batch(image_space=space, image_vectors=embedded.image_vectors))
                done += len(embedded.image_vectors)
                self.report.photos += len(embedded.image_vectors)
                self._tell()
        return done

    def _embed_words(self, crew: WorkerPool, space: str) -> int:
        done = 0
        while self._pipeline.recipe.text and not self._stop.is_set():
            products = self._database.products(self._database.products_without(space, _at_once(crew)))
            if not products:
                break
            texts = [(id, self._pipeline.words(product)) for id, product in products.items()]
            pieces = _pieces(texts)
            worded = map(self._counted, pieces) if self._pipeline.fitted else self._read(crew, pieces)
            for vectors in worded:
                self._database.put_vectors(Batch(text_space=space, text_vectors=vectors))
                done += len(vectors)
                self.report.texts += len(vectors)
                self._tell()
        return done

    def _counted(self, texts: Texts) -> Vectors:
        """Vectors of words that are counted in the catalogue itself."""
        encoder = self._pipeline.text_encoder()
        assert encoder is not None
        rows = encoder.encode_texts([text for _, text in texts])
        return {id: (text_digest(text), pack_vector(rows[number])) for number, (id, text) in enumerate(texts)}

    def _read(self, crew: WorkerPool, pieces: Iterator[Texts]) -> Iterator[Vectors]:
        """Vectors of words that a network reads."""
        tasks = (Task(tuple(Row(Product(id), text) for id, text in piece)) for piece in pieces)
        for done in self._each(crew, tasks):
            yield done.text_vectors

    def _each(self, crew: WorkerPool, tasks: Iterable[Task]) -> Iterator[Done]:
        """What becomes of tasks, in their order, until nobody waits for it any more."""
        waiting = [crew.submit(task) for task in tasks]
        for future in waiting:
            if self._stop.is_set():
                return
            done = future.result()
            for outcome in done.rows:
                if outcome.product is None:
                    raise DatabaseBroken(
                        f"A photo or text of the catalogue cannot be embedded ({outcome.problem}): "
                        "import its product again, then run the same command."
                    )
            yield done

    def _tell(self) -> None:
        if self._progress:
            self._progress(self.report)


def _at_once(crew: WorkerPool) -> int:
    """How many are looked up at once: enough that nobody waits for long."""
    return PIECE * max(AT_ONCE, FOR_EACH * crew.size)


def _pieces(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[start : start + PIECE] for start in range(0, len(whole), PIECE))


def _looks(stored: Mapping[str, StoredPhoto]) -> Task:
    """The task of embedding photos of the catalogue as it keeps them."""
    return Task(
        tuple(Row(Product(id, photos=(Photo(id=id),))) for id in stored),
        stored={id: (photo.width, photo.height) for id, photo in stored.items()},
        kept={id: photo.data for id, photo in stored.items()},
    )
