"""What an import would do, and its undo."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from lookalike.catalog.known_mappings import known_mapping
from lookalike.errors import BadFeed, NotFound, Unavailable
from lookalike.feeds import RecordFeed, read_feed
from lookalike.feeds.columns import read_mapping
from lookalike.feeds.packed import unpacked
from lookalike.feeds.preview import preview
from lookalike.server.dependencies import RunningJobs, ServerSettings, Shop
from lookalike.server.jobs.jobs import Job, JobState
from lookalike.server.problems import documented
from lookalike.server.routing import WriteRoute
from lookalike.server.schemas.imports import LastImportState, PreviewState
from lookalike.types import UndoReport

router = APIRouter(tags=["jobs"], route_class=WriteRoute, responses=documented(401, 403, 422))

FEED = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
Mapped = Annotated[
    list[str], Query(alias="map", description="COLUMN=FIELD, once for each column to map.", max_length=500)
]


def columns_of(pairs: list[str]) -> dict[str, str]:
    """The mapping that parameters such as Bezeichnung=title stand for.

    Raises BadFeed for one without an equals sign, or with a field that does not exist.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals or not column:
            raise BadFeed(f"'{pair}' is not a mapping: write map=COLUMN=FIELD.")
        mapping[column] = field
    read_mapping(mapping)
    return mapping


@router.post(
    "/imports/preview",
    openapi_extra={"requestBody": {"required": True, "content": FEED}},
    responses=documented(408, 413),
)
async def preview_import(
    request: Request,
    shop: Shop,
    settings: ServerSettings,
    mapped: Mapped = [],  # noqa: B006
) -> PreviewState:
    """Show how the feed in the body would be imported; nothing is written.

    Columns are mapped as in the last import of a feed with the same columns, except those of `map`.
    """
    mapping = columns_of(mapped)
    folder = await run_in_threadpool(upload_folder)
    try:
        with (folder / "feed").open("wb") as file:
            async for piece in request.stream():
                await run_in_threadpool(file.write, piece)
        return await run_in_threadpool(_preview, shop, folder, mapping, settings.max_import_bytes)
    except OSError as error:
        raise no_room(error) from error
    finally:
        shutil.rmtree(folder)


@router.get("/imports/latest", responses=documented(404))
def latest_import(shop: Shop) -> LastImportState:
    """Tell of the last import, which can be undone."""
    last = shop.last_import()
    if last is None:
        raise NotFound("There is no import to undo.")
    return LastImportState(**asdict(last))


@router.post("/imports/latest/undo", status_code=202, responses=documented(404, 409))
def undo_import(shop: Shop, jobs: RunningJobs) -> JobState:
    """Undo the last import as a job; products that were changed since then stay as they are."""
    last = latest_import(shop)
    job = Job("undo", total=last.added + last.updated + last.removed)

    def tell(report: UndoReport) -> None:
        job.undone, job.done = report, report.seen

    jobs.start(job, lambda: tell(shop.undo_import(tell, job.stop)))
    return job.state_now()


def upload_folder() -> Path:
    """A folder of its own for an upload.

    Raises Unavailable where there is no room.
    """
    try:
        return Path(tempfile.mkdtemp(prefix="lookalike-"))
    except OSError as error:
        raise no_room(error) from error


def uploaded_feed(shop: Shop, folder: Path, mapping: dict[str, str], most_bytes: int) -> RecordFeed:
    """The feed in the folder of an upload, mapped as asked and else as before."""
    file = unpacked(folder / "feed", folder / "opened", most_bytes)
    return read_feed(file, mapping=mapping, recall=partial(known_mapping, shop.catalog.database))


def no_room(error: OSError) -> Unavailable:
    """A full disk, in words."""
    return Unavailable(
        f"The server cannot store the upload ({error.strerror}). Free space in TMPDIR, or set another one."
    )


def _preview(shop: Shop, folder: Path, mapping: dict[str, str], most_bytes: int) -> PreviewState:
    return PreviewState.of(preview(uploaded_feed(shop, folder, mapping, most_bytes)))
