"""The validators of feeds at URLs, so that `import` downloads a feed only if it has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from lookalike.database import Database
from lookalike.feeds import Validators

PREFIX = "feed:"


def known_feed(database: Database, url: str, mapping: Mapping[str, str]) -> Validators:
    """The validators of the last import of the feed, if nothing was written since."""
    stored = database.settings().get(_name(url, mapping))
    if stored is None:
        return Validators()
    known = json.loads(stored)
    # A product that was changed or removed by hand comes back with the next import.
    return Validators(**known["validators"]) if known["revision"] == database.revision() else Validators()


def remember_feed(database: Database, url: str, mapping: Mapping[str, str], validators: Validators) -> None:
    """Store the validators of an import, unless another process writes at this moment."""
    known = validators.dumps()
    if known is None:
        return
    revision = database.revision()
    stored = {"revision": revision + 1, "validators": json.loads(known)}
    database.put_settings({_name(url, mapping): json.dumps(stored)}, at=revision)


def _name(url: str, mapping: Mapping[str, str]) -> str:
    # A URL may hold a token; settings are shown.
    return PREFIX + hashlib.sha256(json.dumps([url, sorted(mapping.items())]).encode()).hexdigest()[:32]
