"""`/events`, `/recommendations` and `/shoppers`: events, recommendations, stored data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
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
    """An action of a shopper. An event that is sent again with the same id counts once."""

    model_config = ConfigDict(extra="forbid")

    kind: ShopperAct
    shopper: Id = Field(description="Id of the shopper, or of an anonymous session.")
    product: str = Field("", max_length=LONGEST_ID, description="Id of the product.")
    id: str = Field("", max_length=LONGEST_ID, description="Id of the event.")
    time: FiniteFloat | str | None = Field(None, description="ISO time, or seconds since 1970. Default: now.")
    rating: FiniteFloat | None = Field(None, ge=1, le=5)
    query: str = Field(
        "", max_length=LONGEST_TEXT, description="The search text, or the search that led here."
    )
    comment: str = Field("", max_length=LONGEST_TEXT)
    position: int | None = Field(None, ge=1, le=LAST_POSITION, description="Position on the page, from 1.")
    vector: list[FiniteFloat] | None = Field(
        None, max_length=65_536, description="Vector of the photo searched with; never the photo itself."
    )

    def event(self) -> Event:
        """The same for the engine."""
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
    """How many events were deleted."""

    events: int


recording = APIRouter(tags=["shoppers"], route_class=EventsRoute, responses=documented(401, 403, 422))
recommending = APIRouter(tags=["shoppers"], route_class=SearchRoute, responses=documented(401, 403, 422))
knowing = APIRouter(tags=["shoppers"], route_class=AdminRoute, responses=documented(401, 403, 404, 422))


@recording.post(
    "/events", response_model=serialize.RecordedJson, responses=documented(400, 408, 413, 429, 503)
)
async def record_events(
    batch: EventBatch | Annotated[list[EventOffer], Field(max_length=MOST_IN_A_BATCH)],
    catalog: Served,
) -> Response:
    """Record a batch of events, all or none. Known events are not counted again."""
    offers = batch.events if isinstance(batch, EventBatch) else batch
    catalog.shopper_limits.admit(offer.shopper for offer in offers)
    recorded = await catalog.events.record(offer.event() for offer in offers)
    return JSONResponse(serialize.recorded_json(recorded))


@recommending.get("/recommendations", responses=documented(404))
def recommendations(
    shop: Shop,
    shopper: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
    product: Annotated[
        list[str] | None, Query(description="Ids of products to recommend for.", max_length=100)
    ] = None,
    k: Annotated[int, Query(ge=1, le=MOST_RECOMMENDED)] = 10,
    where: Annotated[str, Query(description="Filter as JSON.", max_length=20_000)] = "",
    exclude: Annotated[list[str] | None, Query(max_length=1_000)] = None,
) -> serialize.RecommendationsJson:
    """Recommend products for a shopper, for products, for both, or for a new visitor."""
    found = shop.recommend(
        shopper=shopper or None, product=product, k=k, where=read_filter(where), exclude=exclude or ()
    )
    return serialize.recommendations_json(found)


@recommending.get("/placements/{placement}", responses=documented(404))
def place(
    placement: PlacementName,
    shop: Shop,
    shopper: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
    product: Annotated[
        list[str] | None, Query(description="Ids of products to start from.", max_length=100)
    ] = None,
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
    """Return the weights of the recommendation sources, and their measured gain."""
    return serialize.learned_blend_json(shop.blend)


@knowing.post("/blend:tune", status_code=202, responses=documented(409, 503))
def tune_blend(shop: Shop, jobs: RunningJobs) -> JobState:
    """Replay the shop's log as a job, choose the weights that predict it best, and use them from then on."""
    job = Job("tune")
    jobs.start(job, lambda: _tune(job, shop))
    return job.state_now()


def _tune(job: Job, shop: Shop) -> None:
    def tell(done: int, total: int) -> None:
        job.done, job.total = done, total

    shop.tune(progress=tell, stop=job.stop)


@knowing.get("/shoppers/{id:path}")
def shopper(id: Id, shop: Shop) -> serialize.ShopperJson:
    """Return everything that is stored about a shopper, and their interests."""
    known = shop.shopper(id)
    if not known.events:
        raise NotFound("Nothing is stored about this shopper. Check the id.")
    return serialize.shopper_json(known, shop.events_of(id))


@knowing.delete("/shoppers/{id:path}")
def forget(id: Id, shop: Shop) -> Forgotten:
    """Delete everything that is stored about a shopper."""
    return Forgotten(events=shop.forget(id))
