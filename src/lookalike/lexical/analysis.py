"""Tokenization: case, accents, hyphens, apostrophes and scripts without spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Letters and digits of every script, with their combining marks.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
_LETTER = rf"(?:[^\W_]|[{_MARKS}])"
# "t-shirt", "men's", "43.2", "AT&T" and "black/white" are matched whole before they are split.
TOKEN = re.compile(rf"{_LETTER}+(?:[-'’`´.,/&+]{_LETTER}+)*")
_PIECE = re.compile(rf"{_LETTER}+")
_APART = re.compile("[/,]")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_APOSTROPHES = re.compile("['’`´]")
# Scripts without spaces are indexed as character bigrams.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0002fa1f]+"
)
_FOLDED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss", "ĸ": "k"}
)
# A letter of its own, of which Cyrillic endings are made.
_SHORT_I, _KEPT = "й", "\ue000"
_DIACRITICS = re.compile("[\u0300-\u036f]+")
LONGEST_WORD = 64


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one token, in order, and the same words joined into one."""

    words: tuple[str, ...]
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A token of a text with its position."""

    words: Words
    start: int
    end: int


def fold(text: str) -> str:
    """Text with case, accents and typographic variants folded."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text).casefold().replace(_SHORT_I, _KEPT)
    folded = _DIACRITICS.sub("", unicodedata.normalize("NFKD", text))
    # Compatibility decomposition may leave uppercase letters.
    return unicodedata.normalize("NFC", folded).casefold().translate(_FOLDED).replace(_KEPT, _SHORT_I)


@lru_cache(maxsize=65_536)
def split_token(token: str) -> Words:
    """Return the words of one token."""
    token = _APOSTROPHES.sub("", fold(token))
    if token.isascii() and token.isalnum():
        return Words((token[:LONGEST_WORD],))
    if _DECIMAL.fullmatch(token):
        return Words((token.replace(",", "."),))
    words: list[str] = []
    pieces = _PIECE.findall(token)
    for piece in pieces:
        words.extend(_unspaced(piece))
    # "Black/White" is always two words.
    one = 1 < len(pieces) <= 4 and len(words) == len(pieces) and not _APART.search(token)
    joined = "".join(pieces) if one else ""
    return Words(tuple(word[:LONGEST_WORD] for word in words), joined[:LONGEST_WORD])


def spans(text: str) -> Iterator[Span]:
    """Return the tokens of a text, in order."""
    for found in TOKEN.finditer(text):
        yield Span(split_token(found.group()), found.start(), found.end())


def words_of(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return [word for token in TOKEN.findall(text) for word in split_token(token).words]


def _unspaced(piece: str) -> Iterator[str]:
    end = 0
    for run in _UNSPACED.finditer(piece):
        if piece[end : run.start()]:
            yield piece[end : run.start()]
        letters = run.group()
        if len(letters) == 1:
            yield letters
        else:
            yield from (letters[place : place + 2] for place in range(len(letters) - 1))
        end = run.end()
    if piece[end:]:
        yield piece[end:]


def compact(text: str) -> str:
    """Text folded, without spaces and punctuation, as in the names of facets."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def code_word(code: str) -> str:
    """A code as a term that no text contains, independent of case, spaces and hyphens."""
    letters = compact(code)
    return f"={letters}" if letters else ""
