"""Mappings chosen by the user: the next import of a feed with the same columns uses them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from lookalike.database import Database

MAPPINGS = "mappings"
KEPT = 50


def known_mapping(database: Database, names: Sequence[str]) -> dict[str, str]:
    """The mapping that was chosen for these columns; empty if there is none."""
    return _stored(database).get(_key(names), {})


def remember_mapping(database: Database, names: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Keep a mapping for these columns. The oldest of more than 50 is forgotten."""
    stored, key = _stored(database), _key(names)
    if not mapping or stored.get(key) == mapping:
        return
    stored.pop(key, None)
    stored[key] = dict(mapping)
    database.put_settings({MAPPINGS: json.dumps(dict(list(stored.items())[-KEPT:]), ensure_ascii=False)})


def _stored(database: Database) -> dict[str, dict[str, str]]:
    return json.loads(database.settings().get(MAPPINGS, "{}"))


def _key(names: Sequence[str]) -> str:
    """Columns in another order are the same columns."""
    plain = sorted(name.strip().casefold() for name in names)
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:32]
