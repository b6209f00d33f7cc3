"""The tokenizer of the built-in text tower: hashes words without a vocabulary."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lookalike.encoders.spec import HASH_BUCKETS

MAX_WORDS = 64
MAX_TOKENS = 512
PADDING = 0

# What parts ASCII words; apostrophes do not.
_ASCII_GAPS = {code: " " for code in range(128) if not chr(code).isalnum()} | {ord("'"): None}
# From here on scripts are written without spaces or pack a word into one or two signs.
_FIRST_DENSE_SIGN = "\u2e80"


def words(text: str) -> list[str]:
    """Split a text into case-folded words of letters, marks and digits of any script."""
    found = text.lower().translate(_ASCII_GAPS).split() if text.isascii() else _words_of_any_script(text)
    return found[:MAX_WORDS]


def _words_of_any_script(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Combining marks belong to their letter: splitting there would break Hindi and Thai words.
    kept = (
        sign if unicodedata.category(sign)[0] in "LMN" else "" if sign in "'\u2019" else " "
        for sign in folded
    )
    return "".join(kept).split()


def token_ids(text: str, buckets: int = HASH_BUCKETS) -> list[int]:
    """Return the bucket numbers of a text's words, pairs of words and character n-grams."""
    found = words(text)
    ids: list[int] = []
    for word in found:
        ids.extend(_word_ids(word, buckets))
    ids.extend(_bucket(f"p:{left} {right}", buckets) for left, right in pairwise(found))
    return ids[:MAX_TOKENS]


def batch_ids(texts: Sequence[str], buckets: int = HASH_BUCKETS) -> NDArray[np.int64]:
    """Return the bucket numbers of several texts as one padded array [texts, longest]."""
    rows = [token_ids(text, buckets) for text in texts]
    width = max((len(row) for row in rows), default=0) or 1
    padded = np.full((len(rows), width), PADDING, dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


@lru_cache(maxsize=65_536)
def _word_ids(word: str, buckets: int) -> tuple[int, ...]:
    return (_bucket(f"w:{word}", buckets), *(_bucket(f"g:{gram}", buckets) for gram in _grams(word)))


def _grams(word: str) -> Iterator[str]:
    dense = any(sign >= _FIRST_DENSE_SIGN for sign in word)
    marked = word if dense else f"<{word}>"
    for length in (1, 2) if dense else (3, 4):
        for start in range(len(marked) - length + 1):
            yield marked[start : start + length]


def _bucket(token: str, buckets: int) -> int:
    # Unlike hash(), crc32 is the same on every machine and run; bucket 0 is padding.
    return 1 + zlib.crc32(token.encode("utf-8", "surrogatepass")) % (buckets - 1)


def hashing_tokenizer(buckets: int) -> Callable[[str], dict[str, NDArray[np.int64]]]:
    """Return a tokenizer that turns a text into the input of a hashed text tower."""
    return lambda text: {"token_ids": batch_ids([text], buckets)}
