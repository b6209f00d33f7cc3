"""Explains why products are recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lookalike.recommend.blend import Blend
from lookalike.recommend.buy_again import Repurchase
from lookalike.recommend.graph import Graph
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_space import ItemTable
from lookalike.recommend.profile import IN_VIEW, Liked, Searched, nearest_of
from lookalike.recommend.random_walk import Companion, companion
from lookalike.types import Product

# Parts of the score below this (a log-likelihood ratio) are not reasons.
SLIGHT = 0.1
MENTIONED_FROM = 2


class Reasons:
    """The reasons for the slots of one page. `mentioned` has the ids of products that they name."""

    def __init__(
        self, blend: Blend, table: ItemTable, interactions: Interactions, slots: Sequence[int]
    ) -> None:
        self._blend = blend
        self._table = table
        self._ids = interactions.products.ids
        self._shoppers = interactions.counts.shoppers
        self._found: dict[int, list[tuple[str, str]]] = {}
        reached: dict[int, Companion] = {}
        if blend.walked is not None:
            numbers = [int(table.numbers[slot]) for slot in slots if blend.parts["behaviour"][slot] > SLIGHT]
            reached = blend.walked.companions(numbers, interactions.graph)
            reached |= _led_to_by_models(blend, [n for n in numbers if n not in reached], interactions.graph)
        self._companions = reached

    def collect(self, slot: int, parts: Mapping[str, float], explored: bool) -> None:
        """Collect the reasons of a slot, the strongest first. `sentences` fills in product titles."""
        found: list[tuple[str, str]] = []
        for name, value in sorted(parts.items(), key=lambda part: -part[1]):
            reason = self._reason(name, slot) if value > SLIGHT else None
            if reason is not None and reason[0]:
                found.append(reason)
        if explored:
            found.append(("new to most shoppers", ""))
        self._found[slot] = found

    @property
    def mentioned(self) -> set[str]:
        """The products that the reasons name."""
        return {id for found in self._found.values() for _, id in found if id}

    def sentences(self, slot: int, products: Mapping[str, Product]) -> list[str]:
        """The reasons of a slot, with product titles. Reasons that name deleted products are left out."""
        return [
            sentence.format(title=products[id].title or id if id else "")
            for sentence, id in self._found[slot]
            if not id or id in products
        ]

    def _reason(self, name: str, slot: int) -> tuple[str, str] | None:
        match name:
            case "content":
                return self._likeness(slot)
            case "facts":
                return self._leaning(slot), ""
            case "behaviour":
                return self._company(slot)
            case "popular":
                count = int(self._shoppers[self._table.numbers[slot]])
                return (
                    (f"{'popular: ' if count > 1 else ''}chosen by {_shoppers(count)}", "") if count else None
                )
            case "typical":
                return "popular style", ""
            case _:
                return None

    def _likeness(self, slot: int) -> tuple[str, str] | None:
        blend = self._blend
        row = self._table.rows[slot]
        source = nearest_of(row, blend.interests, blend.sharpness).nearest(row)
        match source:
            case Searched():
                words = _literal(source.words)
                return (f"fits your search for '{words}'" if words else "fits the photo you searched by"), ""
            case Liked():
                how = "" if source.how == IN_VIEW else f", which {source.how}"
                return f"like '{{title}}'{how}", self._ids[source.number]

    def _leaning(self, slot: int) -> str:
        """The strongest facet of a slot, if several chosen products share it."""
        best = max(self._blend.leanings, key=lambda each: float(each.lifts[each.codes[slot]]))
        value, count = best.value_of(slot)
        if count < MENTIONED_FROM:
            return ""
        where = "in view" if all(liked.how == IN_VIEW for liked in self._blend.liked) else "you chose"
        return _literal(f"{best.name} {value}, like {count} of {best.of} {where}")

    def _company(self, slot: int) -> tuple[str, str] | None:
        found = self._companions.get(int(self._table.numbers[slot]))
        if found is None:
            return None
        if found.seed is None:
            return f"chosen by {_shoppers(found.shoppers)} of similar products", ""
        if found.bought:
            how = f"bought with '{{title}}' by {_shoppers(found.bought)}"
        else:
            how = f"chosen with '{{title}}' by {_shoppers(found.shoppers)}"
        return how, self._ids[found.seed.number]


def bought_before(repurchase: Repurchase) -> str:
    """When a product was bought before."""
    if repurchase.interval_days is None:
        return "you bought this before"
    days = max(round(repurchase.interval_days), 1)
    return f"you bought this {repurchase.times} times, about every {'day' if days == 1 else f'{days} days'}"


def _led_to_by_models(blend: Blend, products: Sequence[int], graph: Graph) -> dict[int, Companion]:
    """The liked products behind the item models' scores, for products that the walk did not reach."""
    found: dict[int, Companion] = {}
    models = blend.models
    if models is None:
        return found
    liked = {each.number: each for each in blend.liked}
    for product in products:
        source = models.leading(blend.history.items, blend.history.strength, product)
        if source in liked:
            found[product] = companion(liked[source], product, graph, blend.shopper)
    return found


def _shoppers(count: int) -> str:
    return "1 shopper" if count == 1 else f"{count} shoppers"


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
