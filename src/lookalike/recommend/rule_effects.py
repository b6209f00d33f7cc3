"""The effects of active rules on each product, after resolving conflicts.

Hiding comes first, then pins, then boosting and burying. Of conflicting rules, the more specific one wins:
for a query, then for a category, then everywhere. Among equals, the first id wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lookalike.index.filters import Filter
from lookalike.recommend.item_space import ItemTable, Mask
from lookalike.types import Rule


@dataclass(frozen=True, slots=True)
class RuleEffects:
    """For each slot: whether it is hidden, and the rule that boosts or buries it; and the pinned slots."""

    hidden: Mask
    amounts: np.ndarray[tuple[int], np.dtype[np.float32]]
    buried: Mask
    pins: dict[int, tuple[int, Rule]] = field(default_factory=dict[int, "tuple[int, Rule]"])
    movers: tuple[tuple[Mask, Rule], ...] = ()

    def why(self, slot: int) -> str:
        """The explanation of the rule that moved a slot. Empty if none did."""
        for pinned, rule in self.pins.values():
            if pinned == slot:
                return f"pinned by the rule '{rule.id}'"
        for mask, rule in self.movers:
            if mask[slot]:
                if rule.action == "bury":
                    return f"moved down by the rule '{rule.id}'"
                return f"boosted {rule.amount:g} times by the rule '{rule.id}'"
        return ""


def apply_rules(rules: Sequence[Rule], table: ItemTable) -> RuleEffects:
    """Apply rules, in order of priority, to an item table."""
    hidden = np.zeros(table.slots, np.bool_)
    amounts = np.ones(table.slots, np.float32)
    buried = np.zeros(table.slots, np.bool_)
    decided = np.zeros(table.slots, np.bool_)
    movers: list[tuple[Mask, Rule]] = []
    includes = [rule for rule in rules if rule.action == "include"]
    if includes:
        hidden |= ~_chosen(includes[0], table)
    for rule in rules:
        if rule.action == "hide":
            hidden |= _chosen(rule, table)
        elif rule.action in ("boost", "bury"):
            fresh = _chosen(rule, table) & ~decided
            decided |= fresh
            movers.append((fresh, rule))
            if rule.action == "bury":
                buried |= fresh
            else:
                amounts[fresh] = rule.amount
    return RuleEffects(hidden, amounts, buried, _pins(rules, table, hidden), movers=tuple(movers))


def _chosen(rule: Rule, table: ItemTable) -> Mask:
    """The slots that a rule applies to."""
    mask = table.passing(Filter.parse(rule.where)) if rule.where else np.zeros(table.slots, np.bool_)
    for id in rule.products:
        slot = table.slot(id)
        if slot is not None:
            mask[slot] = True
    return mask


def _pins(rules: Sequence[Rule], table: ItemTable, hidden: Mask) -> dict[int, tuple[int, Rule]]:
    """A slot for each pinned position, counted from 0; where a position is taken, the next one."""
    pins: dict[int, tuple[int, Rule]] = {}
    taken: set[int] = set()
    for rule in rules:
        if rule.action != "pin":
            continue
        for offset, id in enumerate(rule.products):
            slot = table.slot(id)
            if slot is None or slot in taken or hidden[slot] or not table.offered[slot]:
                continue
            position = rule.position - 1 + offset
            while position in pins:
                position += 1
            pins[position] = (slot, rule)
            taken.add(slot)
    return pins
