"""Finds the category facet and the color facet of a catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lookalike.text import label
from lookalike.types import Product

RARE = 5
MOST_VALUES = 1 / 3
PAIRED = 2 / 3
CATEGORY_NAMES = (
    "articletype",
    "producttype",
    "category",
    "subcategory",
    "type",
    "class",
    "googleproductcategory",
    "mastercategory",
    "department",
)
COLOUR_NAMES = ("basecolour", "basecolor", "colour", "color")


def shared_facets(products: Sequence[Product]) -> list[str]:
    """The facets with values that several products share."""
    values: dict[str, Counter[str]] = {}
    for product in products:
        for name, value in product.facets.items():
            if said := label(value):
                values.setdefault(name, Counter())[said] += 1
    useful: list[str] = []
    for name, counts in values.items():
        shared = [count for count in counts.values() if count >= min(RARE, max(2, len(products) // 10))]
        few = len(counts) <= max(2, MOST_VALUES * counts.total())
        if few and len(shared) >= 2 and sum(shared) >= counts.total() / 2:
            useful.append(name)
    return useful


def category_facet(products: Sequence[Product]) -> str:
    """The category facet. Empty if there is none."""
    useful = shared_facets(products)
    # A small shop has few products of each kind, and its departments are no kinds.
    named = _named([*useful, *_paired_facets(products)], CATEGORY_NAMES)
    if named or not useful:
        return named
    counts = {name: len({label(each.facets.get(name)) for each in products}) for name in useful}
    return max(useful, key=lambda name: (counts[name], name))


def _paired_facets(products: Sequence[Product]) -> list[str]:
    """The facets whose values most products share with at least one other."""
    found: list[str] = []
    for name in dict.fromkeys(name for product in products for name in product.facets):
        counts = Counter(filter(None, (label(product.facets.get(name)) for product in products)))
        paired = sum(count for count in counts.values() if count > 1)
        if len(counts) > 1 and paired > max(len(products), 4) * PAIRED:
            found.append(name)
    return found


def colour_facet(products: Sequence[Product]) -> str:
    """The color facet. Empty if there is none."""
    return _named(shared_facets(products), COLOUR_NAMES)


def _named(useful: Sequence[str], wanted: Sequence[str]) -> str:
    plain = {"".join(c for c in name.casefold() if c.isalnum()): name for name in reversed(useful)}
    return next((plain[name] for name in wanted if name in plain), "")
