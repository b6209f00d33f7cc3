"""`/storefront`: how the shop's pages present themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from lookalike.catalog.storefront import Storefront, put_storefront, storefront
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.base import RequestModel

LARGEST_LOGO = 150_000

router = APIRouter(tags=["catalog"], route_class=AdminRoute, responses=documented(401, 403))


class StorefrontSettings(RequestModel):
    """How the shop's pages present themselves. Empty values mean the application's own."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=60, description="The name in the header and in page titles.")
    logo: str = Field(
        "",
        max_length=LARGEST_LOGO,
        pattern=r"^$|^data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$",
        description="An image as a data: URL.",
    )
    accent: str = Field("", pattern=r"^$|^#[0-9a-fA-F]{6}$", description="A colour, such as #d8431f.")
    currency: str = Field(
        "", pattern=r"^$|^[A-Z]{3}$", description="For products without a currency, such as EUR."
    )
    language: str = Field("", pattern=r"^$|^[a-z]{2}$", description="Empty means the browser's.")
    cart: str = Field(
        "",
        max_length=500,
        pattern=r"^$|^demo$|^https?://\S+$",
        description="Where 'Add to bag' leads: a URL of the shop's cart, in which {id} is the product and "
        "{size} or another facet for what was chosen. Empty: no button. demo: a bag in the browser.",
    )
    photo_side: Literal[0, 800, 1200, 1600] = Field(
        0,
        description="The longer side, in pixels, of the photos that are kept to zoom, beside the small ones. "
        "0 keeps none. Photos that are imported from then on have it.",
    )


@router.put("/storefront", responses=documented(422, 503))
def put(settings: StorefrontSettings, shop: Shop) -> StorefrontSettings:
    """Replace the settings of the shop's pages. `GET /catalog` has them."""
    put_storefront(shop.catalog.database, Storefront(**settings.model_dump()))
    return stored(shop)


def stored(shop: Shop) -> StorefrontSettings:
    """The settings as they are stored."""
    return StorefrontSettings(**asdict(storefront(shop.catalog.database)))
