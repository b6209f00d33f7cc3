"""A catalog of made-up products whose vectors are ready, written through the database itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from lookalike.catalog.state import ENCODING_STATE, IDENTITY, EncodingState, new_identity
from lookalike.database import Batch, Written, open_database
from lookalike.media.images import StoredPhoto
from lookalike.types import Photo, Product, Recipe
from lookalike.vectors.codec import pack_vector

Rows = np.ndarray[Any, np.dtype[np.float32]]

SPACE = "ready"
PIECE = 2000
COLOURS = ("Black", "White", "Blue", "Red", "Green", "Grey", "Brown", "Pink", "Beige", "Yellow")
KINDS = ("Shirt", "Dress", "Jeans", "Sneakers", "Watch", "Handbag", "Sweater", "Skirt")
GENDERS = ("Men", "Women", "Unisex")
MAKERS = ("Fernhollow", "Saltmere", "Quillmark", "Brackenby", "Odeline", "Tarnwick")


def unit_rows(count: int, dim: int, seed: int) -> Rows:
    """Directions that are spread evenly."""
    rows = np.random.default_rng(seed).standard_normal((count, dim), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ready_shop(
    path: Path, count: int, dim: int, made: Callable[[int, int, int], Rows] = unit_rows
) -> tuple[Rows, list[Product]]:
    """Write the catalog; returns its vectors and its products, row by row."""
    rows = made(count, dim, 1)
    encoding = EncodingState(
        Recipe("ready", "Vectors that were made elsewhere"), image_space=SPACE, image_dim=dim
    ).dumps()
    database = open_database(str(path))
    database.put_settings({ENCODING_STATE: encoding, IDENTITY: new_identity()})
    dice = Random(1)
    products = [_product(number, dice) for number in range(count)]
    for start in range(0, count, PIECE):
        batch = Batch(made=encoding, image_space=SPACE)
        for number in range(start, min(start + PIECE, count)):
            product = products[number]
            photo = product.photos[0].id
            batch.photos.append(StoredPhoto(photo, b"\xff\xd8", "image/jpeg", 320, 320))
            batch.image_vectors[photo] = pack_vector(rows[number])
            batch.products.append(Written(product, b"ready"))
        database.write(batch)
    database.close()
    return rows, products


def _product(number: int, dice: Random) -> Product:
    colour, kind, gender, maker = (dice.choice(each) for each in (COLOURS, KINDS, GENDERS, MAKERS))
    return Product(
        id=f"{number:06}",
        title=f"{maker} {gender} {colour} {kind}",
        facets={"colour": colour, "type": kind, "gender": gender, "brand": maker},
        price=round(dice.uniform(10, 200), 2),
        currency="EUR",
        stock=dice.randint(0, 20),
        photos=(Photo(id=f"photo-{number}", width=320, height=320),),
    )
