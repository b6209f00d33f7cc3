"""Where processes keep what is derived from a catalog."""

from __future__ import annotations

import os
from pathlib import Path


def kept_folder(url: str, catalog: str) -> Path | None:
    """The folder for index files: beside the catalog, or in the user's cache for a database server."""
    if "://" not in url:
        return Path(f"{url}.index")
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "lookalike" / "index" / catalog if catalog else None
