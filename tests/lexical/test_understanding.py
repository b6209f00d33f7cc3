"""What a query says beyond its words becomes filters and exclusions, each of which can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.lexical.understanding import understand

FACETS = {
    "price": (),
    "gender": ("Men", "Women", "Unisex", "Girls"),
    "size": ("42", "M", "XL"),
}
EVERY = ["Women", "Unisex"]


class Facets:
    def facet_names(self) -> Sequence[str]:
        return list(FACETS)

    def values(self, facet: str) -> Sequence[str]:
        return FACETS[facet]


class NoFacets:
    def facet_names(self) -> Sequence[str]:
        return []

    def values(self, facet: str) -> Sequence[str]:
        return []


@pytest.mark.parametrize(
    ("typed", "language", "text", "where"),
    [
        ("blue shirt under 1000", "en", "blue shirt", {"price": {"lte": 1000.0}}),
        ("shoes cheaper than 20 €", "en", "shoes", {"price": {"lte": 20.0}}),
        ("shirt between 10 and 20 euro", "en", "shirt", {"price": {"gte": 10.0, "lte": 20.0}}),
        ("shirt over 10 under 20", "en", "shirt", {"price": {"gte": 10.0, "lte": 20.0}}),
        ("laptop up to $1,299.50", "en", "laptop", {"price": {"lte": 1299.5}}),
        ("Schuhe bis 50 €", "de", "Schuhe", {"price": {"lte": 50.0}}),
        ("Schuhe unter 1.299,50 Euro", "de", "Schuhe", {"price": {"lte": 1299.5}}),
        ("chaussures moins de 50 euros", "fr", "chaussures", {"price": {"lte": 50.0}}),
        ("zapatos menos de 50", "es", "zapatos", {"price": {"lte": 50.0}}),
        ("scarpe meno di 50", "it", "scarpe", {"price": {"lte": 50.0}}),
        ("sapatos até 50 €", "pt", "sapatos", {"price": {"lte": 50.0}}),
        ("schoenen onder 50", "nl", "schoenen", {"price": {"lte": 50.0}}),
        ("boots size 42", "en", "boots", {"size": "42"}),
        ("Hemd Größe xl", "de", "Hemd", {"size": "XL"}),
        ("womens handbag", "en", "handbag", {"gender": EVERY}),
        ("women's handbag", "en", "handbag", {"gender": EVERY}),
        ("boots for women", "en", "boots", {"gender": EVERY}),
        ("Stiefel für Damen", "de", "Stiefel", {"gender": EVERY}),
        ("under 50", "en", "", {"price": {"lte": 50.0}}),
    ],
)
def test_prices_sizes_and_people_become_filters(
    typed: str, language: str, text: str, where: dict[str, Any]
) -> None:
    found = understand(typed, Facets(), language)
    assert (found.text, found.where) == (text, where)


@pytest.mark.parametrize(
    "typed",
    [
        "monitor under 50 cm",
        "spider man shirt",
        "bluetooth 5.0",
        "shoes 20-30",
        "boots size 99",
        "to 50",
        "a - b",
        "no show socks",
        "dress without sleeves",
        "not",
        "-",
    ],
)
def test_what_says_something_else_stays_words(typed: str) -> None:
    found = understand(typed, Facets())
    assert (found.text, dict(found.where), found.chips) == (typed, {}, ())


def test_without_the_facets_nothing_is_filtered() -> None:
    assert understand("womens boots size 42 under 50", NoFacets()).text == "womens boots size 42 under 50"


def test_exclusions_and_phrases() -> None:
    found = understand('bag -leather not canvas "shoulder strap"', Facets())
    assert found.excluded == ("leather", "canvas")
    assert found.phrases == ("shoulder strap",)
    assert found.text == "bag shoulder strap"


def test_each_chip_says_what_the_query_is_without_it() -> None:
    found = understand("red boots size 42 under 50 €", Facets())
    assert {chip.kind: (chip.text, chip.rest) for chip in found.chips} == {
        "size": ("size 42", "red boots under 50 €"),
        "price": ("under 50 €", "red boots size 42"),
    }


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "es", "it", "pt", "nl", "xx"]))
def test_any_text_is_understood_somehow(text: str, language: str) -> None:
    found = understand(text, Facets(), language)
    assert len(found.text) <= len(text)
