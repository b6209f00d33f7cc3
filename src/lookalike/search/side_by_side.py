"""One query by photo only and by text only: two lists to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lookalike.errors import BadQuery
from lookalike.types import Query, Recipe, Results


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The results of a query by photo only, and by text only."""

    image: Results
    text: Results


def side_by_side(answer: Callable[[Query], Results], recipe: Recipe, query: Query) -> SideBySide:
    """Answer a query twice. It must hold a product, or both a photo and text."""
    if not (recipe.image and recipe.text):
        raise BadQuery(f"The recipe {recipe.name} compares either photos or text only.")
    if query.product is None and (query.image is None or query.text is None):
        raise BadQuery("Two lists need a product, or a photo and text.")
    return SideBySide(answer(replace(query, image_weight=1.0)), answer(replace(query, image_weight=0.0)))
