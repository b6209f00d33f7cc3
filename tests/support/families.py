"""Products in families by drawn vectors, as many as an index by cells wants, without a network or photos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lookalike import Photo, Product, Recipe
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.database import Batch, Database, Written
from lookalike.index import LEAST
from lookalike.media.images import StoredPhoto
from lookalike.text import product_words
from lookalike.vectors.codec import pack_vector
from support.nearest import unit

DIM = 24
COUNT = LEAST
FAMILIES = 60
PIECE = 1000
RECIPE = Recipe("drawn", "vectors that were drawn", image="pixels", image_weight=0.6)
MADE_OF = EncodingState(
    RECIPE, image_space="drawn looks", image_dim=DIM, text_space="drawn words", text_dim=DIM
)

Rows = np.ndarray[Any, Any]


def near(family: Rows | int, dice: np.random.Generator, count: int) -> Rows:
    """Looks beside words of some families, of unit length each."""
    centres = np.random.default_rng(99).standard_normal((FAMILIES, 2 * DIM))
    rows = centres[family] + 0.6 * dice.standard_normal((count, 2 * DIM))
    return np.concatenate([unit(rows[:, :DIM]), unit(rows[:, DIM:])], axis=1)


def fill(database: Database) -> None:
    """Write the products: one look each, words for most, some of them in groups."""
    for batch in batches():
        database.write(batch)
    database.put_settings({ENCODING_STATE: MADE_OF.dumps()})


def batches() -> Iterator[Batch]:
    """The same products each time, some at once."""
    dice = np.random.default_rng(5)
    for start in range(0, COUNT, PIECE):
        batch = Batch(image_space=MADE_OF.image_space, text_space=MADE_OF.text_space)
        families = dice.integers(FAMILIES, size=PIECE)
        for number, row in enumerate(near(families, dice, PIECE), start):
            id = f"p{number:05}"
            batch.photos.append(StoredPhoto(id, b"\xff\xd8", "image/jpeg", 9, 9))
            batch.image_vectors[id] = pack_vector(row[:DIM])
            if number % 7:
                batch.text_vectors[id] = ("drawn", pack_vector(row[DIM:]))
            product = Product(
                id,
                f"Thing {number}",
                facets={"family": f"f{families[number - start]}", "tenth": f"t{number % 10}"},
                price=float(number % 100),
                group=f"g{number // 3}" if number % 5 == 0 else "",
                photos=(Photo(id=id, width=9, height=9),),
            )
            batch.products.append(Written(product, b"drawn", product_words(product)))
        yield batch


def questions(count: int) -> Rows:
    """Vectors to search by, near to some families."""
    dice = np.random.default_rng(9)
    return near(dice.integers(FAMILIES, size=count), dice, count)
