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
from lookalike.search.confidence import HEAD, Confidence, agreement, meaning
from lookalike.search.found import Found
from lookalike.search.out_of_domain import SHRINKAGE, ShopClassifier, Usual
from lookalike.search.prior import shipped_prior
from lookalike.text import facet_text, label
from lookalike.types import Hit, Product, Query, Vector
from lookalike.vectors.codec import unpack_vectors

SAMPLE = 800
LANDMARKS = 500
QUERIES = 200
PHRASES = 150
PHRASE_WORDS = 3
# Copies of a photo say nothing about how similar other products look.
COPY = 0.9999
# Standard deviations of a shop's distance from the prior.
SHIFT, SLOPE = 0.7, 0.25


class Part(Enum):
    """The data to learn from: all of it, or one half so that the other can be evaluated."""

    ALL = (0, 1)
    FIRST = (0,)
    SECOND = (1,)

    def has(self, id: str) -> bool:
        """Whether a product or phrase belongs to this part."""
        return zlib.crc32(f"half {id}".encode()) % 2 in self.value


@dataclass(slots=True)
class LabeledHits:
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
            best_meaning=usual["best_meaning"],
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
            agreement=self._agreement([hits for hits, _ in found], calibration.category),
        )
        own = np.stack([self._reduced(row) for row in list(rows.values())[:LANDMARKS]])
        world = self._of_part(self._prior.world_images(self._encoding.image_space))
        if world is not None and _unit_rows(own):
            reduced = np.stack([self._reduced(row) for row in world])
            looks_of_shop = ShopClassifier.fit(own, reduced, self._prior.usual["looks"])
            calibration = replace(calibration, looks=looks_of_shop)
        groups: dict[str, set[str]] = {}
        for product in self._products:
            if calibration.category and (kind := label(product.facets.get(calibration.category))):
                groups.setdefault(kind, set()).add(product.group or product.id)
        confidence, labeled = Confidence(calibration), LabeledHits()
        for (product, _), (hits, answer) in zip(asked, found, strict=True):
            kind = label(product.facets.get(calibration.category)) if calibration.category else ""
            # A product that is alone in its category cannot find a right one. Shoppers' photos can.
            if len(groups.get(kind, ())) > 1 and hits:
                evidence = confidence.evidence(hits, answer.query, answer.vectors)
                right = [label(hit.product.facets.get(calibration.category)) == kind for hit in hits]
                labeled.add(
                    [confidence.logit(hit, evidence, hit, rank) for rank, hit in enumerate(hits)], right, 1.0
                )
        return replace(calibration, photo_scale=labeled.scale())

    def _with_words(self, calibration: Calibration) -> Calibration:
        phrases = self.phrases(calibration.category)
        if not phrases or not self._catalog.recipe.text:
            return calibration
        found = [self._find(Query(text=phrase.text, k=HEAD)) for phrase in phrases]
        best = [answer.head[0].score for answer in found if answer.head]
        near = [max(meaning(hit, answer.vectors) for hit in answer.head) for answer in found if answer.head]
        calibration = replace(
            calibration,
            best_score=self._usual("best_score", best),
            best_meaning=self._usual("best_meaning", near),
        )
        vectors = [answer.vectors.text for answer in found]
        own = np.stack([row for row in vectors if isinstance(row, np.ndarray)] or [np.zeros(0, np.float32)])
        world = self._of_part(self._prior.world_texts(self._encoding.text_space))
        if world is not None and len(own) == len(phrases):
            words_of_shop = ShopClassifier.fit(own, world, self._prior.usual["words"])
            calibration = replace(calibration, words=words_of_shop)
        confidence, labeled = Confidence(calibration), LabeledHits()
        for phrase, answer in zip(phrases, found, strict=True):
            if phrase.wanted and answer.head:
                evidence = confidence.evidence(answer.head, answer.query, answer.vectors)
                logits = [confidence.logit(hit, evidence, hit, rank) for rank, hit in enumerate(answer.head)]
                labeled.add(logits, [phrase.names(hit.product) for hit in answer.head], 1.0)
        return replace(calibration, text_scale=labeled.scale())

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

    def _agreement(self, found: Sequence[Sequence[Hit]], category: str) -> float:
        """Return the usual share of a product's neighbors in one category."""
        shares = [share for hits in found if (share := agreement(hits, category)) is not None]
        return (SHRINKAGE * self._prior.agreement + sum(shares)) / (SHRINKAGE + len(shares))

    def _usual(self, name: str, values: Sequence[float]) -> Usual:
        elsewhere, seen = self._prior.usual[name], np.array(values, np.float64)
        if self._catalog.recipe.metric != "cosine" and len(seen):
            # Distances have no scale in common across shops.
            middle, low = np.quantile(seen, (0.5, 0.05))
            elsewhere = Usual(float(middle), max(float(middle - low), abs(float(middle)) / 4, 1e-6))
        return Usual.of(seen, elsewhere)

    def phrases(self, category: str) -> list[Phrase]:
        """Return likely queries: categories, colors of categories, titles and their ends, other facet values.

        The first three groups have equal shares where there are enough of each.
        """
        colour = colour_facet(self._products)
        kinds: dict[str, Phrase] = {}
        coloured: dict[str, Phrase] = {}
        titles: dict[str, Phrase] = {}
        others: dict[str, Phrase] = {}
        for product in self._products:
            said = {name: label(product.facets.get(name)) for name in (colour, category) if name}
            kind = ((category, said[category]),) if category and said[category] else ()
            if kind:
                kinds.setdefault(said[category].casefold(), Phrase(said[category], kind))
                if colour and colour != category and said[colour]:
                    text = f"{said[colour]} {said[category]}"
                    coloured.setdefault(text.casefold(), Phrase(text, tuple(said.items())))
            words = product.title.split()
            for text in (" ".join(words[-PHRASE_WORDS:]), product.title):
                # A title that contains its color asks for it.
                named = colour and said[colour] and said[colour].casefold() in text.casefold()
                wanted = tuple(said.items()) if kind and named else kind
                if text.strip():
                    titles.setdefault(text.casefold(), Phrase(text, wanted))
            for value in map(facet_text, product.facets.values()):
                counted = value.replace(".", "").isdigit()
                if value.strip() and not counted and len(value.split()) <= PHRASE_WORDS:
                    others.setdefault(value.casefold(), Phrase(value))
        chosen: dict[str, Phrase] = {}
        for group in (kinds, coloured, titles):
            shuffled = sorted(group.values(), key=lambda each: _shuffled(each.text))
            mine = [each for each in shuffled if self._part.has(each.text)]
            chosen |= {each.text.casefold(): each for each in reversed(mine[: PHRASES // 3])}
        rest = {**others, **titles, **coloured, **kinds}
        more = sorted(rest.values(), key=lambda each: (not each.wanted, _shuffled(each.text)))
        for each in more:
            if len(chosen) < PHRASES and self._part.has(each.text):
                chosen.setdefault(each.text.casefold(), each)
        return list(chosen.values())


def _photo_query(row: Vector, id: str = "") -> Query:
    return Query(vector=row, image_weight=1.0, k=HEAD, exclude=frozenset({id}) if id else frozenset())


def _unit_rows(rows: Vector) -> bool:
    return bool(np.allclose((rows * rows).sum(axis=1), 1, atol=1e-2))


def _shuffled(id: str) -> int:
    return zlib.crc32(id.encode())
