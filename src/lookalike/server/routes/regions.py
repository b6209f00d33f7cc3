"""`/look`, `/photos/{id}/heat`: objects in a photo, and similarity between two photos."""

from __future__ import annotations

import base64
import io
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request
from PIL.Image import Image
from pydantic import BaseModel, Field

from lookalike import types
from lookalike.errors import BadQuery
from lookalike.media.images import read_image
from lookalike.search.regions import RegionFinder
from lookalike.server.dependencies import Served, Shop
from lookalike.server.problems import documented
from lookalike.server.routing import SearchRoute
from lookalike.server.schemas.search import REQUEST_BODY, BodyQuery, by_address

router = APIRouter(
    tags=["search"],
    route_class=SearchRoute,
    responses=documented(400, 401, 403, 404, 408, 413, 415, 422, 503),
)

# Large enough to crop, small enough to send.
SHOWN_SIDE = 1024
QUALITY = 88

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class Box(BaseModel):
    """A part of a photo, in fractions of its sides."""

    left: Share
    top: Share
    width: Share
    height: Share


class Part(Box):
    """A part worth searching for."""

    name: str = Field(description="The shop's name for the object; empty if unclear.")


class Look(BaseModel):
    """The objects in a photo."""

    boxes: list[Part] = Field(description="Parts worth searching for, best first.")
    photo: str | None = Field(description="A photo given by URL, as a data: URL to crop from.")


class Heat(BaseModel):
    """How much each cell of a photo contributes to the similarity, row by row."""

    rows: list[list[float]]


async def _region_finder(catalog: Served) -> RegionFinder:
    return catalog.regions


Finder = Annotated[RegionFinder, Depends(_region_finder)]


@router.post("/look", openapi_extra={"requestBody": REQUEST_BODY})
def look(request: Request, query: BodyQuery, finder: Finder) -> Look:
    """Suggest parts of a photo to search for."""
    picture = _picture(query)
    boxes = [_part(box, picture, finder) for box in finder.boxes(picture)]
    # The client already has a photo that it sent.
    return Look(boxes=boxes, photo=_data_url(picture) if by_address(request) else None)


@router.post("/photos/{photo_id}/heat", openapi_extra={"requestBody": REQUEST_BODY})
def heat(photo_id: str, query: BodyQuery, shop: Shop, finder: Finder) -> Heat:
    """Show where a stored photo resembles another photo, or a product's first photo."""
    if query.product is not None:
        photos = [photo.id for photo in shop.product(query.product).photos if photo.id]
        if not photos:
            raise BadQuery(f"The product '{query.product}' has no photo to compare with.")
        asked = read_image(shop.photo(photos[0]).data)
    else:
        asked = _picture(query)
    cells = finder.heat(asked, read_image(shop.photo(photo_id).data))
    return Heat(rows=[[round(float(cell), 4) for cell in row] for row in cells])


def _part(box: tuple[float, float, float, float], picture: Image, finder: RegionFinder) -> Part:
    x, y, u, v = box
    wide, high = picture.size
    name = finder.kind(picture.crop((round(x * wide), round(y * high), round(u * wide), round(v * high))))
    return Part(left=x, top=y, width=u - x, height=v - y, name=name)


def _picture(query: types.Query) -> Image:
    image = query.image
    if image is None:
        raise BadQuery("Send a photo, or its URL as 'image_url'.")
    picture = read_image(image, SHOWN_SIDE)
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return picture


def _data_url(picture: Image) -> str:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode()
