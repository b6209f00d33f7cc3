"""Compare two states of a catalog: which products changed their nearest neighbors, and how much."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.analysis.evaluate.intervals import sample
from lookalike.analysis.evaluate.tasks import Progress
from lookalike.errors import BadFeed, NotFound
from lookalike.shop import Shop
from lookalike.types import Query, Results

TOP = 10
PRODUCTS = 1000

Tops = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """A product whose neighbors differ: those that left, those that came, and how many stayed."""

    id: str
    left: tuple[str, ...]
    came: tuple[str, ...]
    stayed: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What became different between two states, the most different product first."""

    compared: int
    same: int
    reordered: int
    overlap: float
    first_changed: int
    gone: tuple[str, ...]
    new: tuple[str, ...]
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """The change as programs read it."""
        return {
            "compared": self.compared,
            "same": self.same,
            "reordered": self.reordered,
            "overlap": round(self.overlap, 4),
            "first_changed": self.first_changed,
            "gone": list(self.gone),
            "new": list(self.new),
            "changes": [
                {"id": each.id, "stayed": each.stayed, "left": list(each.left), "came": list(each.came)}
                for each in self.changes
            ],
        }


def tops(
    shop: Shop,
    *,
    products: int = PRODUCTS,
    image_weight: float | None = None,
    answer: Callable[[Query], Results] | None = None,
    progress: Progress | None = None,
) -> dict[str, list[str]]:
    """The nearest neighbors of some products, always of the same ones, as search answers now.

    `answer` asks another way, such as by rules that are not kept yet.
    """
    ask = answer or shop.answer
    asked = sample(list(shop.catalog.database.ids()), products, "tops")
    found: dict[str, list[str]] = {}
    for done, id in enumerate(asked):
        try:
            results = ask(Query(product=id, k=TOP, image_weight=image_weight))
        except NotFound:
            # A product with neither photo nor words has no neighbors, before or after.
            continue
        found[id] = [hit.id for hit in results]
        if progress is not None:
            progress("neighbours", done + 1, len(asked))
    return found


def changed(before: Tops, after: Tops) -> Changed:
    """Compare the neighbors of the products that both states have."""
    shared = [id for id in before if id in after]
    changes: list[Change] = []
    same = reordered = first = 0
    kept = 0.0
    for id in shared:
        old, new = list(before[id]), list(after[id])
        stayed = len(set(old) & set(new))
        kept += stayed / max(len(old), len(new), 1) if old or new else 1.0
        first += old[:1] != new[:1]
        if old == new:
            same += 1
        elif set(old) == set(new):
            reordered += 1
        else:
            left = tuple(each for each in old if each not in new)
            came = tuple(each for each in new if each not in old)
            changes.append(Change(id, left, came, stayed))
    return Changed(
        compared=len(shared),
        same=same,
        reordered=reordered,
        overlap=kept / len(shared) if shared else 1.0,
        first_changed=first,
        gone=tuple(id for id in before if id not in after),
        new=tuple(id for id in after if id not in before),
        changes=tuple(sorted(changes, key=lambda each: (each.stayed, each.id))),
    )


def write_tops(found: Tops, path: Path) -> None:
    """Keep a state as a file, to compare a later one with."""
    path.write_text(json.dumps({id: list(near) for id, near in found.items()}), "utf-8")


def read_tops(path: Path) -> dict[str, list[str]]:
    """A state that was kept as a file."""
    try:
        values = json.loads(path.read_text("utf-8"))
        return {str(id): [str(each) for each in near] for id, near in values.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadFeed(
            f"{path} holds no neighbours: write it with `lookalike compare now now --keep FILE`."
        ) from error
