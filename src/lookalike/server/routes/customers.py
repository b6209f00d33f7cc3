"""`/segments` and `/carts`: lists of customers to act on."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import IO, Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Response

from lookalike.errors import BadQuery
from lookalike.recommend.abandoned_carts import AbandonedCart, abandoned_carts
from lookalike.recommend.customer_lists import write_carts, write_segments
from lookalike.recommend.segments import customer_segments, segment_totals
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.customers import Cart, Carts, Customer, CustomerSegments, SegmentState

MOST_LISTED = 10_000
LONGEST_HOURS = 24 * 3_650.0

Limit = Annotated[int, Query(ge=1, le=MOST_LISTED, description="Number of customers to list.")]
Hours = Annotated[
    float, Query(ge=0, le=LONGEST_HOURS, description="Only carts that have not changed for this long.")
]
Days = Annotated[float, Query(gt=0, le=LONGEST_HOURS / 24, description="Only carts no older than this.")]
Row = TypeVar("Row")

# They hold what shoppers did, so a key of the shop's pages does not read them.
router = APIRouter(tags=["shoppers"], route_class=AdminRoute, responses=documented(401, 403, 422))
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/segments")
def segments(shop: Shop, limit: Limit = 100) -> CustomerSegments:
    """Group the customers by how recently, how often and how much they buy, the most valuable first."""
    customers = customer_segments(shop.catalog, time.time)
    return CustomerSegments(
        total=len(customers),
        segments=[SegmentState(**asdict(each)) for each in segment_totals(customers)],
        customers=[Customer(**asdict(each)) for each in customers[:limit]],
    )


@router.get("/segments.csv", response_class=Response, responses=CSV)
def segments_file(shop: Shop) -> Response:
    """Return all customers with their segments as CSV."""
    return _file("segments.csv", write_segments, customer_segments(shop.catalog, time.time))


@router.get("/carts")
def carts(shop: Shop, hours: Hours = 1.0, days: Days = 30.0, limit: Limit = 100) -> Carts:
    """List the carts that shoppers left, the most valuable first."""
    found = _abandoned(shop, hours, days)
    return Carts(total=len(found), carts=[Cart(**asdict(each)) for each in found[:limit]])


@router.get("/carts.csv", response_class=Response, responses=CSV)
def carts_file(shop: Shop, hours: Hours = 1.0, days: Days = 30.0) -> Response:
    """Return all abandoned carts as CSV, one row for each product."""
    return _file("carts.csv", write_carts, _abandoned(shop, hours, days))


def _abandoned(shop: Shop, hours: float, days: float) -> list[AbandonedCart]:
    if hours > days * 24:
        raise BadQuery("'hours' must be at most the hours of 'days'.")
    return abandoned_carts(shop.catalog, time.time, after_hours=hours, within_days=days)


def _file(name: str, write: Callable[[IO[str], Iterable[Row]], None], rows: Iterable[Row]) -> Response:
    text = io.StringIO()
    write(text, rows)
    return Response(
        text.getvalue(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
