"""English nouns: a query word in this list is not a misspelling."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

# Written by `python -m research.english_nouns`.
FILE = Path(__file__).with_name("english_nouns.txt.gz")


def is_noun(word: str) -> bool:
    """Whether a word is an English noun, as typed or without a plural ending."""
    known, plain = _nouns(), word.casefold()
    return plain in known or plain.removesuffix("s") in known or plain.removesuffix("es") in known


@cache
def _nouns() -> frozenset[str]:
    return frozenset(gzip.decompress(FILE.read_bytes()).decode().split())
