"""Jobs: imports, recipe switches and analyses, and `/jobs`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from lookalike.catalog.known_mappings import remember_mapping
from lookalike.catalog.reembed import RebuildReport
from lookalike.encoders import recipes
from lookalike.errors import UnknownRecipe
from lookalike.server.catalogs import ServedCatalog
from lookalike.server.dependencies import RunningJobs, Served, ServerSettings, Shop
from lookalike.server.jobs.jobs import Job, JobState
from lookalike.server.jobs.subprocess_job import carry_out
from lookalike.server.problems import documented
from lookalike.server.routes.imports import FEED, Mapped, columns_of, no_room, upload_folder, uploaded_feed
from lookalike.server.routing import AdminRoute, WriteRoute
from lookalike.server.schemas.analysis import Dimensions
from lookalike.settings import Settings
from lookalike.types import ImportReport

importing = APIRouter(tags=["jobs"], route_class=WriteRoute, responses=documented(401, 403, 422))
router = APIRouter(tags=["jobs"], route_class=AdminRoute, responses=documented(401, 403, 422))


class SwitchRequest(BaseModel):
    """The recipe to switch to. Null returns to the previous one."""

    recipe: str | None = Field(None, max_length=200)


@importing.post(
    "/imports",
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": FEED}},
    responses=documented(408, 409, 413, 503),
)
async def start_import(
    request: Request,
    shop: Shop,
    jobs: RunningJobs,
    settings: ServerSettings,
    prune: Annotated[bool, Query()] = False,
    name: Annotated[str, Query(description="What messages call the feed.", max_length=200)] = "upload",
    mapped: Mapped = [],  # noqa: B006
) -> JobState:
    """Import the feed in the body: CSV, JSONL, Parquet or XML, or a ZIP of one with its photos."""
    # In its own folder: a feed may name photo files beside it, but no other files of the server.
    mapping = columns_of(mapped)
    folder = await run_in_threadpool(upload_folder)
    job = Job("import")
    try:
        with (folder / "feed").open("wb") as file:
            async for piece in request.stream():
                await run_in_threadpool(file.write, piece)
        jobs.start(job, lambda: _import(job, shop, folder, name, mapping, prune, settings.max_import_bytes))
    except OSError as error:
        shutil.rmtree(folder)
        raise no_room(error) from error
    except BaseException:
        shutil.rmtree(folder)
        raise
    return job.state_now()


@router.post("/catalog/recipe", status_code=202, responses=documented(409))
def start_switch(asked: SwitchRequest, shop: Shop, jobs: RunningJobs) -> JobState:
    """Switch to another recipe. Searches use the old one until the new one is complete."""
    # Names only: with a path, a request could read files of the server.
    if asked.recipe is not None and asked.recipe not in recipes.RECIPES:
        raise UnknownRecipe(f"There is no recipe {asked.recipe!r}. GET /v1/recipes lists them.")
    job = Job("switch")
    jobs.start(job, lambda: _switch(job, shop, asked.recipe))
    return job.state_now()


@router.post("/benchmarks", status_code=202, responses=documented(409, 503))
def start_evaluation(catalog: Served, settings: ServerSettings) -> JobState:
    """Measure search quality and the accuracy of match percentages."""
    return _studied(Job("evaluate"), catalog, settings)


@router.post("/map", status_code=202, responses=documented(409, 503))
def start_map(catalog: Served, settings: ServerSettings, dimensions: Dimensions = 2) -> JobState:
    """Compute the maps and clusters of the catalog; with 3 dimensions, also maps in three dimensions."""
    job = Job("explore")
    three = dimensions == 3
    catalog.jobs.start(job, lambda: carry_out(job, catalog.address, settings.index, three=three))
    return job.state_now()


@router.post("/doctor", status_code=202, responses=documented(409, 503))
def start_examination(
    catalog: Served,
    settings: ServerSettings,
    links: Annotated[bool, Query(description="Request every product's link.")] = False,
) -> JobState:
    """Check the products for possible problems."""
    return _studied(Job("doctor"), catalog, settings, links=links)


@importing.get("/jobs")
def latest_jobs(jobs: RunningJobs) -> list[JobState]:
    """List the latest job of each kind, on all servers."""
    return jobs.latest()


@importing.get("/jobs/{id}", responses=documented(404))
def job_state(id: str, jobs: RunningJobs) -> JobState:
    """Return the state of a job."""
    return jobs.get(id)


@importing.delete("/jobs/{id}", status_code=202, responses=documented(404))
def stop_job(id: str, jobs: RunningJobs) -> JobState:
    """Stop a job after it has finished what is in flight. A new job of the kind continues from there."""
    return jobs.stop(id)


def _studied(job: Job, catalog: ServedCatalog, settings: Settings, *, links: bool = False) -> JobState:
    catalog.jobs.start(job, lambda: carry_out(job, catalog.address, settings.index, links=links))
    return job.state_now()


def _import(
    job: Job, shop: Shop, folder: Path, name: str, mapping: dict[str, str], prune: bool, most_bytes: int
) -> None:
    def progress(report: ImportReport) -> None:
        job.report, job.done = report, report.seen

    try:
        feed = uploaded_feed(shop, folder, mapping, most_bytes)
        feed.name = name
        job.total = sum(1 for _ in feed)
        shop.add(feed, prune=prune, progress=progress, stop=job.stop)
        remember_mapping(shop.catalog.database, feed.columns(), feed.mapping)
    finally:
        shutil.rmtree(folder)


def _switch(job: Job, shop: Shop, recipe: str | None) -> None:
    def progress(report: RebuildReport) -> None:
        job.done = report.photos + report.texts

    if recipe is None:
        shop.switch_back(progress=progress, stop=job.stop)
    else:
        shop.switch(recipe, progress=progress, stop=job.stop)
