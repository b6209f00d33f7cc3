"""What the routes of sources take and answer."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from lookalike.database.source_runs import StoredRun
from lookalike.server.schemas.base import RequestModel


class WebhookState(BaseModel):
    """What became of a webhook."""

    items: int = Field(description="How many items it names, which are read soon.")
    known: bool = Field(description="Whether it came before; then nothing is read.")


class ScheduleRequest(RequestModel):
    """How to follow a feed or a shop system."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(
        max_length=4_000, description="A feed's URL, or a shop system such as shopify://HOST."
    )
    every: str = Field("15m", max_length=20, description="How often it is read: 15m, 2h, 1d.")
    prune: bool = Field(True, description="Remove products that the source no longer has.")
    most_removed: FiniteFloat = Field(
        0.2,
        ge=0,
        le=1,
        description="Remove nothing if more than this share of the source's products would go.",
    )
    alert: str = Field(
        "", max_length=4_000, description="URL to post to when runs fail, and when they work again."
    )


class RejectedRow(BaseModel):
    """A row that was rejected, or imported in part."""

    line: int
    id: str
    reason: str


class RunState(BaseModel):
    """One run of a source."""

    began: float = Field(description="Seconds since 1970.")
    ended: float
    outcome: Literal["done", "partly", "failed", "stopped"]
    detail: str = Field(description="The reason, if it failed.")
    added: int
    updated: int
    unchanged: int
    removed: int
    failed: int
    problems: list[RejectedRow] = Field(description="Up to 1,000 rows that were rejected.")

    @classmethod
    def of(cls, run: StoredRun) -> Self:
        """A run as it is stored."""
        rows = [RejectedRow(line=each.line, id=each.id, reason=each.reason) for each in run.problems]
        facts = {name: getattr(run, name) for name in cls.model_fields if name != "problems"}
        return cls(**facts, problems=rows)


class SourceState(BaseModel):
    """A feed or shop system that the catalog follows, and its latest run."""

    name: str
    address: str = Field(description="Where it is, without what follows '?' of a feed, which may be a token.")
    read_until: str | None = Field(description="Where the next read begins; null is the beginning.")
    pending: int = Field(description="Items that webhooks named and that are not read yet.")
    retried: int = Field(description="Items that did not go in entirely; the next read tries them again.")
    every: float | None = Field(description="Seconds between two runs; null if it has no schedule.")
    next_run: float | None
    prune: bool
    most_removed: float
    alert: bool = Field(description="Whether failures are reported to an alert URL.")
    running: bool
    latest: RunState | None
