"""Typed settings, read from LOOKALIKE_* in the environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every knob that an operator may turn, with the default that a laptop wants."""

    model_config = SettingsConfigDict(env_prefix="LOOKALIKE_", extra="ignore")

    catalog: str = Field("shop.db", description="catalogue that commands and the server open")
    index: str = Field("", description="where vectors are searched; empty is in process")
    models: Path | None = Field(None, description="folder that holds model files, tried before the cache")
    threads: int = Field(0, ge=0, description="threads for embedding; 0 is one for each core")

    max_image_bytes: int = Field(20_000_000, gt=0, description="largest photo that is accepted, in bytes")
    max_image_pixels: int = Field(50_000_000, gt=0, description="largest photo that is decoded, in pixels")
    max_request_bytes: int = Field(32_000_000, gt=0, description="largest request body")
    fetch_timeout: float = Field(10.0, gt=0, description="seconds until a photo's URL is given up")
    fetch_private: bool = Field(False, description="allow photo URLs on private addresses")
    fetch_proxy: str = Field("", description="proxy for photo URLs; the environment's is ignored")

    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(8080, ge=0, le=65535, description="port the server listens on")
    admin_key: str = Field(
        "", description="key that may write; empty leaves writing open to this machine only"
    )
    search_key: str = Field("", description="key that may search; empty leaves searching open")
    upload_timeout: float = Field(20.0, gt=0, description="seconds a request may take to send its body")
    origins: str = Field("", description="origins whose pages may use the API, with blanks between; * is any")
    max_concurrent_uploads: int = Field(16, gt=0, description="photos that are decoded for requests at once")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()  # pyright: ignore[reportCallIssue]
