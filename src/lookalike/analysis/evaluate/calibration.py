"""Learning what a score is worth, from altered photos, phrases and random pairs of the catalogue itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lookalike.analysis.evaluate.augmentations import ALTERATIONS, altered
from lookalike.analysis.evaluate.intervals import sample, seed_of
from lookalike.analysis.evaluate.out_of_domain_words import STRANGERS
from lookalike.analysis.evaluate.tasks import AT_ONCE, Progress
from lookalike.analysis.snapshot import Snapshot
from lookalike.media.images import read_image
from lookalike.search.confidence import CALIBRATION, Calibration, Curve, carried
from lookalike.search.out_of_domain import OutOfDomainClassifier
from lookalike.shop import Shop
from lookalike.text import label
from lookalike.types import Query

PHOTOS = 400
PHRASES = 300
HITS = 10
FEWEST_PAIRS = 300
BINS = 15
POINTS = 24
# The shop's own photos, heavily altered, that may be refused: more where other things are known to lie apart.
REFUSED_OWN = 0.01
REFUSED_LEARNED = 0.035
# Where the line lies in shops of clothes; one whose photos look otherwise moves it, but for a tenth of them.
USUAL_LINE = -0.15
REFUSED_AT_MOST = 0.1
# Words for what is not sold that are refused, and how many such words it takes to tell.
REFUSED_STRANGE = 0.95
FEWEST_STRANGERS = 20

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and a hit: the score between them, the hit's category, and whether it is right."""

    unit: str
    score: float
    category: str
    right: bool


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What was learned, and how far its promises were off on products it had not seen."""

    calibration: Calibration
    error_of_looks: float
    error_of_words: float
    categories: tuple[str, ...]
    pairs: int
    refused_own: float


def calibrate(
    shop: Shop, snapshot: Snapshot, progress: Progress, outsiders: OutOfDomainClassifier | None = None
) -> CalibrationReport | None:
    """Learn the chance of being right for each category, and from where on nothing is a match."""
    facet = snapshot.category()
    if not facet or len(snapshot) < HITS:
        return None
    looks, near = _look_pairs(shop, snapshot, facet, progress, outsiders)
    words, said, named = _word_pairs(shop, snapshot, facet, progress)
    if not looks and not words:
        return None
    line = _line(near, outsiders)
    strange = _strangers(shop, progress)
    encoding = shop.catalog.pipeline.encoding
    curves = _curves(looks) if looks else {}
    calibration = Calibration(
        facet=facet,
        image_space=encoding.image_space,
        text_space=encoding.text_space,
        learned=encoding.learned,
        looks=curves,
        words=risen(words) if words else None,
        named=round(named, 4),
        least_near=line,
        least_said=round(float(np.quantile(said, REFUSED_OWN)), 5) if said else None,
        least_strange=round(float(np.quantile(strange, REFUSED_STRANGE)), 5)
        if len(strange) >= FEWEST_STRANGERS
        else None,
        outsiders=outsiders,
    )
    return CalibrationReport(
        calibration=calibration,
        error_of_looks=_error_unseen(looks, by_category=True),
        error_of_words=_error_unseen(words, by_category=False),
        categories=tuple(sorted(set(curves) - {""})),
        pairs=len(looks) + len(words),
        refused_own=float(np.mean(np.array(near) < line)) if line is not None else 0.0,
    )


def keep(shop: Shop, report: CalibrationReport) -> None:
    """Store what was learned, so that every search answers with it; where nothing changed, write nothing."""
    data = report.calibration.dumps()
    if shop.catalog.database.settings().get(CALIBRATION) != data:
        shop.catalog.database.put_settings({CALIBRATION: data})


def calibration_error(pairs: Iterable[tuple[float, bool]]) -> float:
    """How far promised chances are from what came true, in bins of equal width."""
    promised, came = zip(*pairs, strict=True)
    chances, truths = np.array(promised, np.float64), np.array(came, np.float64)
    bins = np.minimum((chances * BINS).astype(np.int64), BINS - 1)
    sizes = np.bincount(bins, minlength=BINS)
    gaps = np.abs(np.bincount(bins, chances, BINS) - np.bincount(bins, truths, BINS))
    return float(gaps.sum() / sizes.sum())


def _look_pairs(
    shop: Shop, snapshot: Snapshot, facet: str, progress: Progress, outsiders: OutOfDomainClassifier | None
) -> tuple[list[Pair], list[float]]:
    """Altered photos with what they find and with random products; how near each comes to the shop."""
    if not shop.recipe.image:
        return [], []
    first = dict(zip(snapshot.ids, snapshot.first_photos(), strict=True))
    kinds = dict(zip(snapshot.ids, snapshot.labels(facet).tolist(), strict=True))
    asked = sample([id for id, photo in first.items() if photo and kinds[id]], PHOTOS, "calibration")
    ids, looks = snapshot.ids, snapshot.looks()
    pairs: list[Pair] = []
    near: list[float] = []
    manners = list(ALTERATIONS)
    for start in range(0, len(asked), AT_ONCE):
        piece = asked[start : start + AT_ONCE]
        stored = shop.catalog.database.stored_photos([first[id] for id in piece])
        # Two manners for each product, so that all of them are met equally often.
        chosen = [
            (id, manners[(start + place + turn) % len(manners)])
            for place, id in enumerate(piece)
            for turn in (0, len(manners) // 2)
        ]
        rows = shop.catalog.pipeline.encode_images(
            [altered(read_image(stored[first[id]].data), how, id) for id, how in chosen]
        )
        assert rows is not None
        learned = shop.catalog.pipeline.learned()
        for (id, how), row in zip(chosen, rows, strict=True):
            own = frozenset({id})
            found = shop.answer(Query(vector=row, image_weight=1.0, k=HITS, grouped=False, exclude=own))
            for hit in found:
                kind = label(hit.product.facets.get(facet))
                pairs.append(Pair(id, hit.parts["image"], kind, kind == kinds[id]))
            nearest = [hit.parts["image"] for hit in found] or [0.0]
            near.append(float(outsiders.score(row)[0]) if outsiders else float(np.mean(nearest)))
            seen = row if learned is None else learned.reduced(row)
            dice = np.random.default_rng(seed_of("random", id, how))
            for other in dice.integers(0, len(ids), HITS).tolist():
                if ids[other] != id and looks[other].any():
                    kind = kinds[ids[other]]
                    score = _similarity(shop, seen, looks[other])
                    pairs.append(Pair(id, score, kind, kind == kinds[id]))
        progress("calibration, photos", start + len(piece), len(asked))
    return pairs, near


def _line(near: Sequence[float], outsiders: OutOfDomainClassifier | None) -> float | None:
    """Below which nearness a photo is refused."""
    if not near:
        return None
    if outsiders is None:
        return round(float(np.quantile(near, REFUSED_OWN)), 5)
    least, most = np.quantile(near, (REFUSED_LEARNED, REFUSED_AT_MOST))
    return round(float(np.clip(USUAL_LINE, least, most)), 5)


def _strangers(shop: Shop, progress: Progress) -> list[float]:
    """The best scores of words for things that the catalogue does not speak of."""
    if not shop.recipe.text:
        return []
    scores: list[float] = []
    for done, word in enumerate(STRANGERS):
        hits = shop.answer(Query(text=word, k=HITS, grouped=False)).hits
        if hits and not carried(word, hits) and not any(hit.parts.get("keyword") for hit in hits):
            scores.append(max(hit.score for hit in hits))
        progress("calibration, strange words", done + 1, len(STRANGERS))
    return scores


def _similarity(shop: Shop, one: Any, other: Any) -> float:
    if shop.recipe.metric == "euclidean":
        return -float(np.sum((one - other) ** 2))
    return float(one @ other)


def _word_pairs(
    shop: Shop, snapshot: Snapshot, facet: str, progress: Progress
) -> tuple[list[Pair], list[float], float]:
    """Phrases of facet values and what they find; a hit is right if it carries all the values."""
    if not shop.recipe.text:
        return [], [], 1.0
    names = list(dict.fromkeys(name for name in (snapshot.colour(), facet) if name))
    singles = [(facet,), tuple(names)] if len(names) > 1 else [(facet,)]
    phrases: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for combination in singles:
        for values in np.unique(snapshot.labels(*combination)).tolist():
            if values:
                phrases[values.replace(" · ", " ").lower()] = (combination, tuple(values.split(" · ")))
    pairs: list[Pair] = []
    said: list[float] = []
    literal: list[bool] = []
    asked = sample(list(phrases), PHRASES, "phrases")
    for done, phrase in enumerate(asked):
        combination, values = phrases[phrase]
        best = 0.0
        for hit in shop.answer(Query(text=phrase, k=HITS, grouped=False)):
            right = tuple(label(hit.product.facets.get(name)) for name in combination) == values
            score = hit.score - hit.parts.get("keyword", 0.0)
            pairs.append(Pair(phrase, score, "", right))
            best = max(best, score)
            if hit.parts.get("keyword"):
                literal.append(right)
        said.append(best)
        progress("calibration, words", done + 1, len(asked))
    return pairs, said, float(np.mean(literal)) if literal else 1.0


def _curves(pairs: Sequence[Pair]) -> dict[str, Curve]:
    """One curve for all, and one for each category that was met often enough to have its own."""
    by_category: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_category[pair.category].append(pair)
    curves = {"": risen(pairs)}
    for category, own in sorted(by_category.items()):
        if category and len(own) >= FEWEST_PAIRS:
            curves[category] = risen(own)
    return curves


def risen(pairs: Sequence[Pair]) -> Curve:
    """The share of right pairs as a rising curve of the score (pool adjacent violators)."""
    ordered = sorted(pairs, key=lambda pair: pair.score)
    size = max(1, len(ordered) // (4 * POINTS))
    blocks: list[tuple[float, float, int]] = []
    for start in range(0, len(ordered), size):
        piece = ordered[start : start + size]
        score = float(np.mean([pair.score for pair in piece]))
        blocks.append((score, float(np.mean([pair.right for pair in piece])), len(piece)))
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            (one, first, few), (other, second, many) = blocks[-2:]
            count = few + many
            blocks[-2:] = [((one * few + other * many) / count, (first * few + second * many) / count, count)]
    return Curve(
        tuple(round(score, 5) for score, _, _ in blocks), tuple(round(share, 4) for _, share, _ in blocks)
    )


def _error_unseen(pairs: Sequence[Pair], by_category: bool) -> float:
    """The calibration error on one half of the products of what was learned on the other."""
    halves = [[pair for pair in pairs if seed_of("half", pair.unit) % 2 == half] for half in (0, 1)]
    promised: list[tuple[float, bool]] = []
    for learned, unseen in (halves, halves[::-1]):
        if not learned or not unseen:
            return 0.0
        curves = _curves(learned) if by_category else {"": risen(learned)}
        promised += [
            ((curves.get(pair.category) or curves[""]).at(pair.score), pair.right) for pair in unseen
        ]
    return calibration_error(promised)


def as_json(report: CalibrationReport) -> Mapping[str, object]:
    """What was learned, in numbers a person can check."""
    calibration = report.calibration
    return {
        "facet": calibration.facet,
        "categories": list(report.categories),
        "pairs": report.pairs,
        "error_of_looks": round(report.error_of_looks, 4),
        "error_of_words": round(report.error_of_words, 4),
        "least_near": calibration.least_near,
        "least_said": calibration.least_said,
        "least_strange": calibration.least_strange,
        "own_photos_refused": round(report.refused_own, 4),
    }
