"""Lists of customers in responses."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SegmentState(BaseModel):
    """A segment: its customers counted, and what they bought together."""

    name: str
    meaning: str
    customers: int
    value: float


class Customer(BaseModel):
    """A customer's segment and figures."""

    shopper: str
    segment: str
    orders: int
    value: float = Field(description="Total price of the purchases, less what was returned.")
    days_since_order: float | None
    days_since_visit: float
    visits: int


class CustomerSegments(BaseModel):
    """All segments, and the most valuable customers."""

    total: int = Field(description="Number of customers.")
    segments: list[SegmentState]
    customers: list[Customer]


class CartProduct(BaseModel):
    """A product in a cart."""

    product: str
    title: str
    price: float | None
    in_stock: bool


class Cart(BaseModel):
    """A cart without changes or purchases for a while."""

    shopper: str
    hours: float = Field(description="Hours since it last changed.")
    value: float
    items: list[CartProduct]


class Carts(BaseModel):
    """Abandoned carts, the most valuable first."""

    total: int
    carts: list[Cart]
