"""What the routes of sources answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SourceState(BaseModel):
    """A shop system that the catalogue follows."""

    name: str
    address: str = Field(description="Where it is; secrets are in the environment of the server.")
    read_until: str | None = Field(description="Where the next read begins; null is the beginning.")
    pending: int = Field(description="Items that webhooks named and that are not read yet.")
    retried: int = Field(description="Items that did not go in entirely; the next read tries them again.")


class WebhookState(BaseModel):
    """What became of a webhook."""

    items: int = Field(description="How many items it names, which are read soon.")
    known: bool = Field(description="Whether it came before; then nothing is read.")
