"""The file of the lexical index beside the catalog: written whole after an import, read by every process."""

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

from lookalike.lexical.vocabulary import Arrays

# What analyses, folds or stems words differently needs a new number.
FORMAT = 1
ABOUT = "about"

log = logging.getLogger(__name__)


def save(path: Path, arrays: Arrays, about: Mapping[str, Any]) -> None:
    """Write the arrays of an index, and what they were made of; a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        with part.open("wb") as file:
            # Not compressed: reading it is what must be fast. ZIP files carry checksums.
            np.savez(file, allow_pickle=False, **arrays, **{ABOUT: _about(about)})
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path, about: Mapping[str, Any]) -> Arrays | None:
    """The arrays, if the file exists, is intact and was made of the same."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if not np.array_equal(kept[ABOUT], _about(about)):
                return None
            return {name: kept[name] for name in kept.files if name != ABOUT}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("The word index %s is damaged and will be built again: %s.", path, error)
        return None


def _about(about: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    text = json.dumps({"format": FORMAT, **about}, sort_keys=True)
    return np.frombuffer(text.encode("utf-8"), np.uint8)
