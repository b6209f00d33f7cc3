"""`/photos/{id}`: stored photos by the hash of their content, never by a path."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import GuardedRoute

router = APIRouter(tags=["photos"], route_class=GuardedRoute)

# A photo's id is made from its bytes: what is behind it never changes.
FOREVER = "public, max-age=31536000, immutable"
NO_SCRIPTS = "default-src 'none'; sandbox"


@router.get(
    "/photos/{photo_id}",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "Not modified"},
        **documented(404),
    },
)
def photo(
    photo_id: str,
    shop: Shop,
    size: Annotated[
        Literal["small", "large"], Query(description="large: to zoom, where the shop keeps it, else small.")
    ] = "small",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return a stored photo. No key is needed, because `<img>` cannot send one."""
    stored = shop.photo(photo_id)
    headers = {"ETag": f'"{stored.id}"', "Cache-Control": FOREVER, "Content-Security-Policy": NO_SCRIPTS}
    if size == "large":
        large = shop.catalog.database.large_photos([photo_id]).get(photo_id)
        if large is not None:
            return Response(
                large, media_type="image/jpeg", headers={**headers, "ETag": f'"{stored.id}-large"'}
            )
        # The shop may keep it after the next import.
        headers["Cache-Control"] = "no-cache"
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(stored.data, media_type=stored.media_type, headers=headers)
