"""Clothes among thousands of other products, and what shoppers type for them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lookalike import Photo, Product
from lookalike.database import Batch, Database, Written
from lookalike.media.images import StoredPhoto
from lookalike.text import product_words
from lookalike.vectors.codec import pack_vector
from support import families

# What is typed, and the products that are meant: they come first, in any order.
MEANT: Mapping[str, frozenset[str]] = {
    "nikee shoes": frozenset(("nike-run", "nike-court")),
    "pum": frozenset(("puma-bag", "puma-shoes")),
    "navvy blue shrit": frozenset(("navy-shirt",)),
    "sunglases": frozenset(("sunglasses-round", "sunglasses-sport")),
    "blue shirt under 1000": frozenset(("navy-shirt", "blue-shirt")),
    "womens handbag": frozenset(("handbag-tan",)),
    "hand bag": frozenset(("handbag-tan", "handbag-men")),
}


def clothes() -> list[Product]:
    """A wardrobe in which each product but one has neighbors that resemble it in words."""
    rows = [
        ("nike-run", "Nike Men Air running shoes", "Nike", "Shoes", 3495.0),
        ("nike-court", "Nike Women court shoes", "Nike", "Shoes", 2995.0),
        ("converse", "Converse Unisex canvas shoes", "Converse", "Shoes", 1899.0),
        ("puma-bag", "Puma Unisex black backpack", "Puma", "Bags", 1299.0),
        ("puma-shoes", "Puma Men sports trainers", "Puma", "Shoes", 2499.0),
        ("navy-shirt", "Arrow Men navy blue shirt", "Arrow", "Shirts", 899.0),
        ("blue-shirt", "Basics Men light blue shirt", "Basics", "Shirts", 649.0),
        ("blue-shirt-fine", "Arrow Men fine blue shirt", "Arrow", "Shirts", 1599.0),
        ("red-shirt", "Basics Men red shirt", "Basics", "Shirts", 649.0),
        ("blue-shorts", "Basics Men navy blue shorts", "Basics", "Shorts", 499.0),
        ("sunglasses-round", "Ray-Ban Women round sunglasses", "Ray-Ban", "Sunglasses", 4990.0),
        ("sunglasses-sport", "Fastrack Men sport sunglasses", "Fastrack", "Sunglasses", 990.0),
        ("handbag-tan", "Baggit Women tan handbag", "Baggit", "Handbags", 1150.0),
        ("handbag-men", "Hidesign Men leather handbag", "Hidesign", "Handbags", 2495.0),
        ("belt", "Hidesign Men leather belt", "Hidesign", "Belts", 995.0),
    ]
    return [
        Product(
            id,
            title,
            facets={"brand": brand, "category": category, "gender": title.split()[1]},
            price=price,
            photos=(Photo(id=id, width=9, height=9),),
        )
        for id, title, brand, category, price in rows
    ]


def fill(database: Database) -> None:
    """Write the clothes among so many products that an index may approximate."""
    families.fill(database)
    batch = Batch(image_space=families.MADE_OF.image_space, text_space=families.MADE_OF.text_space)
    products = clothes()
    rows = families.near(0, np.random.default_rng(3), len(products))
    for product, row in zip(products, rows, strict=True):
        batch.photos.append(StoredPhoto(product.id, b"\xff\xd8", "image/jpeg", 9, 9))
        batch.image_vectors[product.id] = pack_vector(row[: families.DIM])
        batch.text_vectors[product.id] = ("drawn", pack_vector(row[families.DIM :]))
        batch.products.append(Written(product, b"drawn", product_words(product)))
    database.write(batch)
