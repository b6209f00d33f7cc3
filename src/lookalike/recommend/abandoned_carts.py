"""Abandoned carts: contents, age and value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lookalike.catalog.catalog import Catalog

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class CartItem:
    """A product in a cart."""

    product: str
    title: str
    price: float | None
    in_stock: bool


@dataclass(frozen=True, slots=True)
class AbandonedCart:
    """A cart without changes or purchases for a while."""

    shopper: str
    hours: float
    value: float
    items: tuple[CartItem, ...] = field(default_factory=tuple)


def abandoned_carts(
    catalog: Catalog, clock: Callable[[], float], *, after_hours: float = 1.0, within_days: float = 30.0
) -> list[AbandonedCart]:
    """Carts unchanged for at least `after_hours` and at most `within_days`, the most valuable first."""
    now = clock()
    carts: dict[str, dict[str, float]] = {}
    for piece in catalog.database.events.since(0):
        for shopper, product, kind, time in zip(
            piece.shoppers, piece.products, piece.kinds, piece.times, strict=True
        ):
            cart = carts.setdefault(shopper, {})
            if kind == "cart":
                cart[product] = max(time, cart.get(product, 0.0))
            elif kind in ("purchase", "remove-from-cart") and cart.get(product, 0.0) <= time:
                cart.pop(product, None)
    found: list[AbandonedCart] = []
    for shopper, cart in carts.items():
        products = catalog.database.products(list(cart))
        if not products:
            continue
        hours = (now - max(cart.values())) / HOUR
        if not after_hours <= hours <= within_days * 24:
            continue
        items = tuple(
            CartItem(each.id, each.title, each.price, each.stock is None or each.stock > 0)
            for each in products.values()
        )
        value = sum(item.price or 0.0 for item in items)
        found.append(AbandonedCart(shopper, round(hours, 1), round(value, 2), items))
    return sorted(found, key=lambda cart: (-cart.value, cart.hours, cart.shopper))
