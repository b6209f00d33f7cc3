"""Write the English nouns that the search knows: `python -m research.english_nouns NAMES`.

NAMES is `timm/data/_info` of the PyPI package timm. Its `imagenet_synset_to_lemma.txt` has WordNet's names
of the 21,844 kinds of things of ImageNet.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, permutations
from pathlib import Path

from rapidfuzz.distance import OSA

from lookalike.lexical import english
from lookalike.lexical.languages import singular

_SHORTEST = 3
# Names of one thing that differ in one word by this much are two spellings of that word.
_SHORTEST_SPELLING = 5
_TWO_EDITS_FROM = 6


def main() -> None:
    """Write every word of the names once, with its other spellings."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", type=Path)
    lines = (asked.parse_args().names / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines()
    spellings: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        # A capital letter marks Latin and proper names.
        names = [name for name in line.split("\t")[1].split(", ") if name and not name[0].isupper()]
        words = [
            [singular(word) for word in re.findall(r"[a-z]+", name) if len(word) >= _SHORTEST]
            for name in names
        ]
        for word in chain.from_iterable(words):
            spellings[word] |= set()
        for one, other in permutations(words, 2):
            if pair := _one_word_apart(one, other):
                spellings[pair[0]].add(pair[1])
    text = "\n".join(" ".join((word, *sorted(spellings[word]))) for word in sorted(spellings)) + "\n"
    # Without a time of day, so that the same words give the same file.
    english.FILE.write_bytes(gzip.compress(text.encode(), mtime=0))


def _words(name: str) -> list[str]:
    return [singular(word) for word in re.findall(r"[a-z]+", name) if len(word) >= _SHORTEST]


def _one_word_apart(one: Sequence[str], other: Sequence[str]) -> tuple[str, str] | None:
    """Return the two spellings of the only word in which two names differ."""
    if len(one) != len(other):
        return None
    pairs = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if len(pairs) != 1:
        return None
    shorter = min(map(len, pairs[0]))
    most = (
        2 if shorter >= _TWO_EDITS_FROM else int(shorter >= _SHORTEST_SPELLING or _same_consonants(*pairs[0]))
    )
    return pairs[0] if OSA.distance(*pairs[0]) <= most else None


def _same_consonants(one: str, other: str) -> bool:
    return re.sub("[aeiouy]", "", one) == re.sub("[aeiouy]", "", other) and one[0] == other[0]


if __name__ == "__main__":
    main()
