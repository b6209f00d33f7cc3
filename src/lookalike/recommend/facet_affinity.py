"""Preferences for facet values, such as a brand or color."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.index.memory.growing import GrowingArray
from lookalike.types import Facets

# Slots, and how much each of them says.
Chosen = Sequence[tuple[int, float]]

ABSENT = -1
# A fact with more values than this is a name, not a kind.
MOST_VALUES = 2000
# Facts say much the same in many ways: more of them than this share what these would say.
ENOUGH_FACTS = 7


@dataclass(frozen=True, slots=True)
class Leaning:
    """How much likelier each value of a fact is among what was chosen, and how many chosen ones have it."""

    name: str
    codes: NDArray[np.int64]
    lifts: NDArray[np.float32]
    chosen: NDArray[np.intp]
    values: list[str]
    of: int

    def value_of(self, slot: int) -> tuple[str, int]:
        """A slot's value, and how many of the chosen have it."""
        code = int(self.codes[slot])
        return (self.values[code], int(self.chosen[code])) if code != ABSENT else ("", 0)


@dataclass(frozen=True, slots=True)
class KeptFact:
    """A column as a file keeps it."""

    name: str
    values: list[str]
    codes: NDArray[np.int64]


class Facts:
    """One column for each facet that has one word as its value."""

    def __init__(self, kept: Sequence[KeptFact] = ()) -> None:
        self._codes = {fact.name: GrowingArray(np.int64, ABSENT, fact.codes) for fact in kept}
        self._values = {fact.name: list(fact.values) for fact in kept}
        self._code_of = {
            fact.name: {value.casefold(): code for code, value in enumerate(fact.values)} for fact in kept
        }
        self._shares: dict[str, tuple[int, NDArray[np.float64]]] = {}

    def kept(self, order: NDArray[np.intp], slots: int) -> list[KeptFact]:
        """The columns of some slots, in another order."""
        return [
            KeptFact(name, self._values[name], codes.view(slots)[order])
            for name, codes in self._codes.items()
        ]

    def set(self, slot: int, facets: Facets) -> None:
        """Give a slot its facts."""
        for name, value in facets.items():
            if isinstance(value, str) and value:
                codes = self._codes.setdefault(name, GrowingArray(np.int64, ABSENT))
                values = self._values.setdefault(name, [])
                code = self._code_of.setdefault(name, {}).setdefault(value.casefold(), len(values))
                if code == len(values):
                    values.append(value)
                codes.set(slot, code)

    def _share(self, name: str, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """How common each value is among so many slots, counted again when there are more."""
        kept = self._shares.get(name)
        if kept is None or kept[0] != len(codes):
            counts = np.bincount(codes[codes != ABSENT], minlength=len(self._values[name]))
            kept = self._shares[name] = (len(codes), counts / max(len(codes), 1) + 1e-9)
        return kept[1]

    def leanings(self, chosen: Chosen, implied: Chosen, slots: int, prior: float) -> list[Leaning]:
        """Which values run through what was chosen, and what that implies, against how common they are."""
        found: list[Leaning] = []
        places = np.array([slot for slot, _ in (*chosen, *implied)], np.intp)
        weights = np.array([weight for _, weight in (*chosen, *implied)])
        # All together count as much as so many equal choices.
        scaled = weights * (max(len(chosen), 1) / max(weights[: len(chosen) or None].sum(), 1e-12))
        for name, column in self._codes.items():
            values = self._values[name]
            if not 2 <= len(values) <= MOST_VALUES:
                continue
            codes = column.view(slots)
            own = codes[places]
            known = own != ABSENT
            share = self._share(name, codes)
            among = np.bincount(own[known], scaled[known], len(values))
            # The last place stands for products without the fact, of which it says nothing.
            lifts = np.zeros(len(values) + 1, np.float32)
            lifts[:-1] = np.log((among + prior * share) / (scaled[known].sum() + prior) / share)
            own = own[: len(chosen)]
            counts = np.bincount(own[own != ABSENT], minlength=len(values))
            found.append(Leaning(name, codes, lifts, counts, values, len(chosen)))
        return found


def leaning_scores(leanings: Sequence[Leaning], slots: int) -> NDArray[np.float32]:
    """How much likelier the facts of each slot make it."""
    total = np.zeros(slots, np.float32)
    weight = np.float32(min(1.0, ENOUGH_FACTS / max(len(leanings), 1)))
    for leaning in leanings:
        total += (leaning.lifts * weight)[leaning.codes]
    return total
