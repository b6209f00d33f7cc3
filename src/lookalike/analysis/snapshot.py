"""A snapshot of a catalog: products in the order of their ids, vectors as matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lookalike.catalog.facet_roles import category_facet, colour_facet, shared_facets
from lookalike.text import label
from lookalike.types import Product, Vector
from lookalike.vectors.codec import unpack_sparse, unpack_vectors
from lookalike.vectors.sparse import SparseRow

if TYPE_CHECKING:
    from lookalike.shop import Shop

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Products, one vector per photo, one text vector per product. Missing vectors are zero."""

    products: tuple[Product, ...]
    images: Vector
    owners: Numbers
    photos: tuple[str, ...]
    texts: Vector | None
    sparse: tuple[SparseRow | None, ...]
    revision: int

    @classmethod
    def of(cls, shop: Shop) -> Snapshot:
        """Read all products and vectors."""
        encoding = shop.catalog.pipeline.encoding
        learned = shop.catalog.pipeline.learned()
        products = {product.id: product for product in shop.catalog.all_products()}
        number = {id: place for place, id in enumerate(products)}
        images: dict[int, list[tuple[str, bytes]]] = {}
        texts: dict[int, bytes] = {}
        revision = shop.revision
        for _, changes in shop.catalog.database.changes(0, encoding.image_space, encoding.text_space):
            for change in changes:
                if change.entry is None or change.id not in number:
                    continue
                rows = zip(change.entry.photos, change.entry.images, strict=True)
                images[number[change.id]] = [(photo, row) for photo, row in rows if row is not None]
                if change.entry.text is not None:
                    texts[number[change.id]] = change.entry.text
        dim = encoding.learned_dim or encoding.image_dim
        rows = [unpack_vectors(row) for place in range(len(number)) for _, row in images.get(place, [])]
        matrix = np.stack(rows) if rows else np.zeros((0, encoding.image_dim), np.float32)
        if learned is not None and rows:
            matrix = learned.reduced(matrix)
        dense = None
        if encoding.text_dim:
            dense = np.zeros((len(number), encoding.text_dim), np.float32)
            for place, text in texts.items():
                dense[place] = unpack_vectors(text)
        sparse = tuple(
            unpack_sparse(texts[place]) if not encoding.text_dim and place in texts else None
            for place in range(len(number))
        )
        return cls(
            products=tuple(products.values()),
            images=matrix if rows else np.zeros((0, dim), np.float32),
            owners=np.array([place for place in range(len(number)) for _ in images.get(place, [])], np.int64),
            photos=tuple(photo for place in range(len(number)) for photo, _ in images.get(place, [])),
            texts=dense,
            sparse=sparse,
            revision=revision,
        )

    def __len__(self) -> int:
        return len(self.products)

    @property
    def ids(self) -> list[str]:
        """The ids of the products, in order."""
        return [product.id for product in self.products]

    def looks(self) -> Vector:
        """One unit vector per product: the mean of its photos. Zeros without photos."""
        sums = np.zeros((len(self), self.images.shape[1]), np.float32)
        np.add.at(sums, self.owners, self.images)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.divide(sums, np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def has_photo(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which products have a photo with a vector."""
        found = np.zeros(len(self), np.bool_)
        found[self.owners] = True
        return found

    def first_photos(self) -> list[str]:
        """The id of each product's first photo. Empty without photos."""
        return [next((photo.id for photo in product.photos if photo.id), "") for product in self.products]

    def labels(self, *facets: str) -> np.ndarray[Any, np.dtype[np.str_]]:
        """Each product's value of a facet, or of several combined. Empty if one is missing."""
        values = [[label(product.facets.get(name)) for name in facets] for product in self.products]
        return np.array([" · ".join(each) if all(each) else "" for each in values], np.str_)

    def facets(self) -> list[str]:
        """The facets with values that several products share."""
        return shared_facets(self.products)

    def category(self) -> str:
        """The category facet. Empty if there is none."""
        return category_facet(self.products)

    def colour(self) -> str:
        """The color facet. Empty if there is none."""
        return colour_facet(self.products)
