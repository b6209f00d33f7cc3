"""Products in requests."""

from __future__ import annotations

import base64
from typing import Annotated, Self, TypeAlias

from fastapi import Path
from pydantic import ConfigDict, Field, FiniteFloat, model_validator

from lookalike.catalog.update import FACET, MOST_STOCK, ProductUpdate
from lookalike.errors import BadImage, FetchRefused, LookalikeError
from lookalike.media.fetch import is_url
from lookalike.server.schemas.base import RequestModel
from lookalike.types import FeedRow, Photo, Product

MOST_IN_A_BATCH = 1_000
MOST_CHANGES = 10_000

FacetOffer: TypeAlias = str | FiniteFloat | bool | list[str]

ProductId = Annotated[str, Field(min_length=1, max_length=500)]
IdInPath = Annotated[ProductId, Path(description="Id of the product.")]


class PhotoOffer(RequestModel):
    """A photo: its URL, its bytes as base64, or the id of a stored photo."""

    model_config = ConfigDict(extra="ignore")

    url: str = Field(default="", max_length=4_000)
    data: str = Field(default="", description="The photo as base64.")
    id: str = Field(default="", max_length=100)

    def photo(self) -> Photo:
        """The same for the engine."""
        if self.data:
            try:
                # A data: URL carries its type before the comma.
                return Photo(data=base64.b64decode(self.data.rpartition(",")[2], validate=True))
            except ValueError as error:
                raise BadImage("A photo's 'data' is not base64. Encode the bytes of the file.") from error
        if self.url:
            # Anything else would be read as a path on the server.
            if not is_url(self.url):
                raise FetchRefused("A photo's 'url' must begin with http:// or https://.")
            return Photo(source=self.url)
        if self.id:
            return Photo(id=self.id)
        raise BadImage("A photo needs one of 'url', 'data' or 'id'.")


def _offer(photo: PhotoOffer | str) -> PhotoOffer:
    return PhotoOffer(url=photo) if isinstance(photo, str) else photo


class ProductInput(RequestModel):
    """A product. It replaces a stored one with the same id."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field("", max_length=10_000)
    description: str = Field("", max_length=100_000)
    facets: dict[str, FacetOffer] = Field(default_factory=dict[str, "FacetOffer"], max_length=1_000)
    price: FiniteFloat | None = None
    former_price: FiniteFloat | None = Field(
        None, description="Price before a discount, shown struck through."
    )
    currency: str = Field("", max_length=20)
    stock: int | None = Field(None, ge=0, le=MOST_STOCK)
    group: str = Field("", max_length=500, description="Variants of one product share a group.")
    link: str = Field("", max_length=4_000)
    photos: list[PhotoOffer | str] = Field(
        default_factory=list["PhotoOffer | str"], max_length=100, description="Photos, or their URLs."
    )

    def product(self, id: str) -> Product:
        """The same for the engine."""
        offers = [_offer(photo) for photo in self.photos]
        return Product(
            id=id,
            title=self.title,
            description=self.description,
            facets={name: tuple(v) if isinstance(v, list) else v for name, v in self.facets.items()},
            price=self.price,
            former_price=self.former_price,
            currency=self.currency,
            stock=self.stock,
            group=self.group,
            link=self.link,
            photos=tuple(offer.photo() for offer in offers),
        )


class ProductChange(RequestModel):
    """The fields of a product that change. The others stay as they are; null removes a field.

    `facets` replaces all facets; a field such as "facets.colour" sets or removes one.
    """

    model_config = ConfigDict(extra="allow")

    title: str | None = Field(None, max_length=10_000)
    description: str | None = Field(None, max_length=100_000)
    facets: dict[str, FacetOffer | None] | None = Field(None, max_length=1_000)
    price: FiniteFloat | None = Field(None, ge=0)
    former_price: FiniteFloat | None = Field(None, ge=0, description="What it cost before.")
    currency: str | None = Field(None, max_length=20)
    stock: int | None = Field(None, ge=0, le=MOST_STOCK)
    group: str | None = Field(None, max_length=500)
    link: str | None = Field(None, max_length=4_000)
    photos: list[PhotoOffer | str] | None = Field(None, max_length=100)

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        for name in self.model_extra or ():
            if not name.startswith(FACET) or len(name) == len(FACET):
                raise ValueError(f"'{name}' is not a field of a product. For a facet write '{FACET}{name}'.")
        return self

    def update(self, id: str) -> ProductUpdate:
        """The same for the engine."""
        fields = {name: getattr(self, name) for name in self.model_fields_set - {"id", "photos"}}
        if "photos" in self.model_fields_set:
            fields["photos"] = [_offer(photo).photo() for photo in self.photos or ()]
        return ProductUpdate(id, fields)


class BatchedChange(ProductChange):
    """Changes of one product of a batch."""

    id: ProductId


class BatchOfChanges(RequestModel):
    """Changes of several products at once."""

    products: list[BatchedChange] = Field(max_length=MOST_CHANGES)


class BatchedProduct(ProductInput):
    """A product of a batch."""

    id: ProductId

    def row(self, number: int) -> FeedRow:
        """The same as a row of a feed, with the reason if the product cannot be imported."""
        try:
            return FeedRow(number, self.product(self.id))
        except LookalikeError as error:
            return FeedRow(number, problem=str(error), raw_id=self.id)


class Batch(RequestModel):
    """Several products at once."""

    products: list[BatchedProduct] = Field(max_length=MOST_IN_A_BATCH)
