"""What shoppers type finds what they mean: ranking, misspellings, half-typed words, phrases, codes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.lexical import Document, LexicalIndex, WordQuery, search
from lookalike.lexical.explain import Explainer
from lookalike.lexical.index import FAN, View
from lookalike.types import Correction

SHOP = [
    Document("1", "Nike Air running shoes", facets={"brand": "Nike", "category": "Shoes"}),
    Document("2", "Converse All Star shoes", facets={"brand": "Converse", "category": "Shoes"}),
    Document("3", "Puma backpack", "Nike shoes fit into it", {"brand": "Puma", "category": "Bags"}),
    Document("4", "Navy blue shirt", facets={"colour": "Navy Blue", "category": "Shirts"}),
    Document("5", "Blue shorts", facets={"colour": "Blue", "category": "Shorts"}),
    Document("6", "Brown leather handbag", facets={"category": "Handbags"}),
    Document("7", "Canvas handbag in blue", facets={"category": "Handbags"}),
    Document("8", "Black sunglasses", facets={"category": "Sunglasses"}),
    Document("9", "Red evening dress", facets={"category": "Dresses"}),
    Document("10", "Dress shoes, brown leather", facets={"category": "Shoes"}),
    Document("11", "Notebook HP dv7-1211ea", codes=("SKU 99-X7", "4006381333931")),
]


def view_of(documents: Iterable[Document], language: str = "en") -> View:
    index = LexicalIndex(language)
    index.apply(documents, [], 1)
    return index.view()


def ids(text: str, documents: Iterable[Document] = SHOP, language: str = "en", k: int = 10) -> list[str]:
    return [id for id, _ in search(view_of(documents, language), WordQuery(text)).best(k)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("nike shoes", "1"),
        ("nikee shoes", "1"),
        ("pum", "3"),
        ("navvy blue shrit", "4"),
        ("sunglases", "8"),
        ("sun glasses", "8"),
        ("drses", "9"),
        ("evening dresses", "9"),
        ("brown hand bag", "6"),
        ("hand bag brown", "6"),
        ("brownleather handbag", "6"),
        ("lether handbag", "6"),
        ("conv", "2"),
        ("running sho", "1"),
        ("SKU99X7", "11"),
        ("4006381333931", "11"),
        ("dv71211ea", "11"),
        ("ÑÍKE shoes", "1"),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: str) -> None:
    assert ids(typed)[0] == first


STEMS = ("roller", "flat", "cufflink", "backup", "pant", "shirt", "walk", "light", "box", "boxer", "lightly")
FORMS = tuple(stem + ending for stem in STEMS for ending in ("", "s", "ing", "ed"))


@given(
    st.lists(st.lists(st.sampled_from(FORMS), min_size=5, max_size=9), min_size=1, max_size=9),
    st.lists(st.sampled_from(FORMS), max_size=9),
)
def test_a_word_that_one_title_alone_has_finds_it_among_the_first_three(
    long: list[list[str]], short: list[str]
) -> None:
    # Short titles score best, so four of each compete with the long ones.
    titles = [*long, *([word] for word in short for _ in range(4))]
    view = view_of(Document(str(number), " ".join(words)) for number, words in enumerate(titles))
    for number, words in enumerate(titles):
        for word in words:
            if sum(word in other for other in titles) == 1:
                assert str(number) in [id for id, _ in search(view, WordQuery(word)).best(3)], word


@pytest.mark.parametrize("typed", ["disk 2tb", "disk 2 tb", "2TB"])
def test_a_number_and_its_unit_may_be_written_together_or_apart(typed: str) -> None:
    disks = [Document("apart", "Disk 2 TB"), Document("one", "Disk 2TB"), Document("other", "Disk 1 TB")]
    assert set(ids(typed, disks)[:2]) == {"apart", "one"}


def test_a_rare_form_is_found_among_many_products_with_another_form() -> None:
    many = [Document(f"s{number}", "Kit rollers") for number in range(500)]
    one = Document(
        "one", "Exchange roller for the paper feed of a large office printer, blue, in a box of three"
    )
    assert ids("roller", [*many, one])[0] == "one"


def test_a_word_of_the_title_counts_more_than_one_of_the_description() -> None:
    assert ids("nike shoes").index("1") < ids("nike shoes").index("3")


def test_words_side_by_side_come_before_the_same_words_apart() -> None:
    apart = Document("a", "dress red with black evening shoes")
    beside = Document("b", "black dress with red evening shoes")
    assert ids("black dress", [apart, beside])[0] == "b"


def test_a_correction_is_told_and_correct_words_are_left_alone() -> None:
    view = view_of(SHOP)
    assert search(view, WordQuery("nikee shoes")).reading.corrected == (Correction("nikee", "nike"),)
    for document in SHOP:
        assert search(view, WordQuery(document.title)).reading.corrected == ()


def test_corrections_can_be_declined() -> None:
    found = search(view_of(SHOP), WordQuery("navvy shrit", correct=False))
    assert found.reading.corrected == ()
    assert found.best(1) == []


def test_a_word_that_a_rule_knows_is_never_corrected() -> None:
    found = search(view_of(SHOP), WordQuery("shrit", known=frozenset({"shrit"}), begun=False))
    assert found.reading.corrected == ()


def test_a_word_that_is_finished_is_not_completed() -> None:
    assert ids("conv ") == []


def test_words_that_no_product_carries_together_are_dropped_and_told() -> None:
    found = search(view_of(SHOP), WordQuery("red backpack"))
    assert len(found.reading.dropped) == 1
    assert found.total == 1
    assert search(view_of(SHOP), WordQuery("xqzzyw shoes")).reading.unknown == ("xqzzyw",)


def test_the_total_counts_products_that_carry_all_words() -> None:
    assert search(view_of(SHOP), WordQuery("handbag")).total == 2
    assert search(view_of(SHOP), WordQuery("blue handbag")).total == 1


def test_phrases_must_be_there_and_excluded_words_must_not() -> None:
    view = view_of(SHOP)
    assert [id for id, _ in search(view, WordQuery("dress shoes", phrases=("dress shoes",))).best(9)] == [
        "10"
    ]
    kept = [id for id, _ in search(view, WordQuery("handbag", excluded=("leather",))).best(9)]
    assert kept == ["7"]


def test_a_match_is_explained_and_highlighted() -> None:
    view = view_of(SHOP)
    explainer = Explainer(search(view, WordQuery("nikee shoes")).reading, view)
    matches = {match.word: match for match in explainer.words(SHOP[0])}
    assert matches["nikee"].matched == "nike"
    assert matches["nikee"].fields == ("title", "brand")
    assert matches["shoes"].fields == ("title", "category")
    title = SHOP[0].title
    assert [title[start:end] for start, end in explainer.highlight(title)] == ["Nike", "shoes"]


@pytest.mark.parametrize(
    ("language", "title", "typed"),
    [
        ("de", "Rote Schuhe für Damen", "roter schuh"),
        ("fr", "Chaussures élégantes", "chaussure elegante"),
        ("es", "Camisetas rojas", "camiseta roja"),
        ("it", "Scarpe rosse", "scarpa rossa"),
        ("pt", "Sapatos vermelhos", "sapato vermelho"),
        ("nl", "Rode schoenen", "schoen"),
        ("xx", "東京の赤い靴", "赤い靴"),
    ],
)
def test_other_forms_of_a_word_are_found_in_every_language(language: str, title: str, typed: str) -> None:
    assert ids(typed, [Document("1", title), Document("2", "something else")], language)[0] == "1"


def test_the_language_of_a_catalog_is_told_by_its_words() -> None:
    german = [Document(str(n), f"Hemd {n} mit Kragen und Knöpfen für den Herrn") for n in range(50)]
    assert view_of(german, "auto").vocabulary.language == "de"
    assert view_of(SHOP, "auto").vocabulary.language == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "...",
        '"',
        '" OR 1=1 --',
        "a AND (b OR NOT c) NEAR/3 d*",
        "title:shoes^5 ~2 +x -y",
        "👠" * 50,
        "مرحبا shoes שלום",
        "x" * 10_000,
        " ".join(f"word{n}" for n in range(500)),
        "shoes " * 2000,
        "\ud800 shoes",
    ],
)
def test_any_input_is_answered(text: str) -> None:
    found = search(view_of(SHOP), WordQuery(text))
    assert found.total <= len(SHOP)


WORDS = st.sampled_from(
    ["nike", "puma", "shoe", "shoes", "shirt", "blue", "red", "dress", "bag", "handbag", "leather"]
)
TITLES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
STEPS = st.lists(st.tuples(st.integers(0, 30), st.one_of(st.none(), TITLES)), max_size=80)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 7), TITLES)
def test_an_index_that_followed_changes_answers_like_one_built_at_once(
    steps: list[tuple[int, str | None]], every: int, asked: str
) -> None:
    followed, titles = LexicalIndex("en"), dict[str, str]()
    for number, (id, title) in enumerate(steps):
        if title is None:
            titles.pop(str(id), None)
            followed.apply([], [str(id)], number + 1)
        else:
            titles[str(id)] = title
            followed.apply([Document(str(id), title)], [], number + 1)
        if number % every == 0:
            followed.view()
    at_once = view_of([Document(id, title) for id, title in titles.items()])
    found = search(followed.view(), WordQuery(asked)).best(50)
    expected = search(at_once, WordQuery(asked)).best(50)
    assert [id for id, _ in found] == [id for id, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    assert len(followed) == len(titles)


def test_many_single_changes_leave_few_segments() -> None:
    index = LexicalIndex("en")
    for number in range(300):
        index.apply([Document(str(number % 200), f"shirt {number}")], [], number + 1)
        index.view()
    assert len(index.view().parts) < 3 * FAN
    assert search(index.view(), WordQuery("shirt")).total == 200
