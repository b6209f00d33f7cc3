"""How one catalogue is made comparable: its recipe's encoders, and the spaces that they fill."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lookalike.database import Batch, Database
from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.contract import ImageEncoder, SparseRow, SparseRows, TextEncoder
from lookalike.records import Product, Recipe, Vector

if TYPE_CHECKING:
    from PIL.Image import Image

MADE = "made"
MADE_BEFORE = "made_before"
FITTED = "tfidf"
REFIT_ABOVE = 0.1
PIECE = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """What a catalogue is searched by: a recipe and the spaces its vectors lie in."""

    recipe: Recipe
    image_space: str = ""
    image_dim: int = 0
    text_space: str = ""
    text_dim: int = 0
    fitted_on: int = 0

    def dumps(self) -> str:
        """As a setting of the database."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Made:
        """Back from a setting of the database."""
        values: dict[str, Any] = json.loads(text)
        recipe: dict[str, Any] = values.pop("recipe")
        recipe.update({key: tuple(value) for key, value in recipe.items() if isinstance(value, list)})
        return cls(Recipe(**recipe), **values)


class Making:
    """Turns pictures and words into the vectors of one recipe."""

    def __init__(self, database: Database, made: Made, threads: int = 0) -> None:
        self._database = database
        self._threads = threads
        self._opening = threading.Lock()
        self._image: ImageEncoder | None = None
        self._text: TextEncoder | None = None
        self.made = made

    @property
    def recipe(self) -> Recipe:
        """The recipe that is followed."""
        return self.made.recipe

    @property
    def fitted(self) -> bool:
        """Whether the text encoder is learned from the catalogue's own words."""
        return self.recipe.text == FITTED

    def succeeded_by(self, made: Made) -> Making:
        """The making of another state of the catalogue, with the encoders that serve there too."""
        successor = Making(self._database, made, self._threads)
        if made.recipe.image == self.recipe.image:
            successor._image = self._image
        if made.recipe.text == self.recipe.text and (
            not self.fitted or made.text_space == self.made.text_space
        ):
            successor._text = self._text
        return successor

    def image_encoder(self) -> ImageEncoder | None:
        """The recipe's image encoder, opened once."""
        with self._opening:
            if self._image is None and self.recipe.image:
                self._image = image_encoder(self.recipe.image, self._threads)
            return self._image

    def text_encoder(self) -> TextEncoder | None:
        """The recipe's text encoder, opened once; None before a fitted one has been fitted."""
        with self._opening:
            if self._text is None and self.recipe.text:
                self._text = self._fitted() if self.fitted else text_encoder(self.recipe.text, self._threads)
            return self._text

    def _fitted(self) -> TextEncoder | None:
        data = self._database.fit(self.made.text_space) if self.made.text_space else None
        if data is None:
            return None
        from lookalike.encoders.tfidf import TfIdf

        return TfIdf.loads(data)

    def words(self, product: Product) -> str:
        """The words of a product that the recipe reads."""
        said: list[str] = []
        for field in self.recipe.text_fields:
            match field:
                case "title":
                    said.append(product.title)
                case "description":
                    said.append(product.description)
                case "facets":
                    said.extend(spoken(value) for value in product.facets.values())
                case _:
                    said.append(spoken(product.facets.get(field, "")))
        return " ".join(word for word in said if word)

    def encode_images(self, images: Sequence[Image]) -> Vector | None:
        """One row for each picture, None where the recipe does not look at pictures."""
        encoder = self.image_encoder()
        return encoder.encode_images(images) if encoder else None

    def encode_texts(self, texts: Sequence[str]) -> Vector | SparseRows | None:
        """One row for each text, None where the recipe does not read or has not been fitted."""
        encoder = self.text_encoder()
        return encoder.encode_texts(texts) if encoder else None

    def settled(self) -> Made:
        """What is made once both encoders are open and their spaces known."""
        image, text = self.image_encoder(), self.text_encoder()
        made = self.made
        return Made(
            recipe=made.recipe,
            image_space=image.space if image else "",
            image_dim=image.dim if image else 0,
            text_space=text.space if text else "",
            text_dim=0 if self.fitted or text is None else text.dim,
            fitted_on=made.fitted_on,
        )

    def drifted(self) -> bool:
        """Whether a fitted text encoder should be fitted again, because the catalogue has changed size."""
        count = self._database.count()
        return self.fitted and abs(count - self.made.fitted_on) > REFIT_ABOVE * self.made.fitted_on

    def fit(self) -> Made:
        """Fit the text encoder to the catalogue as it is and store all its vectors, not searched by yet."""
        from lookalike.encoders.tfidf import TfIdf

        fitted = TfIdf.fit(self.words(product) for page in _pages(self._database) for product in page)
        self._database.put_fit(fitted.space, fitted.dumps())
        for piece in _pages(self._database):
            texts = [self.words(product) for product in piece]
            rows = fitted.encode_texts(texts)
            vectors = {
                product.id: (digest_of(text), packed(rows[number]))
                for number, (product, text) in enumerate(zip(piece, texts, strict=True))
            }
            self._database.put_vectors(Batch(text_space=fitted.space, text_vectors=vectors))
        made = self.made
        return Made(
            recipe=made.recipe,
            image_space=made.image_space,
            image_dim=made.image_dim,
            text_space=fitted.space,
            fitted_on=self._database.count(),
        )


def spoken(value: object) -> str:
    """A facet's value as words."""
    if isinstance(value, tuple | list):
        return " ".join(str(each) for each in value)
    return "" if isinstance(value, bool) else str(value)


def digest_of(text: str) -> str:
    """Whether words have changed shows in this."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def packed(row: Vector | SparseRow) -> bytes:
    """A vector as the database keeps it."""
    if isinstance(row, SparseRow):
        return row.columns.astype("<i4").tobytes() + row.values.astype("<f4").tobytes()
    return row.astype("<f4").tobytes()


def unpacked_sparse(data: bytes) -> SparseRow:
    """A sparse vector out of the database."""
    half = len(data) // 2
    return SparseRow(np.frombuffer(data[:half], "<i4"), np.frombuffer(data[half:], "<f4"), 0)


def unpacked(data: bytes) -> Vector:
    """A dense vector out of the database."""
    return np.frombuffer(data, "<f4")


def _pages(database: Database) -> Iterator[list[Product]]:
    after = ""
    while page := database.page(after, PIECE):
        yield page
        after = page[-1].id
