"""Words are found in other forms and in compounds, in languages with and without a stemmer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.lexical import Document, LexicalIndex, WordQuery, search
from lookalike.lexical.compounds import parts
from lookalike.lexical.index import View
from lookalike.lexical.query import Reading

GERMAN = (
    "Damenhandtasche aus Leder",
    "Handtasche schwarz",
    "Lederjacke für Herren",
    "Herren Arbeitshose blau",
    "Helm für die Arbeit",
    "Kinderschuhe",
    "Schuhe für Kinder",
    "Herrenarmbanduhr",
    "Uhr für Damen",
    "Barock Spiegel",
    "Rock kurz",
    "Sonnenbrillen",
    "Abendkleider rot",
)
DUTCH = ("Damestas van leer", "Tas zwart", "Herenschoenen", "Schoen voor kinderen", "Winterjas heren")
SHOPS = {
    "pl": ("Buty damskie do biegania", "Sukienka z koronką", "Czerwona koszula męska", "Torba skórzana"),
    "cs": ("Dámské boty", "Červená košile", "Kniha pro děti"),
    "ru": ("Красное платье", "Мужская рубашка синяя", "Кроссовки женские", "Сумка из кожи"),
    "uk": ("Жіноча сукня червона", "Чоловічі черевики", "Сумка для ноутбука"),
    "el": ("Γυναικείο φόρεμα κόκκινο", "Ανδρικά παπούτσια", "Τσάντα για τον ώμο"),
    "tr": ("Kadın çantası", "Erkek ayakkabı siyah", "Kırmızı elbise"),
    "fi": ("Naisten laukku musta", "Miesten kengät", "Talvitakki lapsille"),
    "hu": ("Női táska", "Férfi cipő fekete", "Piros ruha"),
}


def view_of(titles: Sequence[str], language: str = "auto") -> View:
    index = LexicalIndex(language)
    index.apply([Document(title, title) for title in titles], [], 1)
    return index.view()


def found(typed: str, titles: Sequence[str], language: str = "auto") -> list[str]:
    return [title for title, _ in search(view_of(titles, language), WordQuery(typed, begun=False)).best(20)]


def reading(typed: str, titles: Sequence[str], language: str = "auto") -> Reading:
    return search(view_of(titles, language), WordQuery(typed, begun=False)).reading


@pytest.mark.parametrize(
    ("typed", "first", "also"),
    [
        ("Damenhandtasche", "Damenhandtasche aus Leder", "Handtasche schwarz"),
        ("Damenhandtaschen", "Damenhandtasche aus Leder", "Handtasche schwarz"),
        ("Handtasche", "Handtasche schwarz", "Damenhandtasche aus Leder"),
        ("Damen Handtaschen", "Damenhandtasche aus Leder", "Handtasche schwarz"),
        ("Lederhandtasche", "Handtasche schwarz", "Damenhandtasche aus Leder"),
        ("Jacke Leder", "Lederjacke für Herren", ""),
        ("Hose", "Herren Arbeitshose blau", ""),
        ("Kinderschuh", "Kinderschuhe", "Schuhe für Kinder"),
        ("Uhr", "Uhr für Damen", "Herrenarmbanduhr"),
        ("Kleid", "Abendkleider rot", ""),
        ("Damenhandtashe", "Damenhandtasche aus Leder", ""),
    ],
)
def test_a_german_compound_finds_its_parts_and_its_parts_find_it(typed: str, first: str, also: str) -> None:
    titles = found(typed, GERMAN)
    assert titles[0] == first
    assert also in ("", *titles)


@pytest.mark.parametrize(
    ("typed", "first", "also"),
    [
        ("damestassen", "Damestas van leer", "Tas zwart"),
        ("tas", "Tas zwart", "Damestas van leer"),
        ("schoenen", "Schoen voor kinderen", "Herenschoenen"),
        ("jas", "Winterjas heren", ""),
    ],
)
def test_a_dutch_compound_finds_its_parts_and_its_parts_find_it(typed: str, first: str, also: str) -> None:
    titles = found(typed, DUTCH)
    assert titles[0] == first
    assert also in ("", *titles)


def test_the_end_of_another_word_is_not_a_part() -> None:
    assert found("Rock", GERMAN) == ["Rock kurz"]
    assert found("Eis", ["Preis ohne Versand", "Eis am Stiel"], "de") == ["Eis am Stiel"]


def test_a_compound_is_no_misspelling() -> None:
    assert reading("Lederhandtasche", GERMAN).corrected == ()
    assert reading("Arbeitshosen", GERMAN).corrected == ()


WORDS = ("leder", "hand", "tasche", "damen", "arbeit", "hose", "schuh")


@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3), st.sampled_from(("", "s", "n")))
def test_words_written_as_one_are_split_again(words: list[str], link: str) -> None:
    compound = link.join(words)
    assert parts(compound, set(WORDS).__contains__) == tuple(words)


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("pl", "butów damskich", "Buty damskie do biegania"),
        ("pl", "czerwone koszule", "Czerwona koszula męska"),
        ("pl", "skorzanej torby", "Torba skórzana"),
        ("cs", "dámská bota", "Dámské boty"),
        ("cs", "knihy", "Kniha pro děti"),
        ("ru", "красные платья", "Красное платье"),
        ("ru", "рубашку синюю", "Мужская рубашка синяя"),
        ("ru", "женский кроссовок", "Кроссовки женские"),
        ("uk", "червоні сукні", "Жіноча сукня червона"),
        ("el", "κόκκινα φορέματα", "Γυναικείο φόρεμα κόκκινο"),
        ("tr", "ayakkabılar", "Erkek ayakkabı siyah"),
        ("tr", "çanta", "Kadın çantası"),
        ("fi", "laukut", "Naisten laukku musta"),
        ("fi", "takki", "Talvitakki lapsille"),
        ("hu", "táskák", "Női táska"),
        ("hu", "cipőt", "Férfi cipő fekete"),
    ],
)
def test_inflected_words_are_found(language: str, typed: str, meant: str) -> None:
    assert found(typed, SHOPS[language], language)[0] == meant
    # The language is told by the words of the catalog.
    assert found(typed, SHOPS[language])[0] == meant


@pytest.mark.parametrize("language", SHOPS)
def test_the_language_is_told_by_short_titles(language: str) -> None:
    assert view_of(SHOPS[language]).vocabulary.language == language


@pytest.mark.parametrize(
    "titles",
    [
        ("MacBook Pro 13", "Galaxy Buds Pro", "Mint tea", "Skin care cream"),
        ("Man coat", "So soft towel", "Barn door", "Dame Edna poster"),
    ],
)
def test_english_titles_without_stop_words_are_english(titles: Sequence[str]) -> None:
    assert view_of(titles).vocabulary.language == "en"


def test_english_words_are_not_taken_for_forms_of_others() -> None:
    assert found("porter", ["Portable speaker", "Porter beer"]) == ["Porter beer"]
