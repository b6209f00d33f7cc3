"""Suggests whole queries while a shopper types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.lexical import languages
from lookalike.lexical.document import Field
from lookalike.lexical.expansion import both
from lookalike.lexical.index import View
from lookalike.lexical.query import Reading
from lookalike.lexical.scoring import Scored
from lookalike.lexical.search import Found, largest
from lookalike.lexical.segment import FIELDS, Longs, Stream
from lookalike.types import Completion

# Continuations are learned from this many products that match the text so far.
LEARN_FROM = 200
# Words that fewer of them contain are not suggested.
LEAST_SHARE = 0.04
SHORTEST = 3
PIVOT = 3.0
MOST_FINISHED = 24


def completions(query: str, found: Found, view: View, limit: int) -> list[Completion]:
    """Return completions of the last word, then words that products use next to the typed ones."""
    said = corrected(found.reading)
    if not said:
        return []
    texts = {" ".join(said): 0}
    if not query[-1:].isspace():
        texts = _finished(said, found.reading, view, limit) or texts
    whole = next(iter(texts))
    after = [
        Completion(f"{whole} {word}", count)
        for word, count in _next_words(found.parts, view, said, found.reading)
    ]
    finished = [Completion(text, count) for text, count in texts.items()]
    room = max(limit - len(after), limit // 2)
    return (finished[:room] + after)[:limit]


def _finished(said: Sequence[str], reading: Reading, view: View, limit: int) -> dict[str, int]:
    """Return queries with the last word completed, those that match the most products first."""
    *before, last = said
    typed = reading.groups[-1]
    words = [each.word for each in typed.alternatives if each.kind in ("exact", "correction")][:1]
    words += view.completer.completions(last, view.word_counts, MOST_FINISHED)
    others = [group for group in reading.groups[:-1] if group.alternatives]
    counts: dict[int, tuple[str, int]] = {}
    for word in words:
        term = view.vocabulary.term(word)
        if term is not None and term not in counts:
            together = [both(view, term, other.alternatives[0].terms[0]) for other in others]
            counts[term] = (word, min([view.carriers(term), *together]))
    best = sorted(counts.values(), key=lambda each: (each[0] != last, -each[1]))
    return {" ".join([*before, word]): count for word, count in best[:limit] if count}


def corrected(reading: Reading) -> list[str]:
    """Return the words of a query with misspellings corrected."""
    meant = {each.typed: each.meant for each in reading.corrected}
    return [meant.get(group.word, group.word) for group in reading.groups]


def _title_counts(stream: Stream, products: NDArray[np.intp], words: int) -> Longs:
    """Count the titles of some products that contain each word."""
    first = stream.starts[products * FIELDS + Field.TITLE]
    lengths = stream.starts[products * FIELDS + Field.TITLE + 1] - first
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + lengths, lengths)
    owners = np.repeat(np.arange(len(products)), lengths)
    once = np.unique(owners * words + stream.words[places])
    return np.bincount(once % words, minlength=words)


def _next_words(
    parts: Sequence[Scored], view: View, said: Sequence[str], reading: Reading
) -> list[tuple[str, int]]:
    """Return words that are typical of the best products' titles."""
    terms = {term for group in reading.groups for each in group.alternatives for term in each.terms}
    counts = np.zeros(len(view.vocabulary), np.int64)
    products = 0
    for part in parts:
        best = part.products[largest(part.scores, LEARN_FROM)]
        counts += _title_counts(part.part.segment.stream, best, len(counts))
        products += len(best)
    if not products:
        return []
    candidates = np.flatnonzero(counts >= max(2, LEAST_SHARE * products))
    stop = languages.stop_words(view.vocabulary.language)
    weighed: list[tuple[float, str, int]] = []
    for number in candidates:
        word = view.vocabulary.words[number]
        if len(word) < SHORTEST or not word.isalpha() or word in stop or word in said:
            continue
        if view.vocabulary.term_of[number] in terms:
            continue
        share = counts[number] / products
        lift = share / ((view.carriers(view.vocabulary.term_of[number]) + PIVOT) / (view.size + PIVOT))
        weighed.append((float(share * np.log1p(lift)), word, int(counts[number])))
    return [(word, count) for _, word, count in sorted(weighed, reverse=True)]
