"""The match of a hit and the verdict "No good match": both derive from one probability.

The match is the probability that a person who sees the query and the product would accept it: the right
category, with the requested attributes. It never increases down a list in order of relevance. A list has a
good match if its best hit reaches `GOOD`.

It is the product of two probabilities: that the shop sells what was asked for, and that the hit is it if so.
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

    `found` holds how good the best hits are, `sold` the probability that the shop sells what was asked for.
    `asked` holds the words, also those on top of a photo, and `carried` the share of them that each of the
    best hits carries.
    """

    kind: str
    found: tuple[float, ...]
    sold: float
    asked: tuple[str, ...]
    best: Hit
    unit: bool
    carried: Mapping[str, float]

    def coverage(self, hit: Hit) -> float:
        """The share of the words that a hit carries."""
        known = self.carried.get(hit.id)
        return coverage(self.asked, hit) if known is None else known


class Confidence:
    """Assesses the hits of one catalog.

    Words on top of a photo are assessed only if both share one space (`joint`). Otherwise, nothing tells how
    far a green product may be from the photo of a blue one, and a wrong verdict is worse than none.
    """

    def __init__(self, calibration: Calibration, prior: Prior | None = None, *, joint: bool = True) -> None:
        self.calibration = calibration
        self._joint = joint
        self._prior = prior or shipped_prior()

    def assess(
        self, head: Sequence[Hit], page: Sequence[Hit], query: Query, vectors: QueryVectors
    ) -> tuple[tuple[Hit, ...], bool | None]:
        """Return the hits of a page with their match, and whether the catalog has a good match.

        `head` holds the best hits of the query, which decide, independent of the page and its order. Matches
        and verdict are None if they are not known.
        """
        if not head:
            return tuple(page), False
        evidence = self.evidence(head, query, vectors)
        if evidence.kind == PHOTO and evidence.asked and not self._joint:
            return tuple(replace(hit, match=None) for hit in page), None
        best = descending([self._match(hit, evidence, hit, rank) for rank, hit in enumerate(head)])
        known = {hit.id: match for hit, match in zip(head, best, strict=True)}
        # Below the head, only the score may count, so that pages agree with each other.
        matches = [
            known[hit.id]
            if hit.id in known
            else min(best[-1], self._match(hit, evidence, head[-1], len(head)))
            for hit in page
        ]
        if not query.sort:
            matches = list(accumulate(matches, min))
        assessed = (replace(hit, match=round(match, 4)) for hit, match in zip(page, matches, strict=True))
        return tuple(assessed), round(best[0], 4) >= GOOD

    def evidence(self, head: Sequence[Hit], query: Query, vectors: QueryVectors) -> Evidence:
        """Return the evidence from the best hits."""
        words = vectors.said or words_of(query)
        asked = asked_words(words) if words else ()
        in_words = query.image is None and query.vector is None and query.product is None
        unit = vectors.image is not None and abs(float(vectors.image @ vectors.image) - 1) < 1e-3
        if in_words or vectors.image is None:
            return self._words(head, vectors, asked, unit)
        return self._photo(head, query, vectors, asked, unit)

    def _sold(self, kind: str, inside: float, found: tuple[float, ...], *, known: bool) -> float:
        """Return the probability that the shop sells what was asked for.

        `inside` is the place of the query in the shop, if that is known.
        """
        model = self._prior.models[Prior.sold_model(kind, known)]
        return Scale().match(model.logit((inside, below(inside), *found)))

    def logit(self, hit: Hit, evidence: Evidence, carrier: Hit, rank: int) -> float:
        """Return the prior's log odds that a hit is what was asked for, if the shop sells it.

        The words of the hit are those of `carrier`.
        """
        return self._prior.models[evidence.kind].logit(self.features(hit, evidence, carrier, rank))

    def features(self, hit: Hit, evidence: Evidence, carrier: Hit, rank: int) -> tuple[float, ...]:
        """Return the features of a hit. The rank of the first hit is 0."""
        behind = -float(np.log2(1 + rank))
        if evidence.kind == PHOTO:
            gap = (hit.parts["image"] - evidence.best.parts["image"]) / self.calibration.best_look.spread
            return (*evidence.found, max(gap, FARTHEST), behind)
        gap = (hit.score - evidence.best.score) / self.calibration.best_score.spread
        return (*evidence.found, max(gap, FARTHEST), behind, evidence.coverage(carrier))

    def _photo(
        self,
        head: Sequence[Hit],
        query: Query,
        vectors: QueryVectors,
        asked: tuple[str, ...],
        unit: bool,
    ) -> Evidence:
        calibration, inside = self.calibration, 0.0
        looks = [hit.parts["image"] for hit in head]
        # A product of the shop is in its domain by definition.
        if calibration.looks is not None and query.product is None and vectors.image is not None:
            inside = calibration.looks.place(vectors.image)
        best = calibration.best_look.place(max(looks))
        around = calibration.mean_look.place(float(np.mean(looks)))
        nearest = max(head, key=lambda hit: hit.parts["image"])
        found = (1.0, best, below(best), around, self._agreement(head))
        sold = self._sold(PHOTO, inside, found, known=calibration.looks is not None)
        return Evidence(PHOTO, found, sold, asked, nearest, unit, {})

    def _words(
        self, head: Sequence[Hit], vectors: QueryVectors, asked: tuple[str, ...], unit: bool
    ) -> Evidence:
        calibration, inside = self.calibration, 0.0
        if calibration.words is not None and isinstance(vectors.text, np.ndarray):
            inside = calibration.words.place(vectors.text)
        # Missing words already show in the word coverage, and must not count twice.
        best = max(calibration.best_score.place(head[0].score), LOWEST_SCORE)
        carried = {hit.id: coverage(asked, hit) for hit in head}
        most = max(carried.values())
        near = calibration.best_meaning.place(max(meaning(hit, vectors) for hit in head))
        found = (1.0, float(most == 0), most, near, below(near), best, below(best))
        sold = self._sold(TEXT, inside, found, known=calibration.words is not None)
        return Evidence(TEXT, found, sold, asked, head[0], unit, carried)

    def changed(self, hit: Hit, evidence: Evidence, carrier: Hit) -> tuple[float, ...]:
        """Return the features of a hit for a photo with words on top, which change the look."""
        best = self._plain(evidence.best, evidence, evidence.best, 0)
        gap = (hit.parts["image"] - evidence.best.parts["image"]) / self.calibration.best_look.spread
        return (1.0, log_odds(best), max(gap, CHANGED_LOOK), evidence.coverage(carrier))

    def _match(self, hit: Hit, evidence: Evidence, carrier: Hit, rank: int) -> float:
        if evidence.kind == PHOTO and evidence.asked:
            return Scale().match(self._prior.models[BOTH].logit(self.changed(hit, evidence, carrier)))
        match = self._plain(hit, evidence, carrier, rank)
        # A hit that contains all words, after correction, is what the shopper wants.
        if carrier.named and evidence.kind == TEXT:
            match = max(match, GOOD)
        if evidence.unit and hit.parts["image"] >= SAME_PHOTO:
            return max(match, SAME_PHOTO_MATCH)
        return match

    def _plain(self, hit: Hit, evidence: Evidence, carrier: Hit, rank: int) -> float:
        """Return the match of a hit for a photo or words alone."""
        scale = self.calibration.photo_scale if evidence.kind == PHOTO else self.calibration.text_scale
        return evidence.sold * scale.match(self.logit(hit, evidence, carrier, rank))

    def _agreement(self, head: Sequence[Hit]) -> float:
        """Return how much the share of the most common category among the best hits exceeds the usual one."""
        share = agreement(head, self.calibration.category)
        return 0.0 if share is None else share - self.calibration.agreement


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


def meaning(hit: Hit, vectors: QueryVectors) -> float:
    """Return how close a hit is to a query in meaning, whichever words it contains."""
    return vectors.image_weight * hit.parts["image"] + vectors.text_weight * hit.parts["text"]


def agreement(hits: Sequence[Hit], facet: str) -> float | None:
    """Return the share of hits in their most common category; None if they have no categories."""
    kinds = [label(hit.product.facets.get(facet)) for hit in hits] if facet else []
    return max(kinds.count(kind) for kind in set(kinds)) / len(kinds) if any(kinds) else None


def below(place: float) -> float:
    """Return how far a value lies below the shop's lowest 5%."""
    return min(place + 1.0, 0.0)


def log_odds(match: float) -> float:
    """Return the log odds of a probability."""
    clipped = max(match, 1e-4)
    return float(np.log(clipped / (1 - clipped)))
