"""Selects a page from scores: the best products, not too similar, with a position for a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lookalike.recommend.blend import TYPICAL, Blend, Mixing
from lookalike.recommend.item_space import ItemTable, Mask
from lookalike.recommend.largest import largest
from lookalike.recommend.rule_effects import RuleEffects

Scores = NDArray[np.float32]
Ints = NDArray[np.int64]
T = TypeVar("T")

# Not allowed.
NEVER = np.float32(-np.inf)
POOL = 60
POOL_OF_EACH = 8
MOST_IN_POOL = 1000
POOL_OF_INTEREST = 10
NEAREST_OF_INTEREST = 40
MOST_POOLED_INTERESTS = 4
LEAST_POOLED_SHARE = 0.1
# A product counts as rarely seen below the median number of shoppers, and below three in any case.
FEW_SHOPPERS = 3
FEW = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A selected slot, and whether it is an exploration."""

    slot: int
    explored: bool = False


def chosen(
    scores: Scores,
    allowed: Mask,
    seen_by: NDArray[np.float64],
    table: ItemTable,
    effects: RuleEffects,
    blended: Blend,
    mixing: Mixing,
    k: int,
) -> list[Choice]:
    """The slots of a page, in order; `seen_by` is how many shoppers chose each slot's product."""
    plain = np.where(allowed & ~effects.buried, scores, NEVER)
    wide = MOST_IN_POOL if TYPICAL in blended.parts else POOL + POOL_OF_EACH * k
    order = _pool(plain, table, max(k, min(wide, MOST_IN_POOL)))
    order = _with_each_interest(order, plain, table, blended)
    page = [Choice(slot) for slot in _varied(order, scores, table.rows, blended, mixing, k)]
    if mixing.explored and seen_by.any():
        few = max(FEW_SHOPPERS, FEW * float(seen_by.mean()))
        _explore(page, seen_by < few, plain, table, mixing.explored)
    if len(page) < k:
        # Buried products come last.
        buried = np.where(allowed & effects.buried, scores, NEVER)
        page.extend(Choice(slot) for slot in _pool(buried, table, k))
    page = _ungrouped(page, table)
    pins = {position: Choice(slot) for position, (slot, _) in effects.pins.items()}
    return pinned(page, pins, _slot)[:k]


def pinned(page: list[T], pins: Mapping[int, T], name: Callable[[T], object]) -> list[T]:
    """The page with pinned products at their positions."""
    held = {name(each) for each in pins.values()}
    rest = [each for each in page if name(each) not in held]
    for position in sorted(pins):
        rest.insert(min(position, len(rest)), pins[position])
    return rest


def _slot(choice: Choice) -> int:
    return choice.slot


def _pool(scores: Scores, table: ItemTable, size: int) -> list[int]:
    """The best slots, one per group."""
    return _one_of_each(_ranked(_greatest(scores, size), scores, table), table)


def _greatest(values: Scores, count: int) -> Ints:
    """The allowed slots with the greatest values, unordered."""
    places = largest(values, count)
    return places[values[places] > NEVER]


def _ranked(slots: Ints, scores: Scores, table: ItemTable) -> list[int]:
    """Slots by score; equal scores by id."""
    found = slots.tolist()
    worth = np.round(-scores[slots].astype(np.float64), 6).tolist()
    return [slot for _, _, slot in sorted(zip(worth, map(table.ids.__getitem__, found), found, strict=True))]


def _one_of_each(slots: list[int], table: ItemTable) -> list[int]:
    groups, seen = table.groups, set[str]()
    return [slot for slot in slots if not groups[slot] or _is_first(groups[slot], seen)]


def _is_first(group: str, seen: set[str]) -> bool:
    if not group:
        return True
    if group in seen:
        return False
    seen.add(group)
    return True


def _ungrouped(page: list[Choice], table: ItemTable) -> list[Choice]:
    seen: set[str] = set()
    return [choice for choice in page if _is_first(table.groups[choice.slot], seen)]


def _with_each_interest(order: list[int], scores: Scores, table: ItemTable, blended: Blend) -> list[int]:
    """The pool, with the best that each of the stronger interests is nearest to."""
    if blended.likely is None or len(blended.interests) == 1:
        return order
    found = [np.array(order, np.int64)]
    for likely, interest in zip(blended.likely[:MOST_POOLED_INTERESTS], blended.interests, strict=False):
        if interest.share >= LEAST_POOLED_SHARE:
            nearest = _greatest(likely, NEAREST_OF_INTEREST)
            best = _greatest(scores[nearest], POOL_OF_INTEREST)
            found.append(nearest[best])
    return _one_of_each(_ranked(np.unique(np.concatenate(found)), scores, table), table)


def _varied(
    order: list[int], scores: Scores, rows: NDArray[np.float32], blended: Blend, mixing: Mixing, k: int
) -> list[int]:
    """Select the best slots one by one, reducing scores by similarity to those already selected.

    An interest that takes more of the page than its share of the taste gives way to the others, and what
    was searched for is shown whatever else is liked better.
    """
    if len(order) <= 1:
        return order
    shares = np.array([interest.share for interest in blended.interests] or [1.0])
    owner = (
        np.zeros(len(order), np.intp) if blended.likely is None else blended.likely[:, order].argmax(axis=0)
    )
    due = np.array([mixing.due * each.share if each.searched else 0.0 for each in blended.interests] or [0.0])
    served = np.zeros(len(shares))
    pool = rows[order]
    worth = scores[order].astype(np.float64)
    nearest = np.zeros(len(order))
    taken: list[int] = []
    left = np.ones(len(order), np.bool_)
    for turn in range(min(k, len(order))):
        crowd = np.maximum((served + 1) / (turn + 1) - shares, 0.0) if turn else np.zeros(len(shares))
        marginal = worth - mixing.sameness * nearest - mixing.crowding * crowd[owner]
        first = left & (served + 1 <= due * (turn + 1))[owner]
        best = int(np.argmax(np.where(first if first.any() else left, marginal, -np.inf)))
        taken.append(best)
        served[owner[best]] += 1
        left[best] = False
        nearest = np.maximum(nearest, pool @ pool[best])
    return [order[place] for place in taken]


def _explore(page: list[Choice], unseen: Mask, scores: Scores, table: ItemTable, every: int) -> None:
    """Give the last of each few positions to the best rarely seen product, unless there is one already."""
    stretches = [range(start, start + every) for start in range(0, len(page) - every + 1, every)]
    known = [stretch for stretch in stretches if not any(unseen[page[place].slot] for place in stretch)]
    if not known:
        return
    on_page = {choice.slot for choice in page}
    best = _pool(np.where(unseen, scores, NEVER), table, len(page) + len(known))
    found = iter([slot for slot in best if slot not in on_page])
    for stretch in known:
        slot = next(found, None)
        if slot is not None:
            page[stretch[-1]] = Choice(slot, explored=True)
