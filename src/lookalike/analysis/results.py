"""Stored results of studies, kept until the study runs again."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.database import Database

BENCHMARKS = "derived:benchmarks"
EXPLORED = "derived:explored"
FINDINGS = "derived:findings"


def keep(database: Database, name: str, value: Any) -> None:
    """Store a value under its name; it can be made anew at any time, so no revision passes."""
    database.put_fit(name, zlib.compress(json.dumps(value, ensure_ascii=False).encode()))


def kept(database: Database, name: str) -> Any:
    """The value stored last under a name, None where there is none."""
    data = database.fit(name)
    return json.loads(zlib.decompress(data)) if data else None
