"""`/suggest` and `/words`: suggestions, and settings of text search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from lookalike import serialize
from lookalike.search.suggestions import MOST_SUGGESTED
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute, SearchRoute
from lookalike.types import WordSettings


class WordSettingsBody(BaseModel):
    """Settings of text search."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field("auto", max_length=10, description="A code such as de, auto, or none for no stems.")
    understand: bool = Field(True, description="Read prices, sizes, for whom and exclusions from the text.")
    weight: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Weight of matching words, 0 to 1; the rest is meaning. Null: set by the recipe.",
    )


reading = APIRouter(tags=["search"], route_class=SearchRoute, responses=documented(401, 403))
writing = APIRouter(tags=["search"], route_class=AdminRoute, responses=documented(401, 403))


@reading.get("/suggest", responses=documented(400, 422))
def suggest(
    shop: Shop,
    q: Annotated[str, Query(max_length=2000, description="The text typed so far.")] = "",
    k: Annotated[int, Query(ge=1, le=MOST_SUGGESTED, description="Number of suggestions of each kind.")] = 5,
) -> serialize.SuggestionsJson:
    """Suggest searches, categories, brands and products as the user types."""
    return serialize.suggestions_json(shop.suggest(q, k))


@reading.get("/words")
def get_words(shop: Shop) -> serialize.WordSettingsJson:
    """Return the settings of text search."""
    return serialize.word_settings_json(shop.word_settings)


@writing.put("/words", responses=documented(400, 422, 503))
def put_words(body: WordSettingsBody, shop: Shop) -> serialize.WordSettingsJson:
    """Change the settings of text search."""
    shop.put_word_settings(WordSettings(body.language, body.understand, body.weight))
    return serialize.word_settings_json(shop.word_settings)
