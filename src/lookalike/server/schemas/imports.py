"""The preview of an import in responses."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from lookalike.errors import LookalikeError
from lookalike.feeds.preview import Preview, fields
from lookalike.media.fetch import is_url
from lookalike.media.images import photo_bytes, prepare_photo
from lookalike.types import FacetValue, Photo, Product

SHOWN_SIDE = 320


class ColumnState(BaseModel):
    """A column of a feed, and the field it maps to."""

    column: str
    field: str
    name: str
    reason: str
    examples: list[str]
    filled: float


class PreviewProduct(BaseModel):
    """A product as it would be imported. A photo is a URL or a data: URL."""

    id: str
    title: str
    description: str
    price: float | None
    former_price: float | None
    currency: str
    stock: int | None
    group: str
    link: str
    facets: dict[str, FacetValue]
    photos: list[str]

    @classmethod
    def of(cls, product: Product) -> Self:
        """The product for a response, with its first photo."""
        return cls(
            id=product.id,
            title=product.title,
            description=product.description,
            price=product.price,
            former_price=product.former_price,
            currency=product.currency,
            stock=product.stock,
            group=product.group,
            link=product.link,
            facets=dict(product.facets),
            photos=[shown for photo in product.photos[:1] if (shown := _shown(photo))],
        )


class IgnoredColumn(BaseModel):
    """An ignored column, with the reason."""

    column: str
    reason: str


class PreviewProblem(BaseModel):
    """An invalid row."""

    line: int
    id: str
    reason: str


class Field(BaseModel):
    """A field that a column can be mapped to."""

    name: str
    title: str
    required: bool


class PreviewState(BaseModel):
    """The preview of an import."""

    rows: int
    failed: int
    currency: str
    decimal: str
    columns: list[ColumnState]
    products: list[PreviewProduct]
    ignored: list[IgnoredColumn]
    warnings: list[str]
    problems: list[PreviewProblem]
    fields: list[Field]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """The preview for a response."""
        return cls(
            rows=preview.rows,
            failed=preview.failed,
            currency=preview.currency,
            decimal=preview.decimal,
            columns=[
                ColumnState(
                    column=each.column,
                    field=each.field,
                    name=each.name,
                    reason=each.reason,
                    examples=list(each.examples),
                    filled=each.filled,
                )
                for each in preview.columns
            ],
            products=[PreviewProduct.of(product) for product in preview.products],
            ignored=[IgnoredColumn(column=column, reason=reason) for column, reason in preview.ignored],
            warnings=preview.warnings,
            problems=[PreviewProblem(line=p.line, id=p.id, reason=p.reason) for p in preview.problems],
            fields=[Field(name=name, title=title, required=need) for name, title, need in fields()],
        )


class LastImportState(BaseModel):
    """The import that can be undone: its feed, when it began (seconds since 1970), and what it changed."""

    feed: str
    time: float
    added: int
    updated: int
    removed: int


def _shown(photo: Photo) -> str:
    if photo.data is None and is_url(photo.source):
        return photo.source
    try:
        _, stored = prepare_photo(photo.data or photo_bytes(Path(photo.source)), SHOWN_SIDE)
    except LookalikeError:
        # The import reports the problem.
        return ""
    return f"data:{stored.media_type};base64,{base64.b64encode(stored.data).decode()}"
