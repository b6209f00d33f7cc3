"""Whether matches can be trusted: held-out queries with what was promised beside what came true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lookalike.analysis.evaluate.augmentations import ALTERATIONS, altered
from lookalike.analysis.evaluate.intervals import sample
from lookalike.analysis.evaluate.out_of_domain_words import STRANGERS
from lookalike.analysis.evaluate.tasks import AT_ONCE, Progress
from lookalike.analysis.snapshot import Snapshot
from lookalike.encoders.text.hashing import words
from lookalike.media.images import read_image
from lookalike.search.calibrate import Calibrator, Part
from lookalike.search.confidence import GOOD, HEAD, Confidence
from lookalike.search.out_of_domain import unlike
from lookalike.search.prior import shipped_prior
from lookalike.search.word_coverage import asked_words, same_stem
from lookalike.shop import Shop
from lookalike.text import label, product_words
from lookalike.types import Hit, Product, Query

PHOTOS = 200
PHRASES = 200
OTHER_THINGS = 200
BINS = 10
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits with similar matches: what was promised on average, what came true, and how many hits."""

    low: float
    high: float
    promised: float
    came_true: float
    hits: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The shares of legitimate queries and of strangers without a good match, by the match required."""

    threshold: float
    legitimate: float
    strangers: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What one way of searching promised on queries that nothing was learned from."""

    queries: int
    strangers: int
    error: float
    bins: tuple[Bin, ...]
    refusal: tuple[Refusal, ...]

    def refused(self) -> Refusal | None:
        """What is refused with the line where it is."""
        return next((each for each in self.refusal if each.threshold == GOOD), None)


@dataclass(frozen=True, slots=True)
class ReliabilityReport:
    """How far matches can be trusted, for photos and for words; None where it cannot be measured."""

    facet: str
    photos: Reliability | None
    words: Reliability | None

    def as_json(self) -> dict[str, Any]:
        """The report as programs read it."""
        return {
            "facet": self.facet,
            "good_from": GOOD,
            "error_of_looks": round(self.photos.error, 4) if self.photos else 0.0,
            "error_of_words": round(self.words.error, 4) if self.words else 0.0,
            "photos": asdict(self.photos) if self.photos else None,
            "words": asdict(self.words) if self.words else None,
        }


@dataclass(slots=True)
class _Asked:
    """Matches of hits with the truth, and the best match of each query."""

    matches: list[float]
    right: list[bool]
    best: list[float]
    strangers: list[float]

    def add(self, hits: Sequence[Hit], right: Sequence[bool]) -> None:
        self.matches += [hit.match or 0.0 for hit in hits]
        self.right += right
        self.best.append((hits[0].match or 0.0) if hits else 0.0)

    def reliability(self) -> Reliability | None:
        if not self.matches:
            return None
        bins = reliability_bins(self.matches, self.right)
        refusal = [
            Refusal(line, _share_below(self.best, line), _share_below(self.strangers, line))
            for line in THRESHOLDS
        ]
        error = calibration_error(zip(self.matches, self.right, strict=True))
        return Reliability(len(self.best), len(self.strangers), error, bins, tuple(refusal))


def measure(shop: Shop, snapshot: Snapshot, progress: Progress) -> ReliabilityReport | None:
    """Learn from one half of the products and phrases, and ask with the other half.

    None if no facet names the category of a product: then relevance is unknown.
    """
    facet = snapshot.category()
    if not facet or not len(shop):
        return None
    judge = Confidence(Calibrator(shop.catalog, shop.engine.find, Part.FIRST).learn())
    return ReliabilityReport(
        facet,
        _photos(shop, snapshot, facet, judge, progress).reliability(),
        _words(shop, snapshot, facet, judge, progress).reliability(),
    )


def calibration_error(pairs: Iterable[tuple[float, bool]]) -> float:
    """How far promised probabilities are from what came true, in bins of equal width."""
    promised, came = zip(*pairs, strict=True)
    chances, truths = np.array(promised, np.float64), np.array(came, np.float64)
    bins = _bins(chances)
    gaps = np.abs(np.bincount(bins, chances, BINS) - np.bincount(bins, truths, BINS))
    return float(gaps.sum() / len(chances))


def reliability_bins(matches: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """The table behind the error; bins without hits are left out."""
    chances, truths = np.array(matches, np.float64), np.array(right, np.float64)
    places = _bins(chances)
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            promised=round(float(chances[places == number].mean()), 4),
            came_true=round(float(truths[places == number].mean()), 4),
            hits=int((places == number).sum()),
        )
        for number in range(BINS)
        if (places == number).any()
    )


def _bins(chances: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.minimum((chances * BINS).astype(np.int64), BINS - 1)


def _share_below(matches: Sequence[float], line: float) -> float:
    return round(float(np.mean([match < line for match in matches])), 4) if matches else 0.0


def _photos(shop: Shop, snapshot: Snapshot, facet: str, judge: Confidence, progress: Progress) -> _Asked:
    """Altered photos of the held-out half, each in one manner, and photos of other things."""
    asked = _Asked([], [], [], [])
    if not shop.recipe.image:
        return asked
    first = dict(zip(snapshot.ids, snapshot.first_photos(), strict=True))
    kinds = dict(zip(snapshot.ids, snapshot.labels(facet).tolist(), strict=True))
    held_out = [id for id, photo in first.items() if photo and kinds[id] and Part.SECOND.has(id)]
    chosen, manners = sample(held_out, PHOTOS, "reliability"), list(ALTERATIONS)
    for start in range(0, len(chosen), AT_ONCE):
        piece = chosen[start : start + AT_ONCE]
        stored = shop.catalog.database.stored_photos([first[id] for id in piece])
        manner_of = {id: manners[(start + place) % len(manners)] for place, id in enumerate(piece)}
        # Products may be removed while they are measured.
        there = [id for id in piece if first[id] in stored]
        rows = shop.catalog.pipeline.encode_images(
            [altered(read_image(stored[first[id]].data), manner_of[id], id) for id in there]
        )
        assert rows is not None
        for id, row in zip(there, rows, strict=True):
            query = Query(vector=row, image_weight=1.0, k=HEAD, exclude=frozenset({id}))
            hits = _judged(shop, judge, query)
            asked.add(hits, [label(hit.product.facets.get(facet)) == kinds[id] for hit in hits])
        progress("reliability, photos", start + len(piece), len(chosen))
    world = shipped_prior().world_images(shop.catalog.encoding.image_space)
    for row in _strange(judge, world, shop)[:OTHER_THINGS]:
        asked.strangers.append(_best(_judged(shop, judge, Query(vector=row, image_weight=1.0, k=HEAD))))
    return asked


def _words(shop: Shop, snapshot: Snapshot, facet: str, judge: Confidence, progress: Progress) -> _Asked:
    """Phrases of facet values that nothing was learned from; a hit is right if it carries all the values."""
    asked = _Asked([], [], [], [])
    if not shop.recipe.text:
        return asked
    held_out = Calibrator(shop.catalog, shop.engine.find, Part.SECOND)
    phrases = [phrase for phrase in held_out.phrases(facet) if phrase.wanted][:PHRASES]
    for done, phrase in enumerate(phrases):
        hits = _judged(shop, judge, Query(text=phrase.text, k=HEAD))
        asked.add(hits, [phrase.names(hit.product) for hit in hits])
        progress("reliability, words", done + 1, len(phrases))
    said = {word for product in snapshot.products for word in _said(product)}
    for word in STRANGERS:
        if any(each == known or same_stem(each, known) for each in asked_words(word) for known in said):
            continue
        asked.strangers.append(_best(_judged(shop, judge, Query(text=word, k=HEAD))))
    return asked


def _strange(judge: Confidence, world: Any, shop: Shop) -> list[Any]:
    """Photos of things unlike the shop's products, of the held-out half."""
    if world is None or judge.calibration.looks is None:
        return []
    learned = shop.catalog.pipeline.learned()
    half = world[1::2]
    reduced = half if learned is None else np.stack([learned.reduced(row) for row in half])
    return [half[place] for place in unlike(judge.calibration.looks.own, reduced)]


def _judged(shop: Shop, judge: Confidence, query: Query) -> tuple[Hit, ...]:
    found = shop.engine.find(query)
    return judge.assess(found.head, found.head, query, found.vectors)[0]


def _said(product: Product) -> list[str]:
    return words(f"{product.title} {product_words(product)}")


def _best(hits: Sequence[Hit]) -> float:
    return (hits[0].match or 0.0) if hits else 0.0
