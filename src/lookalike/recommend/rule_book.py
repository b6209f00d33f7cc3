"""The rules of one shop: stored in the catalog's settings, and which of them apply to a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lookalike.catalog.catalog import Catalog
from lookalike.index.filters import Filter
from lookalike.recommend import rules
from lookalike.types import Query, Rule

RULES = "rules"


class RuleBook:
    """The merchandising rules."""

    def __init__(self, catalog: Catalog, now: Callable[[], float]) -> None:
        self._catalog = catalog
        self._now = now
        self._parsed: tuple[str, tuple[Rule, ...]] = ("", ())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, whether they apply now or not."""
        stored = self._catalog.settings.get(RULES, "[]")
        text, parsed = self._parsed
        if text != stored:
            parsed = rules.loads(stored)
            self._parsed = (stored, parsed)
        return parsed

    def put(self, replacement: Iterable[Rule]) -> None:
        """Replace all rules.

        Raises BadRule if one is invalid.
        """
        self._catalog.database.put_settings({RULES: rules.dumps(rules.checked(replacement))})

    def active(
        self, text: str, categories: Iterable[str], among: tuple[Rule, ...] | None = None
    ) -> tuple[Rule, ...]:
        """The rules that apply now to these words in these categories, the most specific first.

        `among` are rules to choose from in place of the shop's own.
        """
        known = self.rules if among is None else among
        return tuple(rules.holding(known, text, categories, self._now())) if known else ()

    def active_for(self, query: Query, among: tuple[Rule, ...] | None = None) -> tuple[Rule, ...]:
        """The rules that apply now to a query, of the shop's own or of others."""
        known = self.rules if among is None else among
        return self.active_among(known, query) if known else ()

    def active_among(self, proposed: Iterable[Rule], query: Query) -> tuple[Rule, ...]:
        """Those of the proposed rules that would apply now to a query."""
        categories = categories_of(Filter.parse(query.where))
        return tuple(rules.holding(tuple(proposed), query.text or "", categories, self._now()))


def categories_of(condition: Filter) -> set[str]:
    """The facet values that a filter asks for."""
    return {value for each in condition.conditions if each.operator == "in" for value in each.values}
