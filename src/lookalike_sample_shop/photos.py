"""The photos of an article: the studio's, and for some a closer look or one at home."""

from __future__ import annotations

from lookalike_sample_shop.assortment import Article
from lookalike_sample_shop.drawing import View, drawn, fitted
from lookalike_sample_shop.studio import home_photo, studio_photo

_SECOND = 0.16
_CLOSER = 2.1


def photos(article: Article) -> tuple[bytes, ...]:
    """The front; for one design in six there is a second photo."""
    item = article.cut.shape(article.order)
    view = fitted(item)
    layer = drawn(item, view)
    front = studio_photo(layer, article.line.standing)
    dice = article.dice("photos")
    if dice.random() > _SECOND:
        return (front,)
    if article.line.category == "Clothing" and dice.random() < 0.6:
        near = View(view.x + 20, view.y - 60 / view.zoom, view.zoom * _CLOSER)
        return front, studio_photo(drawn(item, near))
    place = dice.choice(("sheet", "wood", "concrete"))
    return front, home_photo(layer, place, dice.uniform(-14, 14), 0.9)
