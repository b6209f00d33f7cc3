"""The four placements of recommendations, each with its own objective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from lookalike.errors import BadQuery
from lookalike.recommend.blend import MIXING, Mixing

PlacementName: TypeAlias = Literal["for-you", "goes-with", "similar", "buy-again"]
FOR_YOU: PlacementName = "for-you"
GOES_WITH: PlacementName = "goes-with"
SIMILAR: PlacementName = "similar"
BUY_AGAIN: PlacementName = "buy-again"
PLACEMENTS: tuple[PlacementName, ...] = get_args(PlacementName)


@dataclass(frozen=True, slots=True)
class Placement:
    """What a placement starts from: `mixing` is None where the shop's own blend is used."""

    starts_from_products: bool
    starts_from_shopper: bool
    mixing: Mixing | None


# What completes a basket is what others bought with it, whatever it looks like.
COMPLETING = replace(
    MIXING,
    content=0.1,
    facts=0.0,
    lookalikes=0.5,
    models=3.0,
    trust=5.0,
    explored=0,
    crowding=0.0,
)
# An alternative looks and reads alike, and has the same kind and brand.
ALTERNATIVES = replace(
    MIXING,
    content=3.0,
    facts=1.0,
    behaviour=0.2,
    popular=0.2,
    trust=1e12,
    lookalikes=0.0,
    sameness=0.0,
    crowding=0.0,
    explored=0,
)
RECIPES: Mapping[PlacementName, Placement] = MappingProxyType(
    {
        FOR_YOU: Placement(starts_from_products=True, starts_from_shopper=True, mixing=None),
        GOES_WITH: Placement(starts_from_products=True, starts_from_shopper=False, mixing=COMPLETING),
        SIMILAR: Placement(starts_from_products=True, starts_from_shopper=False, mixing=ALTERNATIVES),
        BUY_AGAIN: Placement(starts_from_products=False, starts_from_shopper=True, mixing=None),
    }
)


def check_placement(name: PlacementName, shopper: str | None, products: tuple[str, ...]) -> None:
    """Raise BadQuery if a placement is unknown, or lacks what it starts from."""
    if name not in PLACEMENTS:
        raise BadQuery(f"Unknown placement '{name}'. Use one of {', '.join(PLACEMENTS)}.")
    if name in (GOES_WITH, SIMILAR) and not products:
        raise BadQuery(f"The placement '{name}' needs at least one product id.")
    if name == BUY_AGAIN and not shopper:
        raise BadQuery("The placement 'buy-again' needs a shopper's id.")
