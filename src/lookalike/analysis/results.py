"""Stored results of analyses, kept until the analysis runs again."""

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
    """Store a result. The revision of the catalog stays the same: results can be computed again."""
    database.put_fit(name, zlib.compress(json.dumps(value, ensure_ascii=False).encode()))


def kept(database: Database, name: str) -> Any:
    """The stored result, or None."""
    data = database.fit(name)
    return json.loads(zlib.decompress(data)) if data else None
