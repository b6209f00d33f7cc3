"""`/keys`: who may use the catalog, and for what."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lookalike.access.keys import LONGEST_NAME, MOST_PER_MINUTE, KeyJson, Scope, key_json
from lookalike.server.dependencies import CatalogKeys
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.base import RequestModel

router = APIRouter(tags=["keys"], route_class=AdminRoute, responses=documented(401, 403))


class KeyRequest(RequestModel):
    """The key to create."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="Who uses the key.")
    scopes: list[Scope] = Field(min_length=1, description="What the key allows; admin allows everything.")
    expires: AwareDatetime | None = Field(None, description="An ISO time with its zone; null is never.")
    per_minute: int | None = Field(
        None, ge=1, le=MOST_PER_MINUTE, description="Most requests a minute of each process; null is any."
    )


class CreatedKey(BaseModel):
    """A new key with its secret."""

    key: KeyJson
    secret: str = Field(description="What to send. It is shown once and stored nowhere.")


@router.get("/keys")
def list_keys(keys: CatalogKeys) -> list[KeyJson]:
    """List the keys, revoked and expired ones included, without their secrets."""
    now = time.time()
    return [key_json(key, now) for key in keys.all()]


@router.post("/keys", status_code=201, responses=documented(409, 422, 503))
def create_key(asked: KeyRequest, keys: CatalogKeys) -> CreatedKey:
    """Create a key. The answer has its secret, once."""
    expires = None if asked.expires is None else asked.expires.timestamp()
    key, secret = keys.create(asked.name, asked.scopes, expires, asked.per_minute)
    return CreatedKey(key=key_json(key, time.time()), secret=secret)


@router.delete("/keys/{id}", responses=documented(404, 503))
def revoke_key(id: Annotated[str, Field(max_length=100)], keys: CatalogKeys) -> KeyJson:
    """Revoke a key for good. Servers that run elsewhere follow within a second."""
    return key_json(keys.revoke(id), time.time())
