"""`/recipes`: the recipes there are, and the download of their models."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lookalike.encoders import describe
from lookalike.encoders.hub import pull
from lookalike.encoders.recipes import RECIPES, needs
from lookalike.errors import NotFound
from lookalike.server.dependencies import RunningJobs
from lookalike.server.jobs.jobs import Job, JobState
from lookalike.server.problems import documented
from lookalike.server.routing import AdminRoute, SearchRoute

listing = APIRouter(tags=["catalog"], route_class=SearchRoute, responses=documented(401, 403))
downloading = APIRouter(tags=["jobs"], route_class=AdminRoute, responses=documented(401, 403, 422))


class RecipeFile(BaseModel):
    """A file that a recipe needs."""

    model: str
    file: str
    source: str = Field(description="Where it comes from, or the folder it is in.")
    size: int = Field(description="In bytes; 0 if unknown.")
    licence: str
    here: bool


class RecipeFacts(BaseModel):
    """A recipe, and whether its model files are installed."""

    name: str
    default: bool
    summary: str
    paper: str
    image: str
    text: str
    image_weight: float
    metric: str
    k: int
    keyword_bonus: bool
    components: float
    clusters: int
    min_score: float | None
    steps: list[str]
    size: int
    licences: list[str] = Field(description="Licenses of the model files.")
    here: bool
    downloadable: bool = Field(description="Whether `:download` can fetch every file that is missing.")
    files: list[RecipeFile]


class Stopped(Exception):
    """The download was stopped. What has arrived is kept."""


@listing.get("/recipes")
def list_recipes() -> list[RecipeFacts]:
    """List the recipes."""
    return [RecipeFacts.model_validate(facts) for facts in describe.all_recipe_facts()]


@downloading.post("/recipes/{name}:download", status_code=202, responses=documented(404, 409, 503))
def download_recipe(name: str, jobs: RunningJobs) -> JobState:
    """Download the model files of a recipe to the server, as a job that resumes after a stop."""
    if name not in RECIPES:
        raise NotFound(f"There is no recipe {name!r}. GET /v1/recipes lists them.")
    job = Job("download")
    jobs.start(job, lambda: _download(job, name))
    return job.state_now()


def _download(job: Job, name: str) -> None:
    def tell(file: str, done: int, total: int) -> None:
        job.step, job.done, job.total = PurePosixPath(file).name, done, total
        if job.stop.is_set():
            raise Stopped

    with suppress(Stopped):
        for record in needs(name):
            pull(record, tell)
