"""Expands query words into corrections, completions, and joined or split words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from rapidfuzz.distance import OSA

from lookalike.lexical import languages
from lookalike.lexical.analysis import TOKEN, split_token
from lookalike.lexical.english import is_noun, same_noun
from lookalike.lexical.index import Part, View
from lookalike.lexical.query import Alternative, Correction, Group, Reading, WordQuery
from lookalike.lexical.related import related
from lookalike.lexical.scoring import carriers_of_phrase
from lookalike.lexical.segment import Ints
from lookalike.lexical.spelling import Guess

# More words add no information, and the integer in which scores are summed holds no more.
MOST_WORDS = 32
# Other forms of a word score a little less, so that exact matches rank first.
COMPLETED = 0.9
RELATED = 0.5
CORRECTED = 0.95
# Further corrections are discounted by their likelihood.
SECOND_GUESS = 0.5
LEAST_WEIGHT = 0.2
MOST_GUESSES = 3
MOST_COMPLETIONS = 12
LEAST_BEGUN = 2
LEAST_COMPLETION = 0.05
# Shoppers type most of a word before they search: each missing letter makes a completion less likely.
MISSING = 0.1
# A complete word is more likely meant than a longer word that starts with it.
OWN = 3
# A word this much rarer than a very similar one may itself be a misspelling.
STRAY = 50
# Words that occur together in products fit together; beyond this count, more evidence adds nothing.
FITTING = 1.5
SPLIT = 7.0
_MEASURE = re.compile(r"(\d+)([a-z]{1,4})")
# Single letters that form an inflection when appended to a word.
ENDINGS = "sdrny"


def read(query: WordQuery, view: View, language: str) -> Reading:
    """Expands the words of a query into terms of the catalog."""
    words = _words(query.text, language)[:MOST_WORDS]
    expansion = _Expansion(query, view, language, words)
    groups = [group for place in range(len(words)) for group in expansion.groups(place)]
    return Reading(
        groups=tuple(_joined(groups, view)),
        corrected=tuple(expansion.corrected),
        unknown=tuple(group.word for group in groups if not group.alternatives),
    )


def _words(text: str, language: str) -> list[str]:
    """Return the distinct words of a text; stop words only if there is nothing else."""
    found: list[str] = []
    for token in TOKEN.findall(text):
        found.extend(split_token(token).words)
    stop = languages.stop_words(language)
    return list(dict.fromkeys(word for word in found if word not in stop)) or list(dict.fromkeys(found))


class _Expansion:
    """Expands the words of one query against one view of the index."""

    def __init__(self, query: WordQuery, view: View, language: str, words: Sequence[str]) -> None:
        self._query = query
        self._view = view
        self._language = language
        self._words = words
        self.corrected: list[Correction] = []

    def groups(self, place: int) -> list[Group]:
        """Return the alternatives of one word; a compound becomes several words."""
        word, view = self._words[place], self._view
        last = place == len(self._words) - 1
        begun = self._query.begun and last and not self._query.text[-1:].isspace()
        exact = self._exact(word)
        completions = self._completions(word, exact) if begun else []
        apart = self._number_and_unit(word)
        if exact is not None:
            others = [*self._family(word, exact), *self._slips(word, exact), *self._related(word), *apart]
            return [_group(word, _distinct([exact, *completions, *others]), view)]
        if self._is_unsold(word) and len(self._words) > 1 and not any(map(self._exact, self._words)):
            # Whoever asks a shop of clothes for a mountain bike does not mean a biker jacket.
            completions = []
        completions = _distinct([*apart, *self._family(word, None), *self._related(word), *completions])
        if not self._query.correct or word in self._query.known or self._is_half(place):
            return [_group(word, completions, view)]
        return self._guessed(place, completions, begun)

    def _is_half(self, place: int) -> bool:
        """Whether the catalog writes a word and a neighboring one as one word."""
        pairs = [self._words[at : at + 2] for at in (place - 1, place) if at >= 0]
        return any(len(pair) == 2 and self._exact("".join(pair)) is not None for pair in pairs)

    def _exact(self, word: str) -> Alternative | None:
        term = self._view.vocabulary.term(word)
        if term is None or not self._view.carriers(term):
            return None
        return Alternative((term,), word)

    def _family(self, word: str, exact: Alternative | None) -> list[Alternative]:
        """Return other words with the same stem, the one closest in spelling first."""
        view = self._view
        terms = [
            term
            for term in view.vocabulary.family(word)
            if view.carriers(term) and (exact is None or term != exact.terms[0])
        ]
        terms.sort(key=lambda term: OSA.distance(word, view.vocabulary.terms[term]))
        weight = COMPLETED if exact is None else RELATED
        return [Alternative((term,), view.vocabulary.terms[term], weight, "related") for term in terms]

    def _is_unsold(self, word: str) -> bool:
        """Whether a word that no product contains is an English noun."""
        return self._language == languages.ENGLISH and is_noun(word)

    def _number_and_unit(self, word: str) -> list[Alternative]:
        """Return "2tb" as "2" and "tb", as other products write it."""
        found = _MEASURE.fullmatch(word)
        halves = [self._exact(half) for half in found.groups()] if found else []
        known = [half for half in halves if half is not None]
        if len(known) < 2:
            return []
        number, unit = known
        return [Alternative((*number.terms, *unit.terms), f"{number.word} {unit.word}", CORRECTED, "split")]

    def _related(self, word: str) -> list[Alternative]:
        """Return compounds and inflected forms, in the languages whose stems do not suffice."""
        language = self._language
        if language not in languages.COMPOUNDING and not languages.inflects_by_ending(word, language):
            return []
        return related(self._view, word, language, self._words)

    def _completions(self, word: str, exact: Alternative | None) -> list[Alternative]:
        """Return completions; if the word itself is complete, weighted by how much more frequent they are."""
        view = self._view
        if len(word) < LEAST_BEGUN or not word.isalpha():
            return []
        number_of_word = view.vocabulary.word(word)
        shown: dict[int, str] = {}
        likely: dict[int, float] = {}
        for other in view.completer.completions(word, view.word_counts, 2 * MOST_COMPLETIONS):
            number = view.vocabulary.word(other)
            term = view.vocabulary.term(other)
            if number is None or term is None or (exact is not None and term == exact.terms[0]):
                continue
            shown.setdefault(term, other)
            chance = view.count(number) * math.exp(-MISSING * (len(other) - len(word)))
            likely[term] = likely.get(term, 0.0) + chance
        most = max(likely.values(), default=1.0)
        own = 0 if number_of_word is None else view.count(number_of_word)
        weights = {term: math.sqrt(each / most) * each / (each + OWN * own) for term, each in likely.items()}
        best = sorted(weights, key=lambda term: -weights[term])[:MOST_COMPLETIONS]
        return [
            Alternative((term,), shown[term], COMPLETED * weights[term], "completion")
            for term in best
            if weights[term] > LEAST_COMPLETION
        ]

    def _slips(self, word: str, exact: Alternative) -> list[Alternative]:
        """Return corrections of a very rare word, scored below the word itself."""
        view = self._view
        if not self._query.correct or word in self._query.known or view.carriers(exact.terms[0]) > 2:
            return []
        found = view.speller.corrections(word, view.word_counts, lambda _: 0.0)
        often = STRAY * view.carriers(exact.terms[0])
        return [
            replace(each, weight=SECOND_GUESS * each.weight, kind="similar")
            for each in self._corrections([guess for guess in found if guess.edits == 1])
            if each.terms != exact.terms and view.carriers(each.terms[0]) > often
        ]

    def _guessed(self, place: int, completions: list[Alternative], begun: bool) -> list[Group]:
        """Return alternatives of an unknown word: a prefix, a misspelling, or several words in one."""
        word, view = self._words[place], self._view
        others = [self._exact(other) for at, other in enumerate(self._words) if at != place]
        terms = [other.terms[0] for other in others if other is not None]
        fits = partial(_fits, view, terms)
        speller = view.speller
        guesses = speller.corrections(word, view.word_counts, fits)
        if begun and not completions and not guesses:
            guesses = speller.corrections(word, view.word_counts, fits, begun=True)
        halves = self._split(word)
        if self._is_unsold(word):
            # The shop does not sell it, whatever else is spelled alike.
            guesses = [guess for guess in guesses if same_noun(word, guess.word)]
            halves = halves if _side_by_side(view, halves) else ()
        best = guesses[0].likelihood if guesses else -math.inf
        if halves and not completions and _together(view, halves) - SPLIT > best:
            self.corrected.append(Correction(word, " ".join(half.word for half in halves)))
            split = [replace(half, weight=CORRECTED, kind="split") for half in halves]
            return [_group(half.word, [half], view) for half in split]
        alternatives = self._corrections(guesses)
        if completions:
            alternatives = [replace(each, weight=SECOND_GUESS * each.weight) for each in alternatives]
            if not languages.inflects_by_ending(word, self._language) and _misspelled(word, completions[0]):
                self.corrected.append(Correction(word, completions[0].word))
        elif alternatives:
            self.corrected.append(Correction(word, alternatives[0].word))
        return [_group(word, _distinct([*completions, *alternatives]), view)]

    def _corrections(self, guesses: Sequence[Guess]) -> list[Alternative]:
        """Return the best correction, and others weighted by likelihood."""
        found: list[Alternative] = []
        for guess in guesses[:MOST_GUESSES]:
            weight = CORRECTED * math.exp(SECOND_GUESS * (guess.likelihood - guesses[0].likelihood))
            alternative = self._exact(guess.word)
            if alternative is not None and weight > LEAST_WEIGHT:
                found.append(replace(alternative, weight=weight, kind="correction"))
        return found

    def _split(self, word: str) -> tuple[Alternative, ...]:
        """Return the split of a word into the two words that occur together most often."""
        if not word.isalnum():
            return ()
        pairs = [
            (left, right)
            for at in range(2, len(word) - 1)
            if (left := self._exact(word[:at])) is not None and (right := self._exact(word[at:])) is not None
        ]
        return max(pairs, key=lambda pair: _together(self._view, pair), default=())


def _misspelled(typed: str, meant: Alternative) -> bool:
    """Whether a supposed inflection is more likely a typo: "nikee", but not "walks"."""
    return meant.kind == "related" and OSA.distance(typed, meant.word) == 1 and typed[-1] not in ENDINGS


def _distinct(alternatives: Iterable[Alternative]) -> list[Alternative]:
    best: dict[tuple[int, ...], Alternative] = {}
    for each in alternatives:
        if each.terms not in best or best[each.terms].weight < each.weight:
            best[each.terms] = each
    return list(best.values())


def _group(word: str, alternatives: Sequence[Alternative], view: View) -> Group:
    """Unknown words weigh as much as a word of a single product."""
    carriers = max(
        (view.carriers(each.terms[0]) for each in alternatives if each.weight >= SECOND_GUESS), default=1
    )
    return Group(word, tuple(alternatives), inverse_frequency(view, carriers))


def inverse_frequency(view: View, carriers: int) -> float:
    """Inverse document frequency of a word that `count` products contain."""
    return math.log(1 + (view.size - min(carriers, view.size) + 0.5) / (carriers + 0.5))


def _joined(groups: list[Group], view: View) -> list[Group]:
    """Add compounds that the catalog writes as one word to the words they consist of."""
    for place in range(len(groups) - 1):
        one, other = groups[place], groups[place + 1]
        whole = one.word + other.word
        term = view.vocabulary.term(whole) if one.word != other.word else None
        if term is None or not view.carriers(term):
            continue
        joined = Alternative((term,), whole, 1.0, "joined")
        groups[place] = _group(one.word, [*one.alternatives, joined], view)
        groups[place + 1] = _group(other.word, [*other.alternatives, joined], view)
    return groups


def _fits(view: View, terms: Sequence[int], word: str) -> float:
    """Score how well a word fits other terms, by the number of products that contain both."""
    term = view.vocabulary.term(word)
    if term is None or not terms:
        return 0.0
    together = sum(both(view, term, other) for other in terms)
    return min(FITTING * math.log1p(together), 2 * FITTING)


def _together(view: View, halves: tuple[Alternative, ...]) -> float:
    return math.log1p(both(view, halves[0].terms[0], halves[1].terms[0]))


def _side_by_side(view: View, halves: tuple[Alternative, ...]) -> bool:
    """Whether a product has the halves of a word side by side: "tooth brush", but not "car pet"."""
    phrase = " ".join(half.word for half in halves)
    return any(carriers_of_phrase(part, view.vocabulary, phrase).any() for part in view.parts)


def both(view: View, one: int, other: int) -> int:
    """Count the products that contain both terms."""
    total = 0
    for part in view.parts:
        few, many = sorted((_products(part, one), _products(part, other)), key=len)
        if len(few) and len(many):
            at = np.minimum(np.searchsorted(many, few), len(many) - 1)
            total += int(np.count_nonzero(many[at] == few))
    return total


def _products(part: Part, term: int) -> Ints:
    return part.segment.products[part.segment.postings(term)]
