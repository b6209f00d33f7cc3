"""Products that show the same picture, and variants that nobody has grouped."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from lookalike.catalog import Catalog
from lookalike.explore.findings import Finding
from lookalike.explore.nearest import near_pairs
from lookalike.images import read_image
from lookalike.snapshot import Snapshot, label

View: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"

PROBES = 64
SIDE = 32
CUTS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05)
SAME_PICTURE = 0.012
LEAST_LIKE = 0.8
MOST_BRIGHTENED = 1.25
# Photos that show nothing are a fault of their own, and all alike.
BLANK = 4.0
MOST_VARIANTS = 40
WORD = re.compile(r"[^\W_]+")


def duplicates(shop: Catalog, snapshot: Snapshot) -> Iterator[Finding]:
    """Pairs of products with the same picture, though it was saved anew, resized, brightened or trimmed."""
    least = _least_like(shop, snapshot)
    pairs, _ = near_pairs(_unit(snapshot.images), least)
    views = _Views(shop, snapshot)
    said: set[tuple[int, int]] = set()
    for one, other in pairs.tolist():
        first, second = int(snapshot.owners[one]), int(snapshot.owners[other])
        left, right = snapshot.products[first], snapshot.products[second]
        if first == second or (first, second) in said or (left.group and left.group == right.group):
            continue
        apart = 0.0 if snapshot.photos[one] == snapshot.photos[other] else views.apart(one, other)
        if apart <= SAME_PICTURE:
            said.add((first, second))
            confidence = 1 - apart / (2 * SAME_PICTURE)
            yield Finding(
                "duplicate", right.id, confidence, other=left.id, now=right.title, likely=left.title
            )


def variants(snapshot: Snapshot) -> Iterator[Finding]:
    """Products of one title and category but for the colour, which are in no group yet."""
    category, colour = snapshot.category(), snapshot.colour()
    if not colour:
        return
    colours = {word for value in snapshot.labels(colour).tolist() for word in WORD.findall(value.lower())}
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, product in enumerate(snapshot.products):
        words = [word for word in WORD.findall(product.title.lower()) if word not in colours]
        if len(words) >= 3 and not product.group:
            kind = label(product.facets.get(category)) if category else ""
            alike[" ".join(words), kind].append(place)
    for places in alike.values():
        shades = {label(snapshot.products[place].facets.get(colour)) for place in places}
        if not 1 < len(places) <= MOST_VARIANTS or len(shades) < len(places):
            continue
        first = snapshot.products[places[0]]
        for place in places:
            product = snapshot.products[place]
            other = snapshot.products[places[1]] if place == places[0] else first
            yield Finding(
                "variant", product.id, 0.8, field="group", likely=f"group-{first.id}", other=other.id
            )


def _least_like(shop: Catalog, snapshot: Snapshot) -> float:
    """How alike the encoder finds a photo and its copy at worst, measured on the shop's own photos."""
    step = max(1, len(snapshot.photos) // PROBES)
    probes = list(range(0, len(snapshot.photos), step))
    if not probes:
        return 1.0
    stored = shop.database.stored_photos([snapshot.photos[place] for place in probes])
    alike: list[float] = []
    for manner in (_resaved, _trimmed, _smaller):
        pictures = [manner(read_image(stored[snapshot.photos[place]].data)) for place in probes]
        rows = shop.making.encode_images(pictures)
        if rows is None:
            return 1.0
        learned = shop.making.learned()
        rows = rows if learned is None else learned.reduced(rows)
        alike += np.einsum("ij,ij->i", _unit(rows), _unit(snapshot.images[probes])).tolist()
    return max(LEAST_LIKE, float(np.quantile(alike, 0.01)) - 0.01)


def _resaved(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=40)
    return Image.open(buffer).convert("RGB")


def _trimmed(picture: Image.Image) -> Image.Image:
    wide, high = int(picture.width * 0.045), int(picture.height * 0.045)
    return picture.crop(
        (wide, high, max(wide + 1, picture.width - wide), max(high + 1, picture.height - high))
    )


def _smaller(picture: Image.Image) -> Image.Image:
    return picture.resize((max(1, int(picture.width * 0.65)), max(1, int(picture.height * 0.65))))


class _Views:
    """Small pictures of photos, trimmed a little more each, made when they are first needed."""

    def __init__(self, shop: Catalog, snapshot: Snapshot) -> None:
        self._shop = shop
        self._snapshot = snapshot
        self._made: dict[int, list[View]] = {}

    def apart(self, one: int, other: int) -> float:
        """The mean difference of two photos at best, one as a trimmed, brightened copy of the other."""
        left, right = self._views(one), self._views(other)
        if max(float(left[0].std()), float(right[0].std())) < BLANK:
            return 1.0
        return min(
            *(_difference(left[0], view) for view in right),
            *(_difference(view, right[0]) for view in left[1:]),
        )

    def _views(self, place: int) -> list[View]:
        if place not in self._made:
            stored = self._shop.photo(self._snapshot.photos[place])
            picture = read_image(stored.data)
            wide, high = picture.size
            boxes = [(wide * cut, high * cut, wide * (1 - cut), high * (1 - cut)) for cut in CUTS]
            small = [picture.resize((SIDE, SIDE), Image.Resampling.BOX, box=box) for box in boxes]
            views = [np.asarray(each, np.float32) for each in small]
            self._made[place] = [view - view.mean(axis=(0, 1)) for view in views]
        return self._made[place]


def _difference(one: View, other: View) -> float:
    gain = float((one * other).sum() / max(float((one * one).sum()), 1e-6))
    gain = min(max(gain, 1 / MOST_BRIGHTENED), MOST_BRIGHTENED)
    return float(np.abs(gain * one - other).mean() / 255)


def _unit(rows: Any) -> Any:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, np.where(lengths > 0, lengths, 1), dtype=np.float32)
