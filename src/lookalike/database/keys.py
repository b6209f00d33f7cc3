"""The API keys of a catalog as rows; of each secret only its hash is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.database.session import Connections, Session

COLUMNS = "id, name, digest, scopes, created, expires, per_minute, revoked"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it is stored. Times are seconds since 1970; `scopes` are separated by spaces."""

    id: str
    name: str
    digest: bytes
    scopes: str
    created: float
    expires: float | None = None
    per_minute: int | None = None
    revoked: float | None = None


class KeyRows:
    """The keys of one catalog."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def all(self) -> list[StoredKey]:
        """Every key, revoked ones included, the oldest first."""
        with self._connections.read() as reader:
            return [
                _key(row) for row in reader.rows(f"SELECT {COLUMNS} FROM access_keys ORDER BY created, id")
            ]

    def put(self, keys: Sequence[StoredKey]) -> None:
        """Store keys; existing ids stay unchanged."""

        def work(session: Session) -> None:
            session.many(
                f"INSERT INTO access_keys ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO NOTHING",
                [
                    (
                        key.id,
                        key.name,
                        key.digest,
                        key.scopes,
                        key.created,
                        key.expires,
                        key.per_minute,
                        key.revoked,
                    )
                    for key in keys
                ],
            )

        self._connections.redo(work)

    def revoke(self, id: str, time: float) -> StoredKey | None:
        """Revoke a key, unless it is already. Returns the key, or None if it does not exist."""

        def work(session: Session) -> StoredKey | None:
            found = session.rows(
                f"UPDATE access_keys SET revoked = COALESCE(revoked, ?) WHERE id = ? RETURNING {COLUMNS}",
                (time, id),
            )
            return _key(found[0]) if found else None

        return self._connections.redo(work)


def _key(row: Sequence[Any]) -> StoredKey:
    id, name, digest, *rest = row
    return StoredKey(id, name, bytes(digest), *rest)
