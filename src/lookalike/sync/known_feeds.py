"""What `import` remembers of the feeds at URLs, so that it downloads only what has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from lookalike.database import Database
from lookalike.feeds import Validators

PREFIX = "feed:"


def known_feed(database: Database, url: str, mapping: Mapping[str, str]) -> Validators:
    """What the feed was known by when it was imported, if nothing has been written since."""
    stored = database.settings().get(_name(url, mapping))
    if stored is None:
        return Validators()
    told = json.loads(stored)
    # A product that was changed or removed by hand comes back with the next import.
    return Validators(**told["validators"]) if told["revision"] == database.revision() else Validators()


def remember_feed(database: Database, url: str, mapping: Mapping[str, str], validators: Validators) -> None:
    """Store what the feed is known by, unless another process writes at this moment."""
    known = validators.dumps()
    if known is None:
        return
    revision = database.revision()
    told = {"revision": revision + 1, "validators": json.loads(known)}
    database.put_settings({_name(url, mapping): json.dumps(told)}, at=revision)


def _name(url: str, mapping: Mapping[str, str]) -> str:
    # A URL may hold a token; settings are shown.
    return PREFIX + hashlib.sha256(json.dumps([url, sorted(mapping.items())]).encode()).hexdigest()[:32]
