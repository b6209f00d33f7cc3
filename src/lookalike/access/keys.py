"""API keys: a random secret that is shown once, its hash in the catalog, and what it allows.

A key is `lk_ID_SECRET`. The id finds its row. The secret is 256 random bits, which cannot be guessed, so one
SHA-256 protects it as well as a slow hash would. The prefix lets secret scanners recognize a leaked key.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Literal, TypeAlias, get_args

from typing_extensions import TypedDict

from lookalike.database.keys import KeyRows, StoredKey
from lookalike.errors import BadKey, Conflict, KeyInvalid, NotFound

Scope: TypeAlias = Literal["search", "events", "write", "admin"]
State: TypeAlias = Literal["active", "expired", "revoked"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERYTHING: frozenset[Scope] = frozenset(SCOPES)
PREFIX = "lk_"
FORM = re.compile(r"lk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
ID_BYTES = 6
SECRET_BYTES = 32
LONGEST_NAME = 100
MOST_PER_MINUTE = 1_000_000
MOST_KEYS = 1_000
# The year 9999, the last that ISO dates can tell.
LATEST = 253_370_764_800.0
# How long another process may go on with a key that was revoked.
REMEMBERED_SECONDS = 1.0
# Compared with a key of an unknown id, which so takes as long as a wrong secret.
NO_DIGEST = bytes(hashlib.sha256().digest_size)


@dataclass(frozen=True, slots=True)
class Key:
    """What a key allows, and until when. It does not hold the secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created: float
    expires: float | None = None
    per_minute: int | None = None
    revoked: float | None = None

    def state(self, now: float) -> State:
        """Whether the key opens anything."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


class KeyJson(TypedDict):
    """A key without its secret, as REST and the command line show it. Times are ISO 8601."""

    id: str
    name: str
    scopes: list[Scope]
    state: State
    created: str
    expires: str | None
    per_minute: int | None


def key_json(key: Key, now: float) -> KeyJson:
    """A key as JSON."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "state": key.state(now),
        "created": _iso(key.created),
        "expires": None if key.expires is None else _iso(key.expires),
        "per_minute": key.per_minute,
    }


class KeyRing:
    """The keys of one catalog."""

    def __init__(
        self,
        rows: KeyRows,
        now: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rows = rows
        self._now = now
        self._timer = timer
        self._lock = threading.Lock()
        self._known: dict[str, StoredKey] = {}
        self._read_at: float | None = None

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        expires: float | None = None,
        per_minute: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key. Returns it with its secret, which is stored nowhere and cannot be shown again.

        Raises BadKey for an invalid key, and Conflict if the catalog has too many keys.
        """
        now = self._now()
        _check(name, scopes, expires, per_minute, now)
        if sum(_key(each).state(now) == "active" for each in self._rows.all()) >= MOST_KEYS:
            raise Conflict(f"This catalog has {MOST_KEYS} active keys. Revoke unused ones.")
        id = secrets.token_hex(ID_BYTES)
        secret = f"{PREFIX}{id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        granted = " ".join(scope for scope in SCOPES if scope in scopes)
        stored = StoredKey(id, name.strip(), _digest(secret), granted, now, expires, per_minute)
        self._rows.put([stored])
        self._forget()
        return _key(stored), secret

    def all(self) -> list[Key]:
        """Every key, revoked and expired ones included, the oldest first."""
        return [_key(stored) for stored in self._rows.all()]

    def revoke(self, id: str) -> Key:
        """Make a key useless for good.

        Raises NotFound if there is no key with this id.
        """
        revoked = self._rows.revoke(id, self._now())
        if revoked is None:
            raise NotFound(f"There is no key '{id}'. `lookalike key list` shows the ids.")
        self._forget()
        return _key(revoked)

    def fresh(self) -> bool:
        """Whether `authenticate` will answer without reading the database."""
        return self._read_at is not None and self._timer() - self._read_at < REMEMBERED_SECONDS

    def refresh(self) -> None:
        """Read the keys if they were not read lately."""
        with self._lock:
            if not self.fresh():
                began = self._timer()
                self._known = {stored.id: stored for stored in self._rows.all()}
                self._read_at = began

    def authenticate(self, given: str) -> Key:
        """The key that was given.

        Raises KeyInvalid if it is unknown here, expired or revoked.
        """
        self.refresh()
        form = FORM.fullmatch(given)
        stored = self._known.get(form[1]) if form else None
        matches = compare_digest(_digest(given), stored.digest if stored else NO_DIGEST)
        if stored is None or not matches:
            raise KeyInvalid("This key is not valid for this catalog. Check it, or ask for a new one.")
        key = _key(stored)
        match key.state(self._now()):
            case "revoked":
                raise KeyInvalid(f"The key '{key.name}' was revoked. Ask for a new one.")
            case "expired":
                raise KeyInvalid(f"The key '{key.name}' has expired. Ask for a new one.")
            case "active":
                return key

    def _forget(self) -> None:
        with self._lock:
            self._read_at = None


def looks_like_key(given: str) -> bool:
    """Whether a credential was made by `KeyRing.create`, for whichever catalog."""
    return given.startswith(PREFIX)


def _check(
    name: str, scopes: Collection[Scope], expires: float | None, per_minute: int | None, now: float
) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadKey(f"Name the key after who uses it, in at most {LONGEST_NAME} printable characters.")
    if not scopes or not EVERYTHING.issuperset(scopes):
        raise BadKey(f"A key needs one or more of the scopes {', '.join(SCOPES)}.")
    if expires is not None and not now < expires < LATEST:
        raise BadKey("Choose a time of expiry between now and the year 9999, or none.")
    if per_minute is not None and not 0 < per_minute <= MOST_PER_MINUTE:
        raise BadKey(f"A key may send from 1 to {MOST_PER_MINUTE:,} requests a minute.")


def _key(stored: StoredKey) -> Key:
    return Key(
        stored.id,
        stored.name,
        frozenset(scope for scope in SCOPES if scope in stored.scopes.split()),
        stored.created,
        stored.expires,
        stored.per_minute,
        stored.revoked,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
