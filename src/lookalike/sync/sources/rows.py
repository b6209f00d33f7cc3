"""Turns variants of a shop's API into products, and reports what is invalid in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lookalike.feeds.html_text import plain_text
from lookalike.feeds.values import category_path, currency_of, facet_of_value, price_of
from lookalike.sync.source import Page
from lookalike.types import FacetValue, Photo, Product, RowProblem


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of an item as its API gives it: texts, prices as they are written, and facts."""

    id: str
    group: str
    title: str
    description: str = ""
    price: object = None
    former_price: object = None
    currency: str = ""
    stock: int | None = None
    link: str = ""
    photos: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict[str, object])


class PageBuilder:
    """Collects items for a page."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._page = Page()
        self._groups: set[str] = set()

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, item: str, variants: Iterable[Variant]) -> None:
        """Add an item with all its variants; one without variants was removed."""
        self._groups.add(item)
        for variant in variants:
            self._page.products.append(self._product(variant))

    def drop(self, product: str) -> None:
        """Add a product that was removed."""
        self._page.removed.append(product)

    def page(self, cursor: str | None, *, complete: bool = False) -> Page:
        """Everything that was added, as one page."""
        page = self._page
        return Page(page.products, page.removed, frozenset(self._groups), cursor, complete, page.problems)

    def _product(self, variant: Variant) -> Product:
        price = self._amount(variant, variant.price)
        same = variant.former_price == variant.price
        former = None if same else self._amount(variant, variant.former_price)
        return Product(
            id=variant.id,
            title=plain_text(variant.title),
            description=plain_text(variant.description),
            facets=_facets(variant.facts),
            price=price,
            former_price=former if former and price is not None and former > price else None,
            currency=self._currency(variant),
            stock=variant.stock,
            group=variant.group,
            link=variant.link,
            photos=tuple(Photo(source) for source in dict.fromkeys(variant.photos) if source),
        )

    def _amount(self, variant: Variant, written: object) -> float | None:
        try:
            return price_of(written, ".")[0]
        except ValueError as error:
            self._report(variant, error)
            return None

    def _currency(self, variant: Variant) -> str:
        try:
            return currency_of(variant.currency)
        except ValueError as error:
            self._report(variant, error)
            return ""

    def _report(self, variant: Variant, error: ValueError) -> None:
        reason = f"{error}: the product goes in without it."
        self._page.problems.append(RowProblem(self._source, 0, variant.id, reason))


def _facets(facts: Mapping[str, object]) -> dict[str, FacetValue]:
    facets: dict[str, FacetValue] = {}
    for name, fact in facts.items():
        value = facet_of_value(fact)
        if isinstance(value, str):
            value = _levels(value)
        elif isinstance(value, tuple):
            value = tuple(dict.fromkeys(level for each in value for level in _levels(each)))
        if isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        if name and value is not None and value != ():
            facets[name] = value
    return facets


def _levels(value: str) -> tuple[str, ...]:
    """A text, or all levels of a path such as "Women > Shoes"."""
    text = plain_text(value)
    return category_path(text) or ((text,) if text else ())
