"""The match of a hit and the verdict "No good match": both derive from one probability.

The match is the probability that a person who sees the query and the product would accept it: the right
category, with the requested attributes. It never increases down a list in order of relevance. A list has a
good match if its best hit reaches `GOOD`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from lookalike.search.calibration import Calibration, Scale
from lookalike.search.prior import BOTH, PHOTO, TEXT, Prior, shipped_prior
from lookalike.search.query import QueryVectors, words_of
from lookalike.search.word_coverage import asked_words, coverage
from lookalike.text import label
from lookalike.types import Hit, Query, Results

# Below it, a hit is "hardly alike"; if the best hit is below it, there is no good match.
GOOD = 0.2
# Number of top hits that serve as evidence for all.
HEAD = 10
# A resized or recompressed copy of a product's photo scores this high; other photos almost never do.
SAME_PHOTO = 0.985
SAME_PHOTO_MATCH = 0.97
FARTHEST = -8.0
# Words on top of a photo change the look; below this similarity, distance carries no further information.
CHANGED_LOOK = -2.0
# Below this score, missing words carry no further information: usually all words match.
LOWEST_SCORE = -1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence from the best hits of a query, in units that are comparable across shops.

    `photo` is empty for a query in words. `asked` holds the words, also those on top of a photo, and
    `carried` the share of them that each of the best hits carries.
    """

    photo: tuple[float, ...]
    words: tuple[float, ...]
    asked: tuple[str, ...]
    best: Hit
    unit: bool
    carried: Mapping[str, float]

    def coverage(self, hit: Hit) -> float:
        """The share of the words that a hit carries."""
        known = self.carried.get(hit.id)
        return coverage(self.asked, hit) if known is None else known


class Confidence:
    """Assesses the hits of one catalog."""

    def __init__(self, calibration: Calibration, prior: Prior | None = None) -> None:
        self.calibration = calibration
        self._prior = prior or shipped_prior()

    def judge(
        self, head: Sequence[Hit], page: Sequence[Hit], query: Query, vectors: QueryVectors
    ) -> tuple[tuple[Hit, ...], bool]:
        """Return the hits of a page with their match, and whether the catalog has a good match.

        `head` holds the best hits of the query, which decide, independent of the page and its order.
        """
        if not head:
            return tuple(page), False
        evidence = self.evidence(head, query, vectors)
        best = descending([self._match(hit, evidence, hit) for hit in head])
        known = {hit.id: match for hit, match in zip(head, best, strict=True)}
        # Below the head, only the score may count, so that pages agree with each other.
        matches = [
            known.get(hit.id, min(best[-1], self._match(hit, evidence, carrier=head[-1]))) for hit in page
        ]
        if not query.sort:
            matches = list(accumulate(matches, min))
        judged = (replace(hit, match=round(match, 4)) for hit, match in zip(page, matches, strict=True))
        return tuple(judged), round(best[0], 4) >= GOOD

    def evidence(self, head: Sequence[Hit], query: Query, vectors: QueryVectors) -> Evidence:
        """Return the evidence from the best hits."""
        asked = asked_words(words_of(query))
        in_words = query.image is None and query.vector is None and query.product is None
        unit = vectors.image is not None and abs(float(vectors.image @ vectors.image) - 1) < 1e-3
        if in_words or vectors.image is None:
            carried = {hit.id: coverage(asked, hit) for hit in head}
            said = self._words(head, vectors, max(carried.values()))
            return Evidence((), said, asked, head[0], unit, carried)
        nearest = max(head, key=lambda hit: hit.parts["image"])
        return Evidence(self._photo(head, query, vectors), (), asked, nearest, unit, {})

    def logit(self, hit: Hit, evidence: Evidence, carrier: Hit) -> float:
        """Return the prior's log odds of a hit; its words are those of `carrier`."""
        features, model = self.features(hit, evidence, carrier)
        return self._prior.models[model].logit(features)

    def features(self, hit: Hit, evidence: Evidence, carrier: Hit) -> tuple[tuple[float, ...], str]:
        """Return the features of a hit, and the model that weighs them."""
        calibration = self.calibration
        if evidence.photo:
            gap = (hit.parts["image"] - evidence.best.parts["image"]) / calibration.best_look.spread
            known = calibration.looks is not None
            return (*evidence.photo, max(gap, FARTHEST)), Prior.model(PHOTO, known)
        gap = (hit.score - evidence.best.score) / calibration.best_score.spread
        known = calibration.words is not None
        carried = evidence.coverage(carrier)
        return (*evidence.words, max(gap, FARTHEST), carried), Prior.model(TEXT, known)

    def _photo(self, head: Sequence[Hit], query: Query, vectors: QueryVectors) -> tuple[float, ...]:
        calibration, inside = self.calibration, 0.0
        looks = [hit.parts["image"] for hit in head]
        # A product of the shop is in its domain by definition.
        if calibration.looks is not None and query.product is None and vectors.image is not None:
            inside = calibration.looks.place(vectors.image)
        best = calibration.best_look.place(max(looks))
        around = calibration.mean_look.place(float(np.mean(looks)))
        return (1.0, inside, below(inside), best, below(best), around, self._agreement(head))

    def _words(self, head: Sequence[Hit], vectors: QueryVectors, most: float) -> tuple[float, ...]:
        calibration, inside = self.calibration, 0.0
        if calibration.words is not None and isinstance(vectors.text, np.ndarray):
            inside = calibration.words.place(vectors.text)
        # Missing words already show in the word coverage, and must not count twice.
        best = max(calibration.best_score.place(head[0].score), LOWEST_SCORE)
        return (1.0, most, float(most == 0), inside, below(inside), best, below(best))

    def changed(self, hit: Hit, evidence: Evidence, carrier: Hit) -> tuple[float, ...]:
        """Return the features of a hit for a photo with words on top, which change the look."""
        features, model = self.features(evidence.best, evidence, evidence.best)
        best = self.calibration.photo_scale.match(self._prior.models[model].logit(features))
        gap = (hit.parts["image"] - evidence.best.parts["image"]) / self.calibration.best_look.spread
        return (1.0, log_odds(best), max(gap, CHANGED_LOOK), evidence.coverage(carrier))

    def _match(self, hit: Hit, evidence: Evidence, carrier: Hit) -> float:
        if evidence.photo and evidence.asked:
            return Scale().match(self._prior.models[BOTH].logit(self.changed(hit, evidence, carrier)))
        scale = self.calibration.photo_scale if evidence.photo else self.calibration.text_scale
        match = scale.match(self.logit(hit, evidence, carrier))
        # A hit that contains all words, after correction, is what the shopper wants.
        if carrier.named and not evidence.photo:
            match = max(match, GOOD)
        if evidence.unit and hit.parts["image"] >= SAME_PHOTO:
            return max(match, SAME_PHOTO_MATCH)
        return match

    def _agreement(self, head: Sequence[Hit]) -> float:
        """Return the share of the best hits in their most common category; 0 is usual."""
        facet = self.calibration.category
        kinds = [label(hit.product.facets.get(facet)) for hit in head] if facet else []
        if not any(kinds):
            return 0.0
        return max(kinds.count(kind) for kind in set(kinds)) / len(kinds) - self.calibration.agreement


def reconciled(results: Results) -> Results:
    """Return hits that were reordered by other criteria, with matches that still never increase."""
    matches = [hit.match for hit in results.hits]
    known = [match for match in matches if match is not None]
    if len(known) < len(matches) or not known:
        return results
    falling = descending(known)
    hits = (replace(hit, match=round(match, 4)) for hit, match in zip(results.hits, falling, strict=True))
    return replace(results, hits=tuple(hits), good=round(falling[0], 4) >= GOOD)


def descending(matches: Sequence[float]) -> list[float]:
    """Return the nearest non-increasing sequence (isotonic regression by pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for match in matches:
        blocks.append((match, 1))
        while len(blocks) > 1 and blocks[-1][0] > blocks[-2][0]:
            (one, few), (other, many) = blocks[-2:]
            blocks[-2:] = [((one * few + other * many) / (few + many), few + many)]
    return [match for match, count in blocks for _ in range(count)]


def below(place: float) -> float:
    """Return how far a value lies below the shop's lowest 5%."""
    return min(place + 1.0, 0.0)


def log_odds(match: float) -> float:
    """Return the log odds of a probability."""
    clipped = max(match, 1e-4)
    return float(np.log(clipped / (1 - clipped)))
