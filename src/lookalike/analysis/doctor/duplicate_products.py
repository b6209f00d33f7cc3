"""Products with the same picture, and variants that are not grouped yet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lookalike.analysis.doctor.duplicate_photos import copies
from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.snapshot import Snapshot
from lookalike.shop import Shop
from lookalike.text import label

MOST_VARIANTS = 40
WORD = re.compile(r"[^\W_]+")


def duplicates(shop: Shop, snapshot: Snapshot) -> Iterator[Finding]:
    """Products with the same picture. Each product is reported once."""
    joined = list(range(len(snapshot)))
    for one, other, sure in copies(shop, snapshot):
        first, second = int(snapshot.owners[one]), int(snapshot.owners[other])
        left, right = snapshot.products[first], snapshot.products[second]
        if left.group and left.group == right.group:
            continue
        ends = _end(joined, first), _end(joined, second)
        if ends[0] != ends[1]:
            joined[max(ends)] = min(ends)
            yield Finding("duplicate", right.id, sure, other=left.id, now=right.title, likely=left.title)


def variants(snapshot: Snapshot) -> Iterator[Finding]:
    """Ungrouped products that differ only in color."""
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


def _end(joined: list[int], place: int) -> int:
    """The first of the products that a product was joined with."""
    while joined[place] != place:
        joined[place] = joined[joined[place]]
        place = joined[place]
    return place
