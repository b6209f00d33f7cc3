"""Another encoder for a whole catalogue, in the shadow of the one that is searched.

The vectors of the new recipe are made from the stored photos and words and written to their own spaces;
searches go on with the old ones. When nothing is missing, one write swaps to the new recipe, unless
something was written in between: then what that brought is embedded first. A rebuild that was cut off
goes on where it stopped, because what is there is not made again. The recipe before stays for one undo.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from lookalike.database import Batch, Database
from lookalike.images import STORED_SIDE, read_image
from lookalike.making import MADE, MADE_BEFORE, Made, Making, digest_of, packed
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
        stop: threading.Event | None,
        progress: RebuildProgress | None,
    ) -> None:
        self._database = database
        self._making = making
        self._stop = stop or threading.Event()
        self._progress = progress
        self.report = RebuildReport()

    def run(self) -> Made | None:
        """Fill the new spaces and swap to them; None if it was stopped before."""
        making = self._making
        made = making.made
        if making.fitted and not made.text_space:
            made = making.fit()
            making = self._making = making.succeeded_by(made)
        made = making.settled()
        while not self._stop.is_set():
            revision = self._database.revision()
            if self._embed_photos(made.image_space) + self._embed_words(made.text_space):
                continue
            making = making.succeeded_by(made)
            made = making.learn() if making.outgrown() else made
            before = self._database.settings().get(MADE)
            swapped = {MADE: made.dumps(), MADE_BEFORE: before}
            if not self._stop.is_set() and self._database.put_settings(swapped, at=revision) is not None:
                self.report.complete = True
                return made
        return None

    def _embed_photos(self, space: str) -> int:
        encoder = self._making.image_encoder()
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
        encoder = self._making.image_encoder()
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
