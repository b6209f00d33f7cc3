"""The sample shop: a few hundred products and their photos, drawn by this package and the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.types import FeedRow, Photo, Product
from lookalike_sample_shop.assortment import Article, articles
from lookalike_sample_shop.samples import SAMPLES, sample_photo

__all__ = ["SAMPLES", "SampleShop", "offer", "sample_photo"]


class SampleShop:
    """A feed of the sample shop; photos are drawn as rows are read."""

    name = "demo"

    def __len__(self) -> int:
        return len(articles())

    def __iter__(self) -> Iterator[FeedRow]:
        for line, article in enumerate(articles(), 1):
            yield FeedRow(line, offer(article))


def offer(article: Article) -> Product:
    """An article as the shop offers it, photos and all."""
    from lookalike_sample_shop import words
    from lookalike_sample_shop.photos import photos

    return Product(
        id=article.id,
        title=words.title(article),
        description=words.description(article),
        facets={
            "department": article.line.category,
            "type": article.line.kind,
            "colour": article.colour,
            "pattern": article.pattern,
            "gender": article.gender,
            "material": article.cloth.material,
            "season": words.season(article),
            "brand": words.brand(article),
            "sizes": words.sizes(article),
            "sku": words.sku(article),
        },
        price=words.price(article),
        currency="EUR",
        stock=words.stock(article),
        group=article.group,
        photos=tuple(Photo(data=data) for data in photos(article)),
    )
