"""Search that follows the rules and knows the shopper: a longer page is asked for, and put in order anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from lookalike.recommend.diversify import pinned
from lookalike.recommend.item_space import ItemTable
from lookalike.recommend.profile import Profile, interests, likeliness
from lookalike.recommend.recommender import Recommender
from lookalike.recommend.rule_effects import RuleEffects
from lookalike.recommend.rules import wordings
from lookalike.types import Hit, Query, Results, Rule

# How far down the page things can move from.
REACH = 200
# A taste can carry a hit over this share of the distance between the best and the worst of the page.
SHARE_OF_TASTE = 0.4
SHARE_OF_CHOICES = 0.4
FULL_TASTE = 3.0
# Where all hits are equal, the rest still has something to say.
LEAST_SPREAD = 0.1
# What a rule brings up is shown whatever it scores.
LOWEST = -1e9

Answer = Callable[[Query], Results]


def personalize(query: Query, answer: Answer, recommender: Recommender, rules: tuple[Rule, ...]) -> Results:
    """Answer a query for its shopper and by the rules that apply."""
    context = recommender.search_context(query, rules)
    table, effects = context.table, context.effects
    if query.sort:
        # Shoppers who sort by price get that order; only hidden products stay hidden.
        return answer(replace(query, exclude=query.exclude | _hidden(table, effects), shopper=None))
    results = _gathered(query, answer, table, effects, rules)
    hits = list(results.hits)
    spread = _spread(hits)
    if context.profile is not None:
        hits = _liked(hits, context.profile, table, context.ids, spread)
        hits = _chosen(hits, context.chosen_after, spread)
    hits = [_moved(hit, table, effects) for hit in hits]
    hits = _ordered(hits, table, effects)
    return replace(results, hits=tuple(hits[query.offset : query.offset + query.k]))


def _gathered(
    query: Query, answer: Answer, table: ItemTable, effects: RuleEffects, rules: tuple[Rule, ...]
) -> Results:
    """A long page in every wording, without what is hidden, with what rules fetch from further down."""
    long = replace(
        query,
        k=max(REACH, query.offset + query.k),
        offset=0,
        exclude=query.exclude | _hidden(table, effects),
        shopper=None,
    )
    long = replace(long, known=_synonyms(rules))
    asked = [replace(long, text=text) for text in wordings(query.text, rules)] if query.text else [long]
    worded = len(asked)
    lifted = effects.amounts > 1.0
    lifted[[slot for slot, _ in effects.pins.values()]] = True
    if lifted.any():
        others = frozenset(table.ids[slot] for slot in np.flatnonzero(~lifted & table.alive))
        asked.append(replace(asked[0], exclude=asked[0].exclude | others, count=(), min_score=LOWEST))
    pages = [answer(each) for each in asked]
    # Totals, counts and what was understood are of the first wording that products are called by.
    base = next((page for page in pages[:worded] if any(hit.named for hit in page)), pages[0])
    return replace(base, hits=tuple(_best_of(pages)), took_ms=sum(page.took_ms for page in pages))


def _synonyms(rules: tuple[Rule, ...]) -> frozenset[str]:
    """The words that rules know, each of a phrase by itself."""
    phrases = (phrase for rule in rules if rule.action == "synonym" for phrase in rule.words)
    return frozenset(word for phrase in phrases for word in phrase.casefold().split())


def _hidden(table: ItemTable, effects: RuleEffects) -> frozenset[str]:
    return frozenset(table.ids[slot] for slot in np.flatnonzero(effects.hidden & table.alive))


def _best_of(pages: Iterable[Results]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for page in pages:
        for hit in page:
            if hit.id not in best or hit.score > best[hit.id].score:
                best[hit.id] = hit
    return list(best.values())


def _spread(hits: list[Hit]) -> float:
    scores = [hit.score for hit in hits]
    return max(max(scores) - min(scores), LEAST_SPREAD * abs(max(scores))) if scores else 0.0


def _liked(hits: list[Hit], profile: Profile, table: ItemTable, ids: list[str], spread: float) -> list[Hit]:
    """Each hit with what the shopper's taste adds, from as much below nothing to as much above."""
    centres = interests(profile, table, ids)
    slots = [table.slot(hit.id) for hit in hits]
    if not centres or not hits:
        return hits
    rows = np.array([table.rows[slot] if slot is not None else table.rows[0] * 0 for slot in slots])
    nearness = np.log(likeliness(rows, centres, FULL_TASTE).sum(axis=0))
    parts = np.tanh(nearness - nearness.mean()) * SHARE_OF_TASTE * spread
    return [
        _with(hit, "shopper", float(part), "fits your taste") for hit, part in zip(hits, parts, strict=True)
    ]


def _chosen(hits: list[Hit], chosen: dict[str, float], spread: float) -> list[Hit]:
    """Each hit with what other shoppers chose after the same words."""
    most = max(chosen.values(), default=0.0)
    if most <= 0:
        return hits
    return [
        _with(hit, "behaviour", SHARE_OF_CHOICES * spread * chosen[hit.id] / most, "chosen after this search")
        if chosen.get(hit.id, 0.0) > 0
        else hit
        for hit in hits
    ]


def _moved(hit: Hit, table: ItemTable, effects: RuleEffects) -> Hit:
    slot = table.slot(hit.id)
    if slot is None:
        return hit
    amount = float(effects.amounts[slot])
    why = effects.why(slot)
    if amount != 1.0:
        part = abs(hit.score) * (amount - 1.0)
        hit = replace(hit, score=hit.score + part, parts={**hit.parts, "rules": part})
    return replace(hit, why=(*hit.why, why)) if why else hit


def _with(hit: Hit, name: str, part: float, why: str) -> Hit:
    return replace(
        hit,
        score=hit.score + part,
        parts={**hit.parts, name: part},
        why=(*hit.why, why) if part > 0 else hit.why,
    )


def _ordered(hits: list[Hit], table: ItemTable, effects: RuleEffects) -> list[Hit]:
    by_slot = {table.slot(hit.id): hit for hit in hits}

    def place(hit: Hit) -> tuple[bool, float, str]:
        slot = table.slot(hit.id)
        return (slot is not None and bool(effects.buried[slot]), -hit.score, hit.id)

    pins = {position: by_slot[slot] for position, (slot, _) in effects.pins.items() if slot in by_slot}
    return pinned(sorted(hits, key=place), pins, lambda hit: hit.id)
