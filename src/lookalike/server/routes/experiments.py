"""`/experiments`: start, watch and stop A/B experiments."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi import Path as PathPart
from pydantic import ConfigDict, Field, FiniteFloat

from lookalike.recommend.experiments import serialize
from lookalike.recommend.experiments.description import LEAST_SHARE, LONGEST_NAME, MOST_SHARE
from lookalike.recommend.experiments.experiment import Goal
from lookalike.recommend.rules import MOST_RULES
from lookalike.server.dependencies import Shop
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute
from lookalike.server.schemas.base import RequestModel

router = APIRouter(tags=["experiments"], route_class=AdminRoute, responses=documented(401, 403, 422))

ExperimentId = Annotated[str, PathPart(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100)]


class VariantOffer(RequestModel):
    """What a variant sets; what it leaves out is as the shop has it."""

    model_config = ConfigDict(extra="forbid")

    rules: list[dict[str, Any]] | None = Field(
        None, max_length=MOST_RULES, description="Rules in place of the shop's."
    )
    blend: str | None = Field(None, max_length=100, description="The blend of `for-you`, by its name.")
    weights: dict[str, FiniteFloat] | None = Field(
        None, max_length=50, description="Single weights of the blend, as in `GET /v1/blend`."
    )
    image_weight: float | None = Field(None, ge=0, le=1, description="Of searches that set none.")
    word_weight: float | None = Field(None, ge=0, le=1, description="Of searches that set none.")
    placements: dict[str, str] | None = Field(
        None, max_length=10, description="For a placement, the one shown in its place, or `off`."
    )


class ExperimentOffer(RequestModel):
    """An experiment to start."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=100, description="Letters, digits, - and _.", examples=["models-first"])
    name: str = Field("", max_length=LONGEST_NAME)
    goal: Goal = Field("purchase", description="What counts as success.")
    share: float = Field(0.5, ge=LEAST_SHARE, le=MOST_SHARE, description="The share of shoppers who get B.")
    smallest_lift: float = Field(0.05, ge=0, le=1, description="A lift below it does not matter.")
    a: VariantOffer | None = Field(None, description="The shop as it is, if left out.")
    b: VariantOffer | None = Field(None, description="The shop as it is, if left out.")


@router.get("/experiments")
def experiments(shop: Shop) -> list[serialize.ExperimentJson]:
    """List all experiments, the last one started first."""
    return [serialize.experiment_json(each) for each in shop.experiments.experiments]


@router.post("/experiments", status_code=201, responses=documented(409, 503))
def start_experiment(offer: ExperimentOffer, shop: Shop) -> serialize.ExperimentJson:
    """Start an experiment: from now on, each shopper gets one of the variants."""
    return serialize.experiment_json(shop.experiments.start(offer.model_dump(exclude_none=True)))


@router.get("/experiments/{id}", responses=documented(404))
def experiment_report(id: ExperimentId, shop: Shop) -> serialize.ExperimentReportJson:
    """Tell what an experiment has shown so far; the interval stays valid however often it is read."""
    return serialize.report_json(shop.experiments.report(id))


@router.post("/experiments/{id}:stop", responses=documented(404, 503))
def stop_experiment(id: ExperimentId, shop: Shop) -> serialize.ExperimentReportJson:
    """Stop an experiment: all shoppers get the shop as it is again."""
    shop.experiments.stop(id)
    return serialize.report_json(shop.experiments.report(id))


@router.post("/experiments/{id}:apply", responses=documented(404, 409, 503))
def apply_winner(id: ExperimentId, shop: Shop) -> serialize.ExperimentReportJson:
    """Make the winner the shop's setting for every shopper, and stop the experiment.

    `applied.changed` lists what it changed. Refused while there is no winner.
    """
    shop.experiments.apply(id)
    return serialize.report_json(shop.experiments.report(id))


@router.post("/experiments/{id}:undo", responses=documented(404, 409, 503))
def undo_winner(id: ExperimentId, shop: Shop) -> serialize.UndoneJson:
    """Put back what applying the winner changed. What was changed again since stays, and is listed."""
    kept = shop.experiments.undo(id)
    return serialize.undone_json(shop.experiments.experiment(id), kept)


@router.delete("/experiments/{id}", status_code=204, responses=documented(404, 409, 503))
def delete_experiment(id: ExperimentId, shop: Shop) -> Response:
    """Delete a stopped experiment."""
    shop.experiments.remove(id)
    return Response(status_code=204)
