"""Extracts a price, a size, a target group, phrases and exclusions from a query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Protocol

from lookalike.lexical.analysis import compact, fold, words_of
from lookalike.lexical.languages import ENGLISH
from lookalike.lexical.phrasebook import (
    COLOURS,
    CURRENCIES,
    EVERYBODY,
    PEOPLE,
    PHRASES,
    SIZES,
    UNITS,
    Phrases,
)
from lookalike.types import Chip, ChipKind

_AMOUNT = r"(\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)"
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]{2,200})["“”„«»]')
_MINUS = re.compile(r"(?:(?<=\s)|^)[-−–]([^\W\d_][\w'’-]*)")
LONGEST_FACET_VALUES = 2000


class Facts(Protocol):
    """What the catalog's facets offer to a query."""

    def facet_names(self) -> Sequence[str]: ...
    def values(self, facet: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Understanding:
    """A parsed query: the remaining words, and the extracted conditions."""

    text: str
    where: Mapping[str, Any] = field(default_factory=dict[str, Any])
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span of the query that was extracted, and the words of it to keep."""

    start: int
    end: int
    kind: ChipKind
    field: str = ""
    condition: Any = None
    kept: str = ""


def understand(text: str, facts: Facts, language: str = ENGLISH) -> Understanding:
    """Parse a query."""
    folded = _folded(text)
    pieces: list[_Piece] = []
    for find in (_quotes, _minuses, _nots, _prices, _sizes, _people):
        for piece in find(text, folded, facts, _languages(language)):
            if not any(piece.start < other.end and other.start < piece.end for other in pieces):
                pieces.append(piece)
    pieces.sort(key=lambda piece: piece.start)
    where: dict[str, Any] = {}
    for piece in pieces:
        if piece.field:
            # "Over 10 under 20" is one price range.
            known: Any = where.get(piece.field)
            bounds = isinstance(known, dict) and isinstance(piece.condition, dict)
            where[piece.field] = {**known, **piece.condition} if bounds else piece.condition
    left = _without(text, pieces)
    if not left:
        # If only a price was typed, products must still be ranked by something.
        pieces = [piece for piece in pieces if piece.field]
        left = text if not pieces else ""
    return Understanding(
        text=left,
        where=where,
        phrases=tuple(piece.kept for piece in pieces if piece.kind == "phrase"),
        excluded=tuple(str(piece.condition) for piece in pieces if piece.kind == "excluded"),
        chips=tuple(
            Chip(
                piece.kind,
                text[piece.start : piece.end].strip(),
                _cut(text, piece),
                piece.field,
                piece.condition,
            )
            for piece in pieces
        ),
    )


def colour_facet(facts: Facts) -> str:
    """The color facet, if there is one."""
    return next((name for name in facts.facet_names() if compact(name) in COLOURS), "")


def _quotes(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    for found in _QUOTED.finditer(text):
        yield _Piece(found.start(), found.end(), "phrase", kept=found[1].strip())


def _minuses(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    for found in _MINUS.finditer(text):
        yield _Piece(found.start(), found.end(), "excluded", condition=found[1])


def _nots(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    for phrases in languages:
        for found in _pattern(rf"(?<=\S )\b(?:{phrases.without}) ([^\W\d_]{{3,}})\b").finditer(folded):
            yield _Piece(
                found.start(), found.end(), "excluded", condition=text[found.start(1) : found.end(1)]
            )


def _prices(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    if "price" not in facts.facet_names():
        return
    money = rf"(?:(?:{CURRENCIES}) ?)?{_AMOUNT}(?! ?(?:{UNITS})\b)(?: ?(?:{CURRENCIES})(?!\w))?(?![\w%])"
    sure = rf"(?:(?:{CURRENCIES}) ?{_AMOUNT}|{_AMOUNT} ?(?:{CURRENCIES})(?!\w))"
    for phrases in languages:
        between = rf"(?<!\w)(?:{phrases.between}) {money} ?(?:{phrases.to}) ?{money}"
        for found in _pattern(between).finditer(folded):
            low, high = sorted((_number(found[1]), _number(found[2])))
            yield _Piece(found.start(), found.end(), "price", "price", {"gte": low, "lte": high})
        for words, amount, operator in (
            (phrases.at_most, money, "lte"),
            (phrases.at_least, money, "gte"),
            (phrases.weak_at_most, sure, "lte"),
            (phrases.weak_at_least, sure, "gte"),
        ):
            for found in _pattern(rf"(?<!\w)(?:{words})[.:]? ?{amount}").finditer(folded):
                value = next(group for group in found.groups() if group)
                yield _Piece(found.start(), found.end(), "price", "price", {operator: _number(value)})


def _sizes(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    facet = next((name for name in facts.facet_names() if compact(name) in SIZES), "")
    if not facet:
        return
    values = {fold(value).strip(): value for value in facts.values(facet)[:LONGEST_FACET_VALUES]}
    for phrases in languages:
        for found in _pattern(rf"(?<!\w)(?:{phrases.size}):? ([\w./-]{{1,8}})(?!\w)").finditer(folded):
            if (value := values.get(found[1])) is not None:
                yield _Piece(found.start(), found.end(), "size", facet, value)


def _people(text: str, folded: str, facts: Facts, languages: Sequence[Phrases]) -> Iterator[_Piece]:
    facet = next((name for name in facts.facet_names() if compact(name) in PEOPLE), "")
    if not facet:
        return
    for phrases in languages:
        for who, words in phrases.people.items():
            # A single "man" may be part of "Spider-Man"; a plural, or "for" before it, names the target
            # group.
            plural = "|".join(word for word in words.split("|") if word not in _SINGULAR)
            pattern = rf"(?<!\w)(?:(?:{phrases.target}) (?:{words})|(?:{plural}))(?:'s)?(?!\w)"
            values = [value for value in facts.values(facet) if _is(value, who)]
            for found in _pattern(pattern).finditer(folded) if values else ():
                shared = [
                    value for value in facts.values(facet) if _pattern(EVERYBODY).fullmatch(fold(value))
                ]
                yield _Piece(found.start(), found.end(), "people", facet, [*values, *shared])


_SINGULAR = frozenset(
    words_of(
        "woman man lady girl boy kid child male female frau dame mann herr junge kind femme homme fille "
        "garcon enfant mujer hombre nina nino donna uomo bambina bambino ragazza ragazzo mulher homem "
        "menina menino vrouw meisje jongen crianca senora senhora infantil numero"
    )
)


@lru_cache(maxsize=4_096)
def _is(value: str, who: str) -> bool:
    """Whether a facet value names a target group, in any language."""
    return any(
        _pattern(rf"(?:{each.people[who]})").fullmatch(fold(value).replace("'", ""))
        for each in PHRASES.values()
    )


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _languages(language: str) -> list[Phrases]:
    """Return the phrases of a language combined with English, which shoppers mix in."""
    return [PHRASES[each] for each in dict.fromkeys((language, ENGLISH)) if each in PHRASES]


def _folded(text: str) -> str:
    """Folded text in which every letter is where it was."""
    if text.isascii():
        kept = fold(text)
    else:
        letters = (fold(letter) for letter in text)
        kept = "".join(new if len(new) == 1 else old for old, new in zip(text, letters, strict=True))
    return re.sub(r"\s", " ", kept).replace("’", "'")


def _number(text: str) -> float:
    """Parse a number in any notation: a separator before exactly three digits is a thousands separator."""
    text = text.replace(" ", "")
    whole, _, decimals = text.replace(",", ".").rpartition(".")
    if not whole or len(decimals) == 3:
        return float(text.replace(".", "").replace(",", ""))
    return float(f"{whole.replace('.', '')}.{decimals}")


def _without(text: str, pieces: Sequence[_Piece]) -> str:
    left, end = "", 0
    for piece in pieces:
        left += f"{text[end : piece.start]} {piece.kept} "
        end = piece.end
    return " ".join((left + text[end:]).split())


def _cut(text: str, piece: _Piece) -> str:
    return " ".join(f"{text[: piece.start]} {text[piece.end :]}".split())
