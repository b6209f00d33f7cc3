"""The share of a query's words that a product contains."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache
from pathlib import Path

from lookalike.encoders.text.hashing import words
from lookalike.text import facet_text
from lookalike.types import Hit, Product

# Each line lists names for the same kind of product.
SYNONYMS = Path(__file__).with_name("near_synonyms.txt")
SHORTEST = 3
LONGEST_ENDING = 3
CODE = 1.0
MENTIONED = 0.5


def asked_words(text: str) -> tuple[str, ...]:
    """Return the informative words of a query; all of them if none is long enough."""
    found = words(text)
    return tuple(dict.fromkeys(word for word in found if len(word) >= SHORTEST)) or tuple(found)


def coverage(asked: Sequence[str], hit: Hit) -> float:
    """Return the share of words that a hit contains, or its word score if the engine has one."""
    carried = min(1.0, max(hit.parts.get("words", 0.0), hit.parts.get("keyword", 0.0) >= CODE))
    return carried if carried == 1.0 or not asked else max(carried, carried_share(asked, hit.product))


def carried_share(asked: Sequence[str], product: Product) -> float:
    """Return the share of the words found in a product; those only in its description count half.

    A title and facets say what a product is. A description also names what it is not: a soft wash, a mountain
    in a print.
    """
    if not asked:
        return 0.0
    facets = " ".join(facet_text(value) for value in product.facets.values())
    named = f"{product.title} {facets}".casefold()
    described = product.description.casefold()
    in_name, in_description = set(words(named)), set(words(described))
    carried = sum(
        1.0 if _says(named, in_name, word) else MENTIONED * _says(described, in_description, word)
        for word in asked
    )
    return carried / len(asked)


def _says(text: str, said: Set[str], word: str) -> bool:
    return (
        word in said
        or (not word.isascii() and word in text)
        or any(same_stem(word, each) for each in said if each.startswith(word[:SHORTEST]))
        or not said.isdisjoint(near_synonyms(word))
    )


def near_synonyms(word: str) -> frozenset[str]:
    """Return other English names for the product, singular and plural."""
    groups = _groups()
    return groups.get(word) or groups.get(word.removesuffix("s")) or frozenset()


@cache
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in SYNONYMS.read_text("utf-8").splitlines():
        group = {form for word in line.split() for form in (word, word.removesuffix("s"), f"{word}s")}
        for word in group:
            found.setdefault(word, set()).update(group)
    return {word: frozenset(group - {word}) for word, group in found.items()}


def same_stem(one: str, other: str) -> bool:
    """Whether two words differ only by a short ending."""
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    return SHORTEST < len(shorter) >= len(longer) - LONGEST_ENDING and longer.startswith(shorter)
