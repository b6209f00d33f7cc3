"""The jobs table: progress of jobs, shared by all servers of a catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lookalike.database.session import Connections, Reader, Session

KEPT_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class StoredJob:
    """The stored state of a job, and its age in seconds by the database's clock."""

    state: str
    age: float


class JobRows:
    """The jobs of a catalog by id. The content of a state is opaque here."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._now = connections.clock

    def begin(self, id: str, state: str, check: Callable[[Mapping[str, StoredJob]], None]) -> None:
        """Store the state of a new job, unless `check` raises for the others. Jobs begin one at a time."""

        def work(session: Session) -> None:
            # Changes nothing, but locks the row so that jobs start one at a time.
            session.rows("UPDATE counter SET revision = revision")
            others = self._all(session)
            others.pop(id, None)
            check(others)
            session.rows(
                f"INSERT INTO jobs (id, state, told, stop) VALUES (?, ?, {self._now}, 0) "
                "ON CONFLICT (id) DO NOTHING",
                (id, state),
            )

        self._connections.redo(work)

    def update(self, id: str, state: str) -> bool:
        """Store the state of a job. Returns whether it should stop."""

        def work(session: Session) -> bool:
            found = session.rows(
                f"INSERT INTO jobs (id, state, told, stop) VALUES (?, ?, {self._now}, 0) "
                "ON CONFLICT (id) DO UPDATE SET state = excluded.state, told = excluded.told RETURNING stop",
                (id, state),
            )
            session.rows(f"DELETE FROM jobs WHERE told < {self._now} - ?", (KEPT_SECONDS,))
            return bool(found[0][0])

        return self._connections.redo(work)

    def get(self, id: str) -> StoredJob | None:
        """The stored state of a job."""
        with self._connections.read() as reader:
            found = reader.rows(f"SELECT state, {self._now} - told FROM jobs WHERE id = ?", (id,))
        return StoredJob(*found[0]) if found else None

    def all(self) -> dict[str, StoredJob]:
        """The stored states of all jobs, the latest first."""
        with self._connections.read() as reader:
            return self._all(reader)

    def _all(self, reader: Reader) -> dict[str, StoredJob]:
        found = reader.rows(f"SELECT id, state, {self._now} - told FROM jobs ORDER BY told DESC, id")
        return {id: StoredJob(state, age) for id, state, age in found}

    def stop(self, id: str) -> None:
        """Request that a job stops."""
        self._connections.redo(lambda session: session.rows("UPDATE jobs SET stop = 1 WHERE id = ?", (id,)))
