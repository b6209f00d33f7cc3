"""`/events`, `/recommendations` and `/shoppers`: what shoppers do, and what they get for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from lookalike.errors import NotFound
from lookalike.recommend import serialize
from lookalike.recommend.event_logs.values import read_time
from lookalike.recommend.events import LAST_POSITION, LONGEST_ID, LONGEST_TEXT
from lookalike.recommend.placements import PlacementName
from lookalike.recommend.recommender import MOST_RECOMMENDED
from lookalike.server.dependencies import RunningJobs, Served, Shop
from lookalike.server.jobs.jobs import Job, JobState
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute, EventsRoute, SearchRoute
from lookalike.server.schemas.base import RequestModel
from lookalike.server.schemas.search import read_filter
from lookalike.types import Event, ShopperAct

MOST_IN_A_BATCH = 10_000

Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class EventOffer(RequestModel):
    """What a shopper did; sent again with the same id, it counts once."""

    model_config = ConfigDict(extra="forbid")

    kind: ShopperAct
    shopper: Id = Field(description="The shopper's id, or that of an anonymous session.")
    product: str = Field("", max_length=LONGEST_ID, description="The product it was done with.")
    id: str = Field("", max_length=LONGEST_ID, description="What the event is known by.")
    time: FiniteFloat | str | None = Field(
        None, description="When it happened: an ISO time, or seconds since 1970; now if left out."
    )
    rating: FiniteFloat | None = Field(None, ge=1, le=5)
    query: str = Field("", max_length=LONGEST_TEXT, description="Words searched, or those that led here.")
    comment: str = Field("", max_length=LONGEST_TEXT)
    position: int | None = Field(None, ge=1, le=LAST_POSITION, description="Place on the page, from 1.")
    vector: list[FiniteFloat] | None = Field(
        None, max_length=65_536, description="The vector of a photo that was searched by; never the photo."
    )

    def event(self) -> Event:
        """The same in the vocabulary of the engine."""
        return Event(
            kind=self.kind,
            shopper=self.shopper,
            product=self.product,
            id=self.id,
            time=read_time(self.time),
            rating=self.rating,
            query=self.query,
            comment=self.comment,
            position=self.position,
            vector=self.vector,
        )


class EventBatch(BaseModel):
    """Several events at once."""

    events: list[EventOffer] = Field(max_length=MOST_IN_A_BATCH)


class Forgotten(BaseModel):
    """How much was forgotten."""

    events: int


recording = APIRouter(tags=["shoppers"], route_class=EventsRoute, responses=documented(401, 403, 422))
recommending = APIRouter(tags=["shoppers"], route_class=SearchRoute, responses=documented(401, 403, 422))
knowing = APIRouter(tags=["shoppers"], route_class=AdminRoute, responses=documented(401, 403, 404, 422))


@recording.post("/events", responses=documented(400, 408, 413, 429, 503))
def record_events(
    batch: EventBatch | Annotated[list[EventOffer], Field(max_length=MOST_IN_A_BATCH)],
    catalog: Served,
) -> serialize.RecordedJson:
    """Record what shoppers did: all of a batch, durably, or nothing; what is known already counts once."""
    offers = batch.events if isinstance(batch, EventBatch) else batch
    catalog.shopper_limits.admit(offer.shopper for offer in offers)
    return serialize.recorded_json(catalog.shop.record([offer.event() for offer in offers]))


@recommending.get("/recommendations", responses=documented(404))
def recommendations(
    shop: Shop,
    shopper: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
    product: Annotated[list[str] | None, Query(description="What it should go with.", max_length=100)] = None,
    k: Annotated[int, Query(ge=1, le=MOST_RECOMMENDED)] = 10,
    where: Annotated[str, Query(description="Filter as JSON.", max_length=20_000)] = "",
    exclude: Annotated[list[str] | None, Query(max_length=1_000)] = None,
) -> serialize.RecommendationsJson:
    """Recommend products to a shopper, to go with products, for both, or to somebody nobody knows yet."""
    found = shop.recommend(
        shopper=shopper or None, product=product, k=k, where=read_filter(where), exclude=exclude or ()
    )
    return serialize.recommendations_json(found)


@recommending.get("/placements/{placement}", responses=documented(404))
def place(
    placement: PlacementName,
    shop: Shop,
    shopper: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
    product: Annotated[list[str] | None, Query(description="Products to start from.", max_length=100)] = None,
    k: Annotated[int, Query(ge=1, le=MOST_RECOMMENDED)] = 10,
    where: Annotated[str, Query(description="Filter as JSON.", max_length=20_000)] = "",
    exclude: Annotated[list[str] | None, Query(max_length=1_000)] = None,
) -> serialize.RecommendationsJson:
    """Recommend products for one placement.

    `for-you` needs nothing, `goes-with` (completes a basket) and `similar` (alternatives) need a `product`,
    `buy-again` needs a `shopper`.
    """
    found = shop.recommend(
        shopper=shopper or None,
        product=product,
        k=k,
        where=read_filter(where),
        exclude=exclude or (),
        placement=placement,
    )
    return serialize.recommendations_json(found)


@knowing.get("/blend")
def get_blend(shop: Shop) -> serialize.LearnedBlendJson:
    """Give the weights of the recommendation sources, and the measured gain they were chosen by."""
    return serialize.learned_blend_json(shop.blend)


@knowing.post("/blend:tune", status_code=202, responses=documented(409, 503))
def tune_blend(shop: Shop, jobs: RunningJobs) -> JobState:
    """Replay the shop's log as a job, choose the weights that predict it best, and use them from then on."""
    job = Job("tune")
    jobs.start(job, lambda: _tune(job, shop))
    return job.told()


def _tune(job: Job, shop: Shop) -> None:
    def tell(done: int, total: int) -> None:
        job.done, job.total = done, total

    shop.tune(progress=tell, stop=job.stop)


@knowing.get("/shoppers/{id:path}")
def shopper(id: Id, shop: Shop) -> serialize.ShopperJson:
    """Give everything that is stored of a shopper, and what follows from it."""
    known = shop.shopper(id)
    if not known.events:
        raise NotFound("Nothing is stored of this shopper: check the id.")
    return serialize.shopper_json(known, shop.events_of(id))


@knowing.delete("/shoppers/{id:path}")
def forget(id: Id, shop: Shop) -> Forgotten:
    """Forget a shopper: everything that is stored, without a trace."""
    return Forgotten(events=shop.forget(id))
