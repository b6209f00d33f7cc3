"""Benchmark tasks: queries with relevant products, derived from the feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from lookalike.analysis.evaluate.augmentations import ALTERATIONS, altered
from lookalike.analysis.evaluate.intervals import sample
from lookalike.analysis.evaluate.metrics import DEPTH
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import NotFound
from lookalike.media.images import read_image
from lookalike.shop import Shop
from lookalike.types import Query

AGREEMENT = ("P@1", "P@5", "P@10", "R@10", "F1@5", "F1@10", "mAP@50", "NDCG@10")
FINDING = ("hit@1", "hit@10", "MRR@50")
PHRASES = ("P@1", "P@5", "P@10", "mAP@50", "NDCG@10")
VARIANTS = ("hit@1", "R@10", "MRR@50")
NEXT = ("hit@1", "hit@10", "MRR@50")
FEW = 5
MOST_PHRASES = 200
AT_ONCE = 64

Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """The queries of one task, the rankings, and the relevant products."""

    task: str
    part: str
    measures: tuple[str, ...]
    runs: Mapping[str, Mapping[str, Mapping[str, float]]]
    relevant: Mapping[str, Collection[str]]
    units: Mapping[str, str] = field(default_factory=dict[str, str])


class Examiner:
    """Queries a catalog for its own products through the public search."""

    def __init__(self, shop: Shop, snapshot: Snapshot, queries: int, progress: Progress) -> None:
        self._shop = shop
        self._snapshot = snapshot
        self._queries = queries
        self._progress = progress
        self._kin = _kin(snapshot)
        self._units = {product.id: product.group or product.id for product in snapshot.products}

    def trials(self) -> Iterator[Task]:
        """All tasks that the catalog has data for."""
        if len(self._snapshot) < 2:
            return
        yield from self._agreement()
        yield from self._altered()
        yield from self._words_and_photos()
        yield from self._phrases()
        yield from self._variants()
        yield from self._next_products()

    def _agreement(self) -> Iterator[Task]:
        """Neighbors of a product share its facets: by look, by words, and as the recipe mixes them."""
        facets = self._snapshot.facets()
        recipe = self._shop.recipe
        seen = self._snapshot.has_photo()
        ids = [id for id, photo in zip(self._snapshot.ids, seen, strict=True) if photo or recipe.text]
        if not facets or len(ids) < 2:
            return
        weights: dict[str, float | None] = {"look": 1.0} if recipe.image else {}
        if recipe.image and recipe.text:
            weights |= {"words": 0.0, "recipe": None}
        elif recipe.text:
            weights["words"] = 0.0
        asked = sample(ids, self._queries, "agreement")
        runs = {channel: self._neighbours(asked, channel, weight) for channel, weight in weights.items()}
        answered = [id for id in asked if all(id in run for run in runs.values())]
        for names in [*((name,) for name in facets), *_together(self._snapshot)]:
            labels = dict(zip(self._snapshot.ids, self._snapshot.labels(*names).tolist(), strict=True))
            carrying: dict[str, set[str]] = defaultdict(set)
            for id, label in labels.items():
                carrying[label].add(id)
            relevant = {id: carrying[labels[id]] - self._kin[id] for id in answered if labels[id]}
            yield Task("agreement", " + ".join(names), AGREEMENT, runs, relevant, self._units)

    def _neighbours(
        self, asked: Sequence[str], channel: str, weight: float | None
    ) -> dict[str, dict[str, float]]:
        queries = {
            id: Query(product=id, image_weight=weight, k=DEPTH, grouped=False, exclude=self._kin[id])
            for id in asked
        }
        return self._answers(queries, f"neighbours by {channel}")

    def _altered(self) -> Iterator[Task]:
        """Cropped, dimmed or half hidden photos find their product."""
        first = self._snapshot.first_photos()
        seen = [id for id, photo in zip(self._snapshot.ids, first, strict=True) if photo]
        if not self._shop.recipe.image or not seen:
            return
        photo_of = dict(zip(self._snapshot.ids, first, strict=True))
        asked = sample(seen, max(1, self._queries // 2), "altered")
        for how in ALTERATIONS:
            run: dict[str, dict[str, float]] = {}
            for start in range(0, len(asked), AT_ONCE):
                piece = asked[start : start + AT_ONCE]
                stored = self._shop.catalog.database.stored_photos([photo_of[id] for id in piece])
                # Products may be removed while they are measured.
                there = [id for id in piece if photo_of[id] in stored]
                pictures = [altered(read_image(stored[photo_of[id]].data), how, id) for id in there]
                rows = self._shop.catalog.pipeline.encode_images(pictures)
                assert rows is not None
                for id, row in zip(there, rows, strict=True):
                    run[id] = self._ask(Query(vector=row, image_weight=1.0, k=DEPTH, grouped=False))
                self._progress(f"photos, {how}", start + len(piece), len(asked))
            relevant = {id: self._kin[id] for id in run}
            yield Task("altered photo", how, FINDING, {"look": run}, relevant, self._units)

    def _words_and_photos(self) -> Iterator[Task]:
        """For encoders that share a space: titles find their photo, and photos their title."""
        snapshot = self._snapshot
        if not self._shop.recipe.joint or snapshot.texts is None:
            return
        titled: dict[str, set[str]] = defaultdict(set)
        for product, photo in zip(snapshot.products, snapshot.has_photo(), strict=True):
            if product.title.strip() and photo:
                titled[product.title.strip()].add(product.id)
        ids = [product.id for product in snapshot.products if product.id in titled[product.title.strip()]]
        asked = sample(ids, self._queries, "titles")
        place = {id: number for number, id in enumerate(snapshot.ids)}
        titles = {id: snapshot.products[place[id]].title.strip() for id in asked}
        relevant = {id: titled[titles[id]] | self._kin[id] for id in asked}
        looks = snapshot.looks()
        by_title: dict[str, dict[str, float]] = {}
        by_photo: dict[str, dict[str, float]] = {}
        silent = np.zeros(self._shop.catalog.pipeline.encoding.image_dim, np.float32)
        for done, id in enumerate(asked):
            row = self._shop.catalog.pipeline.encode_texts([titles[id]])
            if isinstance(row, np.ndarray) and row.any():
                by_title[id] = self._ask(Query(vector=row[0], image_weight=1.0, k=DEPTH, grouped=False))
            both = np.concatenate([silent, looks[place[id]]])
            by_photo[id] = self._ask(Query(vector=both, image_weight=0.0, k=DEPTH, grouped=False))
            self._progress("titles and photos", done + 1, len(asked))
        yield Task("title to photo", "", FINDING, {"look": by_title}, relevant, self._units)
        yield Task("photo to title", "", FINDING, {"words": by_photo}, relevant, self._units)

    def _phrases(self) -> Iterator[Task]:
        """Text such as "red shirts" finds products with both values."""
        category, colour = self._snapshot.category(), self._snapshot.colour()
        if not self._shop.recipe.text or not category:
            return
        for names in [(category,), (colour, category)] if colour and colour != category else [(category,)]:
            carrying: dict[str, set[str]] = defaultdict(set)
            for id, label in zip(self._snapshot.ids, self._snapshot.labels(*names).tolist(), strict=True):
                if label:
                    carrying[label.replace(" · ", " ").lower()].add(id)
            relevant = {phrase: found for phrase, found in carrying.items() if len(found) >= FEW}
            asked = sample(list(relevant), MOST_PHRASES, "phrases")
            run: dict[str, dict[str, float]] = {}
            for done, phrase in enumerate(asked):
                run[phrase] = self._ask(Query(text=phrase, k=DEPTH, grouped=False))
                self._progress("phrases", done + 1, len(asked))
            chosen = {phrase: relevant[phrase] for phrase in asked}
            yield Task("phrase", " + ".join(names), PHRASES, {"recipe": run}, chosen)

    def _variants(self) -> Iterator[Task]:
        """A variant of a product finds the others."""
        groups: dict[str, list[str]] = defaultdict(list)
        for product in self._snapshot.products:
            if product.group:
                groups[product.group].append(product.id)
        grouped = [id for members in groups.values() if len(members) > 1 for id in members]
        if not grouped:
            return
        asked = sample(grouped, self._queries, "variants")
        run = self._answers({id: Query(product=id, k=DEPTH, grouped=False) for id in asked}, "variants")
        relevant = {id: {other for other in groups[self._units[id]] if other != id} for id in run}
        yield Task("variants", "group", VARIANTS, {"recipe": run}, relevant, self._units)

    def _next_products(self) -> Iterator[Task]:
        """A product that a shopper viewed finds what the shopper chose next."""
        known = set(self._snapshot.ids)
        visits: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for piece in self._shop.catalog.database.events.since(0):
            for shopper, product, time in zip(piece.shoppers, piece.products, piece.times, strict=True):
                if product in known:
                    visits[shopper].append((time, product))
        chosen: dict[str, set[str]] = defaultdict(set)
        for path in visits.values():
            ordered = [product for _, product in sorted(path)]
            for product, following in pairwise(ordered):
                if following not in self._kin[product]:
                    chosen[product].add(following)
        asked = sample(list(chosen), self._queries, "next")
        if not asked:
            return
        queries = {id: Query(product=id, k=DEPTH, grouped=False, exclude=self._kin[id]) for id in asked}
        run = self._answers(queries, "next products")
        yield Task("next product", "", NEXT, {"recipe": run}, {id: chosen[id] for id in run}, self._units)

    def _answers(self, queries: Mapping[str, Query], what: str) -> dict[str, dict[str, float]]:
        """The ranking of each query. Deleted products have none."""
        run: dict[str, dict[str, float]] = {}
        for done, (id, query) in enumerate(queries.items(), 1):
            with suppress(NotFound):
                run[id] = self._ask(query)
            self._progress(what, done, len(queries))
        return run

    def _ask(self, query: Query) -> dict[str, float]:
        return {hit.id: hit.score for hit in self._shop.answer(query)}


def _kin(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Products excluded as trivial: the product itself, its variants, and those with the same photo."""
    sharing: dict[str, set[str]] = defaultdict(set)
    for product in snapshot.products:
        for photo in product.photos:
            sharing[f"photo {photo.id}"].add(product.id)
        if product.group:
            sharing[f"group {product.group}"].add(product.id)
    kin: dict[str, frozenset[str]] = {}
    for product in snapshot.products:
        names = [f"photo {photo.id}" for photo in product.photos if photo.id]
        names += [f"group {product.group}"] if product.group else []
        kin[product.id] = frozenset({product.id}.union(*(sharing[name] for name in names)))
    return kin


def _together(snapshot: Snapshot) -> list[tuple[str, ...]]:
    """The combinations to query: category with color, and with one more facet."""
    category, colour = snapshot.category(), snapshot.colour()
    others = [name for name in snapshot.facets() if name not in (category, colour)]
    if not category:
        return []
    if colour and colour != category:
        return [(category, colour), *((category, colour, name) for name in others[:1])]
    return [(category, name) for name in others[:2]]
