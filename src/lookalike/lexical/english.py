"""English nouns: a query word in this list is not a misspelling of another word."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lookalike.lexical.languages import singular

# In each line a noun in the singular and its other spellings, written by `python -m research.english_nouns`.
FILE = Path(__file__).with_name("english_nouns.txt.gz")


def is_noun(word: str) -> bool:
    """Whether a word is an English noun, in the singular or the plural."""
    return singular(word.casefold()) in _nouns()


def same_noun(one: str, other: str) -> bool:
    """Whether two words are forms or spellings of one noun, such as "racket" and "racquets"."""
    plain, wanted = singular(one.casefold()), singular(other.casefold())
    return plain == wanted or wanted in _nouns().get(plain, ())


@cache
def _nouns() -> Mapping[str, frozenset[str]]:
    lines = gzip.decompress(FILE.read_bytes()).decode().splitlines()
    return {noun: frozenset(others) for noun, *others in map(str.split, lines)}
