"""Other vectors for a whole catalogue, in the shadow of those that are searched.

The vectors of the new recipe, or of a text encoder that is fitted again, are made from the stored photos
and words and written to spaces of their own; searches go on with the old ones. When nothing is missing, one
write swaps, unless something was written in between: then what that brought is embedded first. A rebuild
that was cut off goes on where it stopped, because what is there is not made again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from lookalike.database import Batch, Database
from lookalike.images import STORED_SIDE, read_image
from lookalike.making import MADE, Made, Making, digest_of, packed
from lookalike.settings import settings

PIECE = 64
AT_ONCE = 8


@dataclass(slots=True)
class RebuildReport:
    """How far a rebuild is."""

    photos: int = 0
    texts: int = 0
    complete: bool = False


RebuildProgress: TypeAlias = Callable[[RebuildReport], None]


class Rebuild:
    """Brings a catalogue from one making to another."""

    def __init__(
        self,
        database: Database,
        making: Making,
        alongside: Mapping[str, str],
        stop: threading.Event | None = None,
        progress: RebuildProgress | None = None,
    ) -> None:
        self._database = database
        self._making = making
        self._alongside = alongside
        self._stop = stop or threading.Event()
        self._progress = progress
        self.report = RebuildReport()

    def run(self) -> Made | None:
        """Fill the new spaces and swap to them, setting what goes alongside; None if stopped before."""
        if self._making.drifted():
            self._making = self._making.succeeded_by(self._making.fit())
        made = self._making.settled()
        while not self._stop.is_set():
            revision = self._database.revision()
            if self._embed_photos(made.image_space) + self._embed_words(made.text_space):
                continue
            self._making = self._making.succeeded_by(made)
            if self._making.outgrown():
                made = self._making.learn()
            swapped = {**self._alongside, MADE: made.dumps()}
            if not self._stop.is_set() and self._database.put_settings(swapped, at=revision) is not None:
                self.report.complete = True
                return made
        return None

    def _embed_photos(self, space: str) -> int:
        encoder = self._making.bulk_encoder()
        done = 0
        if encoder is None:
            return done
        workers = settings().threads or os.cpu_count() or 1
        with ThreadPoolExecutor(workers, "rebuild") as pool:
            while not self._stop.is_set():
                missing = self._database.photos_without(space, PIECE * AT_ONCE)
                if not missing:
                    break
                pieces = [missing[start : start + PIECE] for start in range(0, len(missing), PIECE)]
                for embedded in pool.map(self._embed_piece, pieces):
                    self._database.put_vectors(Batch(image_space=space, image_vectors=embedded))
                    done += len(embedded)
                    self.report.photos += len(embedded)
                    self._tell()
        return done

    def _embed_piece(self, ids: list[str]) -> dict[str, bytes]:
        encoder = self._making.bulk_encoder()
        stored = self._database.stored_photos(ids)
        if encoder is None or not stored:
            return {}
        pictures = [read_image(photo.data, max(STORED_SIDE, encoder.input_side)) for photo in stored.values()]
        return dict(zip(stored, map(packed, encoder.encode_images(pictures)), strict=True))

    def _embed_words(self, space: str) -> int:
        encoder = self._making.text_encoder()
        done = 0
        while encoder is not None and not self._stop.is_set():
            missing = self._database.products_without(space, PIECE * AT_ONCE)
            products = self._database.products(missing)
            if not products:
                break
            texts = {id: self._making.words(product) for id, product in products.items()}
            encoded = encoder.encode_texts(list(texts.values()))
            vectors = {
                id: (digest_of(text), packed(encoded[number]))
                for number, (id, text) in enumerate(texts.items())
            }
            self._database.put_vectors(Batch(text_space=space, text_vectors=vectors))
            done += len(vectors)
            self.report.texts += len(vectors)
            self._tell()
        return done

    def _tell(self) -> None:
        if self._progress:
            self._progress(self.report)
