"""Learning a shop's calibration from its own products.

Each sampled product searches for others of its category, and phrases search for products with their facets.
This needs no labels beyond the feed and embeds no photo, so it takes seconds.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.facet_roles import category_facet, colour_facet
from lookalike.search.calibration import Calibration, Scale
from lookalike.search.confidence import HEAD, Confidence, Evidence, below
from lookalike.search.found import Found
from lookalike.search.out_of_domain import ShopClassifier, Usual
from lookalike.search.prior import shipped_prior
from lookalike.text import facet_text, label
from lookalike.types import Hit, Product, Query, Vector
from lookalike.vectors.codec import unpack_vectors

SAMPLE = 800
LANDMARKS = 500
QUERIES = 200
PHRASES = 150
STRANGERS = 60
PHRASE_WORDS = 3
# Copies of a photo say nothing about how similar other products look.
COPY = 0.9999
# Standard deviations of the distance from the prior; weights of one query and one out-of-domain query.
SHIFT, SLOPE = 0.7, 0.25
STRANGER_WEIGHT = 1.0


class Part(Enum):
    """The data to learn from: all of it, or one half so that the other can be evaluated."""

    ALL = (0, 1)
    FIRST = (0,)
    SECOND = (1,)

    def has(self, id: str) -> bool:
        """Whether a product or phrase belongs to this part."""
        return zlib.crc32(f"half {id}".encode()) % 2 in self.value


@dataclass(slots=True)
class Judged:
    """Hits with their prior log odds and whether they are relevant."""

    logits: list[float] = field(default_factory=list[float])
    right: list[bool] = field(default_factory=list[bool])
    weights: list[float] = field(default_factory=list[float])

    def add(self, logits: Sequence[float], right: Sequence[bool], weight: float) -> None:
        """Add the hits of one query, which together weigh as much as one observation."""
        self.logits += logits
        self.right += right
        self.weights += [weight / len(logits)] * len(logits)

    def scale(self) -> Scale:
        """Return shift and slope, fitted by maximum a posteriori estimation with Newton's method."""
        if not self.logits:
            return Scale()
        logits, right, weights = np.array(self.logits), np.array(self.right, float), np.array(self.weights)
        design = np.stack([np.ones_like(logits), logits], axis=1)
        centre, precision = np.array([0.0, 1.0]), np.array([1 / SHIFT**2, 1 / SLOPE**2])
        found = centre.copy()
        for _ in range(25):
            chance = 1 / (1 + np.exp(-design @ found))
            gradient = design.T @ (weights * (right - chance)) - precision * (found - centre)
            curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design + np.diag(precision)
            found = found + np.linalg.solve(curvature, gradient)
        return Scale(round(float(found[0]), 4), round(float(max(found[1], 0.1)), 4))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that a shopper may search for, and the facet values of a relevant hit; None if unknown."""

    text: str
    wanted: tuple[tuple[str, str], ...] = ()

    def names(self, product: Product) -> bool:
        """Whether a product matches the phrase."""
        return all(label(product.facets.get(name)) == value for name, value in self.wanted)


class Calibrator:
    """Learns the calibration of one catalog."""

    def __init__(self, catalog: Catalog, find: Callable[[Query], Found], part: Part = Part.ALL) -> None:
        """`find` answers queries without a confidence."""
        self._part = part
        self._catalog = catalog
        self._find = find
        self._encoding = catalog.pipeline.encoding
        self._prior = shipped_prior()
        ids = sorted(filter(part.has, catalog.database.ids()), key=_shuffled)[:SAMPLE]
        self._products = list(catalog.database.products(ids).values())
        self._products.sort(key=lambda product: _shuffled(product.id))

    def learn(self) -> Calibration:
        """Return the calibration of the current catalog."""
        usual = self._prior.usual
        calibration = Calibration(
            image_space=self._encoding.image_space,
            text_space=self._encoding.text_space,
            learned=self._encoding.learned,
            count=len(self._catalog),
            category=category_facet(self._products),
            agreement=self._prior.agreement,
            best_look=usual["best_look"],
            mean_look=usual["mean_look"],
            best_score=usual["best_score"],
        )
        calibration = self._with_photos(calibration)
        return self._with_words(calibration)

    def _with_photos(self, calibration: Calibration) -> Calibration:
        rows = self._rows()
        if not rows:
            return calibration
        asked = [(product, rows[product.id]) for product in self._products if product.id in rows][:QUERIES]
        found = [self._others(product, row) for product, row in asked]
        looks = [sorted((hit.parts["image"] for hit in hits), reverse=True) for hits, _ in found if hits]
        calibration = replace(
            calibration,
            best_look=self._usual("best_look", [each[0] for each in looks]),
            mean_look=self._usual("mean_look", [float(np.mean(each)) for each in looks]),
        )
        own = np.stack([self._reduced(row) for row in list(rows.values())[:LANDMARKS]])
        world = self._of_part(self._prior.world_images(self._encoding.image_space))
        strangers: list[tuple[Vector, float]] = []
        places = dict.fromkeys(rows, 0.0)
        if world is not None and _unit_rows(own):
            reduced = np.stack([self._reduced(row) for row in world])
            classifier, mine, chosen, theirs = ShopClassifier.fit(own, reduced, self._prior.usual["looks"])
            calibration = replace(calibration, looks=classifier)
            places.update(zip(list(rows)[: len(mine)], mine.tolist(), strict=True))
            strangers = [(world[place], stands) for place, stands in zip(chosen, theirs, strict=True)]
        confidence, judged = Confidence(calibration), Judged()
        for (product, _), (hits, answer) in zip(asked, found, strict=True):
            kind = label(product.facets.get(calibration.category)) if calibration.category else ""
            if kind and hits:
                evidence = confidence.evidence(hits, answer.query, answer.vectors)
                evidence = _standing(evidence, places[product.id])
                right = [label(hit.product.facets.get(calibration.category)) == kind for hit in hits]
                judged.add([confidence.logit(hit, evidence, hit) for hit in hits], right, 1.0)
        if judged.logits:
            for row, place in strangers[:: max(1, len(strangers) // STRANGERS)]:
                answer = self._find(_photo_query(row))
                if answer.head:
                    evidence = confidence.evidence(answer.head, answer.query, answer.vectors)
                    evidence = _standing(evidence, place)
                    logits = [confidence.logit(hit, evidence, hit) for hit in answer.head]
                    judged.add(logits, [False] * len(logits), STRANGER_WEIGHT)
        return replace(calibration, photo_scale=judged.scale())

    def _with_words(self, calibration: Calibration) -> Calibration:
        phrases = self.phrases(calibration.category)
        if not phrases or not self._catalog.recipe.text:
            return calibration
        found = [self._find(Query(text=phrase.text, k=HEAD)) for phrase in phrases]
        best = [answer.head[0].score for answer in found if answer.head]
        calibration = replace(calibration, best_score=self._usual("best_score", best))
        vectors = [answer.vectors.text for answer in found]
        own = np.stack([row for row in vectors if isinstance(row, np.ndarray)] or [np.zeros(0, np.float32)])
        world = self._of_part(self._prior.world_texts(self._encoding.text_space))
        places = [0.0] * len(phrases)
        if world is not None and len(own) == len(phrases):
            classifier, mine, _, _ = ShopClassifier.fit(own, world, self._prior.usual["words"])
            calibration = replace(calibration, words=classifier)
            places = mine.tolist() or places
        confidence, judged = Confidence(calibration), Judged()
        for phrase, answer, place in zip(phrases, found, places, strict=True):
            if phrase.wanted and answer.head:
                evidence = confidence.evidence(answer.head, answer.query, answer.vectors)
                evidence = _standing(evidence, place)
                logits = [confidence.logit(hit, evidence, hit) for hit in answer.head]
                judged.add(logits, [phrase.names(hit.product) for hit in answer.head], 1.0)
        return replace(calibration, text_scale=judged.scale())

    def _of_part(self, world: Vector | None) -> Vector | None:
        return world if world is None or self._part is Part.ALL else world[self._part.value[0] :: 2]

    def _rows(self) -> dict[str, Vector]:
        """Return the vector of each sampled product's first photo."""
        if not self._encoding.image_space:
            return {}
        first = {each.id: next((p.id for p in each.photos if p.id), "") for each in self._products}
        photos = list(dict.fromkeys(photo for photo in first.values() if photo))
        rows = self._catalog.database.image_vectors(self._encoding.image_space, photos)
        return {id: unpack_vectors(rows[photo]) for id, photo in first.items() if photo in rows}

    def _reduced(self, row: Vector) -> Vector:
        learned = self._catalog.pipeline.learned()
        return row if learned is None else learned.reduced(row)

    def _others(self, product: Product, row: Vector) -> tuple[list[Hit], Found]:
        """Return what a product's photo finds, without itself, its variants and copies of the photo."""
        answer = self._find(_photo_query(row, product.id))
        others = [
            hit
            for hit in answer.head
            if not (product.group and hit.product.group == product.group) and hit.parts["image"] < COPY
        ]
        return others, answer

    def _usual(self, name: str, values: Sequence[float]) -> Usual:
        elsewhere, seen = self._prior.usual[name], np.array(values, np.float64)
        if self._catalog.recipe.metric != "cosine" and len(seen):
            # Distances have no scale in common across shops.
            middle, low = np.quantile(seen, (0.5, 0.05))
            elsewhere = Usual(float(middle), max(float(middle - low), abs(float(middle)) / 4, 1e-6))
        return Usual.of(seen, elsewhere)

    def phrases(self, category: str) -> list[Phrase]:
        """Return likely queries: categories, colors of categories, other facet values and parts of titles."""
        colour = colour_facet(self._products)
        found: dict[str, Phrase] = {}
        for product in self._products:
            facets = {name: label(product.facets.get(name)) for name in (colour, category) if name}
            if category and facets[category]:
                found.setdefault(
                    facets[category].casefold(), Phrase(facets[category], ((category, facets[category]),))
                )
                if colour and colour != category and facets[colour]:
                    text = f"{facets[colour]} {facets[category]}"
                    found.setdefault(text.casefold(), Phrase(text, tuple(facets.items())))
            for value in (facet_text(value) for value in product.facets.values()):
                if (
                    value.strip()
                    and not value.replace(".", "").isdigit()
                    and len(value.split()) <= PHRASE_WORDS
                ):
                    found.setdefault(value.casefold(), Phrase(value))
            if title := " ".join(product.title.split()[-PHRASE_WORDS:]):
                found.setdefault(title.casefold(), Phrase(title))
        chosen = [each for each in found.values() if self._part.has(each.text)]
        return sorted(chosen, key=lambda each: (not each.wanted, _shuffled(each.text)))[:PHRASES]


def _photo_query(row: Vector, id: str = "") -> Query:
    return Query(vector=row, image_weight=1.0, k=HEAD, exclude=frozenset({id}) if id else frozenset())


def _standing(evidence: Evidence, place: float) -> Evidence:
    """Return the evidence of a query, with its domain score measured without the query itself."""
    if evidence.photo:
        head, _, _, *rest = evidence.photo
        return replace(evidence, photo=(head, place, below(place), *rest))
    *before, _, _, best, far = evidence.words
    return replace(evidence, words=(*before, place, below(place), best, far))


def _unit_rows(rows: Vector) -> bool:
    return bool(np.allclose((rows * rows).sum(axis=1), 1, atol=1e-2))


def _shuffled(id: str) -> int:
    return zlib.crc32(id.encode())
