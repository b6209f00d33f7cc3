"""Runs a task: fetches, decodes, resizes and embeds photos, and embeds text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.workers.task import Done, Outcome, Task
from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.errors import Conflict, LookalikeError, NotFound
from lookalike.media.fetch import fetch, is_url
from lookalike.media.images import (
    STORED_SIDE,
    large_photo,
    photo_bytes,
    photo_id,
    prepare_photo,
    read_image,
)
from lookalike.settings import settings
from lookalike.text import text_digest
from lookalike.types import Photo, Product
from lookalike.vectors.codec import pack_vector

if TYPE_CHECKING:
    from PIL.Image import Image

KnownVectors: TypeAlias = Callable[[Sequence[str]], Mapping[str, bytes]]
# The rules for accepting photos, which must be the same on every worker.
LIMITS = ("max_image_bytes", "max_image_pixels", "fetch_timeout", "fetch_private", "fetch_proxy")


@dataclass(frozen=True, slots=True)
class EncoderSpecs:
    """What an embedder on another machine needs to return the same vectors."""

    image: str
    image_space: str
    text: str
    text_space: str
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    photo_side: int = 0

    @classmethod
    def of(cls, pipeline: EncodingPipeline) -> Self:
        """The encoders of a catalog. Text encoders fitted to the catalog run in the importing process."""
        text = "" if pipeline.fitted else pipeline.recipe.text
        return cls(
            pipeline.recipe.image,
            pipeline.encoding.image_space,
            text,
            pipeline.encoding.text_space if text else "",
            {name: getattr(settings(), name) for name in LIMITS},
            pipeline.photo_side,
        )


class Embedder:
    """Does tasks with two encoders; several threads may share one.

    `known` gives the vectors that the catalog has already of some photos, where it can be asked.
    `photo_side` is the size of the photos that are kept to zoom; 0 keeps none.
    """

    def __init__(
        self,
        image: ImageEncoder | None,
        text: TextEncoder | None,
        known: KnownVectors = lambda ids: {},
        photo_side: int = 0,
    ) -> None:
        self._known = known
        self._photo_side = photo_side
        self._image = image
        self._text = text
        self._side = image.input_side if image else STORED_SIDE

    @classmethod
    def of(cls, pipeline: EncodingPipeline) -> Self:
        """The embedder of a catalog that is open in this process."""
        text = None if pipeline.fitted else pipeline.text_encoder()
        return cls(pipeline.bulk_encoder(), text, pipeline.known_vectors, pipeline.photo_side)

    @classmethod
    def from_specs(cls, specs: EncoderSpecs) -> Self:
        """An embedder on another machine, with the limits of the importing process."""
        for name, value in specs.limits.items():
            setattr(settings(), name, value)
        image = image_encoder(specs.image, 1) if specs.image else None
        text = text_encoder(specs.text, 1) if specs.text else None
        for encoder, space in ((image, specs.image_space), (text, specs.text_space)):
            if encoder and encoder.space != space:
                raise Conflict(
                    f"A worker has another {encoder.name} ({encoder.space}) than this machine ({space}). "
                    "Install the same model file and version on every machine."
                )
        return cls(image, text, photo_side=specs.photo_side)

    def do(self, task: Task) -> Done:
        """Run a task. Each photo is decoded once; only new ones are embedded."""
        done = Done()
        fresh: dict[str, Image] = {}
        for row in task.rows:
            done.rows.append(self._outcome(row.product, task, done, fresh))
        if self._image and fresh:
            done.image_vectors.update(self._known(list(fresh)))
            missing = {id: picture for id, picture in fresh.items() if id not in done.image_vectors}
            vectors = self._image.encode_images(list(missing.values())) if missing else ()
            done.image_vectors.update(zip(missing, map(pack_vector, vectors), strict=True))
        outcomes = zip(task.rows, done.rows, strict=True)
        words = {
            row.product.id: row.words
            for row, outcome in outcomes
            if outcome.product and row.words is not None
        }
        if self._text and words:
            rows = self._text.encode_texts(list(words.values()))
            for number, (id, text) in enumerate(words.items()):
                done.text_vectors[id] = (text_digest(text), pack_vector(rows[number]))
        return done

    def close(self) -> None:
        """Nothing to release: the embedder belongs to this process."""

    def _outcome(self, product: Product, task: Task, done: Done, fresh: dict[str, Image]) -> Outcome:
        photos: list[Photo] = []
        wrong: list[str] = []
        for photo in product.photos:
            try:
                photos.append(self._photo(photo, task, done, fresh))
            except (LookalikeError, OSError) as error:
                wrong.append(f"photo {photo.source or len(photos) + 1}: {error}")
        if wrong and not photos:
            return Outcome(None, "; ".join(wrong))
        return Outcome(replace(product, photos=tuple(photos)), "; ".join(wrong))

    def _photo(self, photo: Photo, task: Task, done: Done, fresh: dict[str, Image]) -> Photo:
        """A photo by its id; its picture joins `fresh` if its vector is not known."""
        if photo.id and photo.data is None:
            if photo.id in task.kept:
                fresh[photo.id] = read_image(task.kept[photo.id], self._side)
            if photo.id in task.stored:
                return Photo(photo.source, None, photo.id, *task.stored[photo.id])
            if not photo.source:
                raise NotFound(f"there is no stored photo {photo.id}: send the photo itself")
        data = _data(photo, task)
        id = photo_id(data)
        if id in task.embedded:
            return Photo(photo.source, None, id, *task.stored[id])
        known = next((stored for stored in done.photos if stored.id == id), None)
        if known is None:
            fresh[id], known = prepare_photo(data, self._side)
            if self._photo_side:
                known = replace(known, large=large_photo(data, self._photo_side))
            done.photos.append(known)
        return Photo(photo.source, None, id, known.width, known.height)


def _data(photo: Photo, task: Task) -> bytes:
    if photo.data is not None:
        return photo.data
    read = task.files.get(photo.source)
    if isinstance(read, LookalikeError):
        raise read
    if read is not None:
        return read
    if is_url(photo.source):
        return fetch(photo.source, settings().max_image_bytes)
    return photo_bytes(Path(photo.source))
