"""While somebody types, whole queries are suggested that products answer."""

from __future__ import annotations

from lookalike.lexical import Document, LexicalIndex, WordQuery, search
from lookalike.lexical.suggest import completions

TITLES = ["Nike running shoes", "Nike running shirt", "Puma running shoes", "Puma pumps", "Nightwear set"] * 3


def suggested(typed: str) -> list[str]:
    index = LexicalIndex("en")
    index.apply([Document(str(number), title) for number, title in enumerate(TITLES)], [], 1)
    view = index.view()
    return [each.text for each in completions(typed, search(view, WordQuery(typed)), view, 5)]


def test_the_last_word_is_finished() -> None:
    assert suggested("pum")[:2] == ["puma", "pumps"]
    assert set(suggested("nike running sh")[:2]) == {"nike running shirt", "nike running shoes"}


def test_only_what_products_have_together_is_suggested() -> None:
    assert "puma nightwear" not in suggested("puma n")


def test_words_before_the_last_are_put_right() -> None:
    assert suggested("runing sho")[0] == "running shoes"


def test_a_whole_word_goes_on_with_what_stands_beside_it() -> None:
    assert "puma running" in suggested("puma ")


def test_nothing_is_suggested_for_nothing() -> None:
    assert suggested("") == []
    assert suggested("...") == []
