"""What the routes of sources answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class WebhookState(BaseModel):
    """What became of a webhook."""

    items: int = Field(description="How many items it names, which are read soon.")
    known: bool = Field(description="Whether it came before; then nothing is read.")
