"""Files that are derived from a catalog and lie beside it: written whole, read by every process."""

from __future__ import annotations

import json
import logging
import os
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

ABOUT = "about"

log = logging.getLogger(__name__)


def kept_folder(url: str, catalog: str) -> Path | None:
    """The folder for derived files: beside the catalog, or in the user's cache for a database server."""
    if "://" not in url:
        return Path(f"{url}.index")
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "lookalike" / "index" / catalog if catalog else None


def save_arrays(path: Path, arrays: Arrays, about: Mapping[str, Any]) -> None:
    """Write arrays, and what they were made of, for the owner alone; a reader sees the old file or the new
    one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            # Not compressed: reading it is what must be fast. ZIP files carry checksums.
            np.savez(file, allow_pickle=False, **arrays, **{ABOUT: _about(about)})
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_arrays(path: Path, about: Mapping[str, Any]) -> dict[str, NDArray[Any]] | None:
    """The arrays, if the file exists, is intact and was made of the same."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if not np.array_equal(kept[ABOUT], _about(about)):
                return None
            return {name: kept[name] for name in kept.files if name != ABOUT}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s is damaged and will be built again: %s.", path, error)
        return None


def _about(about: Mapping[str, Any]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
