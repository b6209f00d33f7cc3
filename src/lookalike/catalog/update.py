"""Changes to some fields of products: what does not depend on a changed field is not computed again."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from lookalike.database import Database
from lookalike.text import nul_field
from lookalike.types import FacetValue, ImportReport, Photo, Product, RowProblem

FACET = "facets."
# No word, code, photo or vector depends on these: they are columns of a row and nothing else.
FACTS = frozenset({"price", "former_price", "currency", "stock", "link"})
NUMBERS = frozenset({"price", "former_price"})
TEXTS = frozenset({"title", "description", "currency", "group", "link"})
FIELDS = (*sorted(NUMBERS | TEXTS), "stock", "facets", "photos")
MOST_STOCK = 1_000_000_000
AT_ONCE = 1_000
NAME = "update"


@dataclass(frozen=True, slots=True)
class ProductUpdate:
    """Fields of a product that change; None removes one, and the others stay as they are.

    `facets` replaces all facets, "facets.colour" sets or removes one.
    """

    id: str
    fields: Mapping[str, Any]

    def problem(self) -> str:
        """Why this cannot be done; empty if it can."""
        return next(filter(None, (_problem(name, value) for name, value in self.fields.items())), "")

    def facts(self) -> dict[str, Any]:
        """The fields as columns of a row."""
        return {name: "" if value is None and name in TEXTS else value for name, value in self.fields.items()}

    def applied(self, product: Product) -> Product:
        """The product with these fields."""
        changed: dict[str, Any] = {}
        facets = dict(product.facets)
        for name, value in self.fields.items():
            if name == "facets":
                facets = {key: _facet(one) for key, one in (value or {}).items() if one is not None}
            elif name.startswith(FACET):
                facets.pop(name.removeprefix(FACET), None)
                if value is not None:
                    facets[name.removeprefix(FACET)] = _facet(value)
            elif name == "photos":
                changed["photos"] = tuple(value or ())
            else:
                changed[name] = "" if value is None and name in TEXTS else value
        return replace(product, facets=facets, **changed)


class Updates:
    """Takes updates into a catalog a piece at a time; the report counts what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.report = ImportReport()

    def pieces(self, updates: Iterable[ProductUpdate]) -> Iterator[list[ProductUpdate]]:
        """Write the updates of facts, some at a time; yield the others, each product once in a piece."""
        piece: dict[str, ProductUpdate] = {}
        for number, update in enumerate(updates, 1):
            if problem := update.problem():
                self._fail(number, update.id, problem)
                continue
            known = piece.get(update.id)
            # The second update of a product goes on from the first.
            piece[update.id] = (
                ProductUpdate(update.id, {**known.fields, **update.fields}) if known else update
            )
            if len(piece) == AT_ONCE:
                yield self._others(piece)
                piece = {}
        yield self._others(piece)

    def _others(self, piece: Mapping[str, ProductUpdate]) -> list[ProductUpdate]:
        facts = {id: update.facts() for id, update in piece.items() if update.fields.keys() <= FACTS}
        if facts:
            written = self._database.update_facts(facts)
            self.report.updated += len(written.changed)
            self.report.unchanged += len(written.unchanged)
            for id in facts.keys() - written.changed - written.unchanged:
                self._miss(id)
        return [update for id, update in piece.items() if id not in facts]

    def changed(self, updates: Sequence[ProductUpdate]) -> list[Product]:
        """The products that become others by these updates, as they will be."""
        known = self._database.products([update.id for update in updates])
        changed: list[Product] = []
        for update in updates:
            product = known.get(update.id)
            if product is None:
                self._miss(update.id)
                continue
            new = update.applied(product)
            if field := nul_field(new):
                self._fail(0, update.id, f"The field '{field}' contains a NUL character. Remove it.")
            elif new == product:
                self.report.unchanged += 1
            else:
                changed.append(new)
        return changed

    def add(self, report: ImportReport) -> None:
        """Take in what became of products that were written elsewhere."""
        self.report.updated += report.updated
        self.report.failed += report.failed
        self.report.photos += report.photos
        self.report.problems += report.problems

    def _miss(self, id: str) -> None:
        self._fail(0, id, f"There is no product '{id}'. Import it, or check the id.")

    def _fail(self, number: int, id: str, reason: str) -> None:
        self.report.failed += 1
        self.report.problems.append(RowProblem(NAME, number, id, reason))


def _facet(value: Any) -> FacetValue:
    return tuple(value) if isinstance(value, list) else value


def _problem(name: str, value: Any) -> str:
    """What is wrong with the new value of a field."""
    if name.startswith(FACET) and len(name) > len(FACET):
        return (
            ""
            if value is None or _is_facet(value)
            else f"'{name}' must be text, a number or a list of texts."
        )
    if name not in FIELDS:
        close = difflib.get_close_matches(name, FIELDS, 1, 0.6)
        hint = f"Did you mean '{close[0]}'? " if close else ""
        return f"'{name}' is not a field. {hint}For a facet write '{FACET}{name}'."
    if value is None:
        return ""
    if name in NUMBERS:
        return "" if _is_amount(value) else f"'{name}' must be a number from 0 on, not {value!r:.64}."
    if name == "stock":
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_STOCK
        return "" if whole else f"'stock' must be a whole number from 0 on, not {value!r:.64}."
    if name in TEXTS:
        sound = isinstance(value, str) and "\0" not in value
        return "" if sound else f"'{name}' must be text without NUL characters, not {value!r:.64}."
    if name == "facets":
        facets = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else None
        sound = facets is not None and all(one is None or _is_facet(one) for one in facets.values())
        return "" if sound else "'facets' must be an object of texts, numbers and lists of texts."
    photos = cast("Sequence[object]", value) if isinstance(value, list | tuple) else None
    sound = photos is not None and all(isinstance(photo, Photo) for photo in photos)
    return "" if sound else "'photos' must be a list of photos."


def _is_amount(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _is_facet(value: Any) -> bool:
    if isinstance(value, list | tuple):
        texts = cast("Sequence[object]", value)
        return all(isinstance(text, str) for text in texts)
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))
