"""Search parameters: in the URL, as JSON, or as a form with a photo."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import fastapi
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, FiniteFloat, ValidationError
from pydantic_core import from_json
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from lookalike.errors import BadFilter, BadQuery, FetchRefused
from lookalike.media.fetch import fetch, is_url
from lookalike.search.engine import MOST_HITS, MOST_OFFSET
from lookalike.server.dependencies import app_state
from lookalike.server.routing import threads
from lookalike.server.schemas.base import RequestModel
from lookalike.shop import Shop
from lookalike.types import Query

MAX_FIELDS = 64
MAX_FIELD_BYTES = 256 * 1024
LISTS = frozenset({"exclude", "count"})
STRUCTURED = frozenset({"where", "vector"}) | LISTS


# The recipe is in the database, which must not hold up the thread that reads requests.
BY_RECIPE = 0


class SearchParams(RequestModel):
    """The parameters common to all three."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, max_length=10_000, description="Text to search for.")
    product: str | None = Field(None, max_length=500, description="Id of a product to find similar ones for.")
    image_url: str | None = Field(None, max_length=4_000, description="URL of a photo to search with.")
    image_weight: float | None = Field(
        None, ge=0, le=1, description="Weight of the photo, 0 to 1; the rest is text."
    )
    k: int | None = Field(
        None, ge=1, le=MOST_HITS, description="Number of products to return. Default: set by the recipe."
    )
    offset: int = Field(0, ge=0, le=MOST_OFFSET, description="Number of products to skip, for paging.")
    min_score: FiniteFloat | None = Field(None, description="Minimum score.")
    exclude: list[str] = Field(
        default_factory=list[str], max_length=10_000, description="Ids of products to leave out."
    )
    grouped: bool = Field(True, description="Return only the best variant of each group.")
    clusters: int = Field(0, ge=0, le=1_000, description="Search only the nearest clusters, this many.")
    count: list[str] = Field(
        default_factory=list[str], max_length=100, description="Facets to count values of."
    )
    shopper: str | None = Field(
        None, max_length=500, description="Id of a shopper to personalise the ranking for."
    )
    sort: str = Field(
        "",
        max_length=200,
        description="Sort close results by price, title, newest or a facet; -price sorts downwards.",
    )
    word_weight: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Weight of matching words in a text search, 0 to 1; the rest is meaning.",
    )
    language: str = Field("", max_length=10, description="Language of the text, such as de.")
    correct: bool = Field(True, description="Replace misspelt words.")
    understand: bool | None = Field(
        None, description="Read prices, sizes, for whom and exclusions from the text."
    )


class SearchRequest(SearchParams):
    """A search: any combination of photo, text, product and vector, with filters and limits."""

    vector: list[float] | None = Field(
        None, max_length=65_536, description="A vector of the catalog's recipe."
    )
    where: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        description="Filter by facets, price and stock: a value, a list of values, or operators "
        "(lt, lte, gt, gte, in, nin, exists).",
        examples=[{"gender": "Women", "colour": ["Red", "Blue"], "price": {"lt": 50}}],
    )

    def query(self, photo: bytes | None = None) -> Query:
        """The same for the engine."""
        if photo is not None and self.image_url:
            raise BadQuery("Send one photo: a file or a URL, not both.")
        # Anything else would be read as a path on the server.
        if self.image_url and not is_url(self.image_url):
            raise FetchRefused("'image_url' must begin with http:// or https://.")
        return Query(
            image=self.image_url or None if photo is None else photo,
            text=self.text,
            product=self.product,
            vector=self.vector,
            image_weight=self.image_weight,
            where=self.where,
            k=BY_RECIPE if self.k is None else self.k,
            offset=self.offset,
            min_score=self.min_score,
            exclude=frozenset(self.exclude),
            grouped=self.grouped,
            clusters=self.clusters,
            count=tuple(self.count),
            shopper=self.shopper or None,
            sort=self.sort,
            word_weight=self.word_weight,
            language=self.language,
            correct=self.correct,
            understand=self.understand,
        )


class SearchAddress(SearchParams):
    """A search in the URL, with the filter as JSON."""

    where: str = Field("", max_length=20_000, description='Filter as JSON, such as {"gender": "Women"}.')


class SearchForm(SearchAddress):
    """A search as a form, with the photo as its only file."""

    image: str | None = Field(None, description="The photo.", json_schema_extra={"format": "binary"})
    vector: str = Field("", description="A vector as a JSON list.")


REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": SearchRequest.model_json_schema()},
        "multipart/form-data": {"schema": SearchForm.model_json_schema()},
        "application/x-www-form-urlencoded": {"schema": SearchAddress.model_json_schema()},
    },
}


async def read_body(request: Request) -> Query:
    """Read the query from a request body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    photo: bytes | None = None
    try:
        if kind == "application/json":
            asked = SearchRequest.model_validate_json(await request.body())
        elif kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
            form = await _form(request, kind)
            photo = await _photo(form)
            asked = SearchRequest.model_validate(_fields(form.multi_items()))
        else:
            raise HTTPException(415, "Send the search as application/json, or as a form with a photo.")
    except ValidationError as error:
        raise _invalid(error, "body") from error
    return await _with_photo(request, asked.query(photo))


async def read_address(request: Request, address: Annotated[SearchAddress, fastapi.Query()]) -> Query:
    """Read the query from a URL."""
    fields = address.model_dump(exclude={"where"})
    query = SearchRequest(**fields, where=read_filter(address.where)).query()
    return await _with_photo(request, query)


def with_hits(query: Query, shop: Shop) -> Query:
    """The query with the number of hits that the shop's recipe gives, if the request named none."""
    return replace(query, k=shop.recipe.k) if query.k == BY_RECIPE else query


def by_address(request: Request) -> bool:
    """Whether a request gave its photo by URL."""
    return getattr(request.state, "photo_by_address", False)


BodyQuery = Annotated[Query, Depends(read_body)]
AddressQuery = Annotated[Query, Depends(read_address)]


def read_filter(text: str) -> dict[str, Any]:
    """Parse a filter given as JSON text."""
    if not text:
        return {}
    try:
        where = from_json(text)
    except ValueError as error:
        raise BadFilter(
            f'\'where\' is not valid JSON ({error}). Write it like {{"gender": "Women"}}.'
        ) from error
    if not isinstance(where, dict):
        raise BadFilter('\'where\' is not a JSON object. Write it like {"gender": "Women"}.')
    return where


async def _with_photo(request: Request, query: Query) -> Query:
    """The query with its photo fetched. Photo searches run on their own threads."""
    if query.image is None:
        return query
    parts = app_state(request)
    threads.set(parts.admissions.photos)
    if not isinstance(query.image, str):
        return query
    request.state.photo_by_address = True
    fetched = await parts.admissions.fetches.run(partial(fetch, query.image, parts.settings.max_image_bytes))
    return replace(query, image=fetched)


class _MemoryForm(MultiPartParser):
    # A shopper's photo is never written to disk, not even to a temporary file.
    spool_max_size = sys.maxsize


async def _form(request: Request, kind: str) -> FormData:
    try:
        if kind == "multipart/form-data":
            return await _MemoryForm(
                request.headers,
                request.stream(),
                max_files=4,
                max_fields=MAX_FIELDS,
                max_part_size=MAX_FIELD_BYTES,
            ).parse()
        return await FormParser(
            request.headers, request.stream(), max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
        ).parse()
    except MultiPartException as error:
        raise HTTPException(400, f"The form cannot be read: {error.message}") from error


async def _photo(form: FormData) -> bytes | None:
    """The only file of a form, in any field. A file field left empty in a browser does not count."""
    files = [part for part in form.values() if isinstance(part, UploadFile) and (part.filename or part.size)]
    if len(files) > 1:
        raise BadQuery("Send one photo.")
    return await files[0].read() if files else None


def _fields(pairs: Iterable[tuple[str, str | UploadFile]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if isinstance(value, UploadFile) or not value:
            continue
        if name in LISTS and not value.startswith("["):
            fields.setdefault(name, []).append(value)
        elif name == "where":
            fields[name] = read_filter(value)
        elif name in STRUCTURED:
            fields[name] = _from_json(name, value)
        else:
            fields[name] = value
    return fields


def _from_json(name: str, text: str) -> Any:
    try:
        return from_json(text)
    except ValueError as error:
        raise BadQuery(f"'{name}' is not valid JSON ({error}). Write it as a JSON list.") from error


def _invalid(error: ValidationError, place: str) -> RequestValidationError:
    # Without the input: it may be large, and NaN cannot be written as JSON.
    return RequestValidationError(
        [{**e, "loc": (place, *e["loc"])} for e in error.errors(include_input=False, include_context=False)]
    )
