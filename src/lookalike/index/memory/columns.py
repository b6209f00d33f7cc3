"""Facet columns: which slots pass a filter, and how many have each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.index.filters import Condition, folded
from lookalike.index.memory.growing import GrowingArray
from lookalike.types import FacetCount, FacetValue

ABSENT = -1
SEVERAL = -2

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column as stored in a file; the last two arrays list the slots with several values."""

    labels: list[str | float]
    codes: NDArray[np.int32]
    numbers: NDArray[np.float64]
    several_slots: NDArray[np.int64]
    several_codes: NDArray[np.int32]


class Column:
    """The values of one field: codes for equality and counts, numbers for ranges."""

    def __init__(self, kept: KeptColumn | None = None) -> None:
        self._labels: list[str | float] = list(kept.labels) if kept else []
        self._code_of = {folded(label): code for code, label in enumerate(self._labels)}
        self._codes = GrowingArray(np.int32, ABSENT, kept.codes if kept else None)
        self._numbers = GrowingArray(np.float64, np.nan, kept.numbers if kept else None)
        self._several = len(kept.several_slots) if kept else 0
        self._several_slots = GrowingArray(np.int64, 0, kept.several_slots if kept else None)
        self._several_codes = GrowingArray(np.int32, 0, kept.several_codes if kept else None)
        # Caches the folded form of each value as written.
        self._written: dict[str, int] = {}

    def kept(self, order: NDArray[np.intp], slots: int) -> KeptColumn:
        """The column of selected slots, in a new order."""
        places = np.full(slots, -1, np.int64)
        places[order] = np.arange(len(order))
        owners, codes = self._pairs(slots)
        moved = places[owners]
        return KeptColumn(
            labels=list(self._labels),
            codes=self._codes.view(slots)[order],
            numbers=self._numbers.view(slots)[order],
            several_slots=moved[moved >= 0],
            several_codes=codes[moved >= 0],
        )

    def set(self, slot: int, value: FacetValue) -> None:
        """Set the value or values of a slot."""
        if isinstance(value, str):
            code = self._written.get(value)
            if code is None:
                code = self._written[value] = self._code(value)
            self._codes.set(slot, code)
            return
        if isinstance(value, tuple | list):
            for code in dict.fromkeys(self._code(each) for each in value):
                self._several_slots.set(self._several, slot)
                self._several_codes.set(self._several, code)
                self._several += 1
            self._codes.set(slot, SEVERAL)
            return
        self._codes.set(slot, self._code(value))
        if not isinstance(value, bool):
            self._numbers.set(slot, float(value))

    def _pairs(self, slots: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The slots with several values, repeated per value, and their codes."""
        count = self._several
        owners = self._several_slots.view(count)
        # Slots are in ascending order, so later states only append.
        count = int(np.searchsorted(owners, slots))
        return owners[:count], self._several_codes.view(count)

    def _code(self, value: str | float | bool) -> int:
        key = folded(value)
        code = self._code_of.get(key)
        if code is None:
            code = len(self._labels)
            self._labels.append(value if not isinstance(value, bool) else key)
            self._code_of[key] = code
        return code

    def passing(self, condition: Condition, slots: int) -> Mask:
        """A mask of the first `slots` slots that meet a condition."""
        match condition.operator:
            case "exists":
                return (self._codes.view(slots) != ABSENT) == condition.wanted
            case "in":
                return self._carrying(condition.values, slots)
            case "nin":
                return ~self._carrying(condition.values, slots)
            case "lt":
                return self._numbers.view(slots) < condition.number
            case "lte":
                return self._numbers.view(slots) <= condition.number
            case "gt":
                return self._numbers.view(slots) > condition.number
            case "gte":
                return self._numbers.view(slots) >= condition.number

    def _carrying(self, values: tuple[str, ...], slots: int) -> Mask:
        codes = self._codes.view(slots)
        wanted = {self._code_of[value] for value in values if value in self._code_of}
        mask = np.zeros(slots, np.bool_)
        for code in wanted:
            mask |= codes == code
        owners, several = self._pairs(slots)
        if len(owners):
            mask[owners[np.isin(several, list(wanted))]] = True
        return mask

    def counts(self, mask: Mask | None, slots: int) -> tuple[FacetCount, ...]:
        """The number of slots under the mask per value, most frequent first."""
        codes = self._codes.view(slots)
        chosen = codes if mask is None else codes[mask]
        totals = np.bincount(chosen[chosen >= 0], minlength=len(self._labels))
        owners, several = self._pairs(slots)
        if len(owners):
            totals += np.bincount(several if mask is None else several[mask[owners]], minlength=len(totals))
        found = [FacetCount(self._labels[code], int(totals[code])) for code in np.flatnonzero(totals)]
        return tuple(sorted(found, key=lambda each: (-each.count, str(each.value))))


class Columns:
    """All columns of an index."""

    def __init__(self, kept: Mapping[str, KeptColumn] | None = None) -> None:
        self._columns = {name: Column(each) for name, each in (kept or {}).items()}

    def kept(self, order: NDArray[np.intp], slots: int) -> dict[str, KeptColumn]:
        """The columns of selected slots, in a new order."""
        return {name: column.kept(order, slots) for name, column in list(self._columns.items())}

    def set(self, slot: int, facts: Mapping[str, FacetValue | None]) -> None:
        """Set the facets of a slot."""
        for name, value in facts.items():
            if value is None or value == "" or value == ():
                continue
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = Column()
            column.set(slot, value)

    def names(self) -> list[str]:
        """The fields that at least one product has."""
        return list(self._columns)

    def passing(self, conditions: tuple[Condition, ...], slots: int) -> Mask | None:
        """A mask of the slots that meet every condition; None means all."""
        mask: Mask | None = None
        for condition in conditions:
            column = self._columns.get(condition.field)
            if column is not None:
                passed = column.passing(condition, slots)
            else:
                missing_passes = condition.operator == "nin" or (
                    condition.operator == "exists" and not condition.wanted
                )
                passed = np.full(slots, missing_passes)
            mask = passed if mask is None else mask & passed
        return mask

    def counts(self, name: str, mask: Mask | None, slots: int) -> tuple[FacetCount, ...]:
        """The counts of one field; empty if no product has it."""
        column = self._columns.get(name)
        return column.counts(mask, slots) if column else ()
