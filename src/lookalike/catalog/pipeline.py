"""The encoding pipeline of a catalog: the recipe's encoders, and the vector spaces they fill."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lookalike.catalog.state import EncodingState
from lookalike.catalog.storefront import storefront
from lookalike.database import Database
from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.errors import Conflict
from lookalike.text import facet_text
from lookalike.types import Product, Recipe, Vector
from lookalike.vectors.codec import unpack_vectors
from lookalike.vectors.projection import Learned
from lookalike.vectors.sparse import SparseRows

if TYPE_CHECKING:
    from PIL.Image import Image

FITTED = "tfidf"
REFIT_ABOVE = 0.1
PIECE = 1000
# Enough rows to learn the components of a large catalog, few enough for the memory of a laptop.
LEARN_FROM = 20_000


class EncodingPipeline:
    """Encodes photos and text into the vectors of a recipe."""

    def __init__(self, database: Database, encoding: EncodingState, threads: int = 0) -> None:
        self._database = database
        self._threads = threads
        self._opening = threading.Lock()
        self._image: ImageEncoder | None = None
        self._bulk: ImageEncoder | None = None
        self._text: TextEncoder | None = None
        self._learned: Learned | None = None
        self.encoding = encoding

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.encoding.recipe

    def known_vectors(self, photos: Sequence[str]) -> dict[str, bytes]:
        """The vectors that the catalog has of some photos in the space of this recipe."""
        return self._database.image_vectors(self.encoding.image_space, photos)

    @property
    def photo_side(self) -> int:
        """The size of the photos that are kept to zoom; 0 keeps none."""
        return storefront(self._database).photo_side

    @property
    def fitted(self) -> bool:
        """Whether the text encoder is fitted to the text of the catalog."""
        return self.recipe.text == FITTED

    def succeeded_by(self, encoding: EncodingState) -> EncodingPipeline:
        """The pipeline of another encoding. It shares encoders where they are the same."""
        successor = EncodingPipeline(self._database, encoding, self._threads)
        if encoding.recipe.image == self.recipe.image:
            successor._image = self._image
            successor._bulk = self._bulk
        if encoding.recipe.text == self.recipe.text and (
            not self.fitted or encoding.text_space == self.encoding.text_space
        ):
            successor._text = self._text
        if encoding.learned == self.encoding.learned:
            successor._learned = self._learned
        return successor

    def image_encoder(self) -> ImageEncoder | None:
        """The recipe's image encoder, opened once."""
        with self._opening:
            if self._image is None and self.recipe.image:
                self._image = image_encoder(self.recipe.image, self._threads)
            return self._image

    def bulk_encoder(self) -> ImageEncoder | None:
        """The image encoder for parallel callers, opened once. It uses one thread per call.

        One single-threaded caller per core embeds about twice as fast as one caller with all cores.
        """
        with self._opening:
            if self._bulk is None and self.recipe.image:
                self._bulk = image_encoder(self.recipe.image, 1)
            return self._bulk

    def text_encoder(self) -> TextEncoder | None:
        """The recipe's text encoder, opened once. None if it must be fitted first."""
        with self._opening:
            if self._text is None and self.recipe.text:
                self._text = self._fitted() if self.fitted else text_encoder(self.recipe.text, self._threads)
            return self._text

    def _fitted(self) -> TextEncoder | None:
        data = self._database.fit(self.encoding.text_space) if self.encoding.text_space else None
        if data is None:
            return None
        from lookalike.encoders.text.tfidf import TfIdf

        return TfIdf.loads(data)

    def learned(self) -> Learned | None:
        """The projection learned from the catalog's photos. None for recipes without one."""
        if not self.encoding.learned:
            return None
        with self._opening:
            if self._learned is None:
                data = self._database.fit(self.encoding.learned)
                if data is None:
                    raise Conflict(
                        f"The learned projection {self.encoding.learned} is missing. Import the feed again."
                    )
                self._learned = Learned.loads(data)
            return self._learned

    def words(self, product: Product) -> str:
        """The text of a product that the recipe embeds."""
        said: list[str] = []
        for field in self.recipe.text_fields:
            match field:
                case "title":
                    said.append(product.title)
                case "description":
                    said.append(product.description)
                case "facets":
                    said.extend(facet_text(value) for value in product.facets.values())
                case _:
                    said.append(facet_text(product.facets.get(field, "")))
        return " ".join(word for word in said if word)

    def encode_images(self, images: Sequence[Image]) -> Vector | None:
        """One vector per photo. None if the recipe does not use photos."""
        encoder = self.image_encoder()
        if encoder is None:
            return None
        self._insist_on(encoder.space, self.encoding.image_space)
        return encoder.encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> Vector | SparseRows | None:
        """One vector per text. None if the recipe does not use text or has not been fitted."""
        encoder = self.text_encoder()
        if encoder is None:
            return None
        self._insist_on(encoder.space, self.encoding.text_space)
        return encoder.encode_texts(texts)

    def _insist_on(self, space: str, stored: str) -> None:
        if stored and space != stored:
            raise Conflict(
                f"This catalog was created by an earlier version of '{self.recipe.name}'. Run "
                f"`lookalike switch {self.recipe.name}`, or import again. Until then, search by product."
            )

    def settled(self) -> EncodingState:
        """The encoding, once both encoders are open."""
        image, text = self.bulk_encoder(), self.text_encoder()
        return replace(
            self.encoding,
            image_space=image.space if image else "",
            image_dim=image.dim if image else 0,
            text_space=text.space if text else "",
            text_dim=0 if self.fitted or text is None else text.dim,
        )

    def drifted(self) -> bool:
        """Whether a fitted text encoder should be refitted, because the catalog's text has changed."""
        if not self.fitted:
            return False
        from lookalike.encoders.text.tfidf import TfIdf

        count = self._database.count()
        if abs(count - self.encoding.fitted_on) > REFIT_ABOVE * self.encoding.fitted_on:
            return True
        encoder = self.text_encoder()
        return isinstance(encoder, TfIdf) and encoder.drift(self._some_words()) > REFIT_ABOVE

    def fit(self) -> EncodingState:
        """Fit the text encoder to the current text of the catalog. Nothing is embedded yet."""
        from lookalike.encoders.text.tfidf import TfIdf

        fitted = TfIdf.fit(self.words(product) for product in self._database.all_products())
        self._database.put_fit(fitted.space, fitted.dumps())
        return replace(self.encoding, text_space=fitted.space, text_dim=0, fitted_on=self._database.count())

    def _some_words(self) -> list[str]:
        """The text of a sample of products."""
        ids = list(self._database.ids())
        some = ids[:: -(-len(ids) // PIECE) or 1]
        return [self.words(product) for product in self._database.products(some).values()]

    def outgrown(self) -> bool:
        """Whether components and clusters should be learned again, because the catalog's size has changed."""
        recipe, on = self.recipe, self.encoding.learned_on
        wanted = bool(recipe.image) and bool(recipe.components > 0 or recipe.clusters > 0 or recipe.head)
        return wanted and abs(self._database.count() - on) > REFIT_ABOVE * on

    def learn(self) -> EncodingState:
        """Learn components and clusters from the current photo vectors. Searches do not use them yet."""
        photos = _sampled_photos(self._database, self.recipe.head)
        rows = _rows(self._database, self.encoding.image_space, list(photos))
        if len(rows) < 2:
            return self.encoding
        learned = Learned.fit(np.stack(list(rows.values())), self.recipe, [photos[id] for id in rows])
        self._database.put_fit(learned.space, learned.dumps())
        return replace(
            self.encoding,
            learned=learned.space,
            learned_dim=learned.dim,
            learned_on=self._database.count(),
        )


def _sampled_photos(database: Database, facet: str) -> dict[str, str]:
    """Photos of a catalog, every n-th of a large one, each with its product's value of a facet."""
    photos = {
        photo.id: facet_text(product.facets.get(facet, "")) if facet else ""
        for product in database.all_products()
        for photo in product.photos
    }
    chosen = list(photos)[:: -(-len(photos) // LEARN_FROM) or 1]
    return {id: photos[id] for id in chosen}


def _rows(database: Database, space: str, photos: list[str]) -> dict[str, Vector]:
    found: dict[str, Vector] = {}
    for start in range(0, len(photos), PIECE):
        rows = database.image_vectors(space, photos[start : start + PIECE])
        found |= {id: unpack_vectors(row) for id, row in rows.items()}
    return found
