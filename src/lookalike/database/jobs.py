"""Long work that some server does for a catalogue, as all servers see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lookalike.database.session import Connections, Reader, Session

KEPT_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class StoredJob:
    """What a server last said of its work, and how many seconds ago by the database's clock."""

    state: str
    age: float


class JobRows:
    """The jobs of one catalogue by their ids; what a state says is the servers' affair."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._now = connections.clock

    def begin(self, id: str, state: str, check: Callable[[Mapping[str, StoredJob]], None]) -> None:
        """Store the state of a new job unless the check of all others raises; one begins after the other."""

        def work(session: Session) -> None:
            # Changes nothing, but whoever writes it waits for the one before.
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

    def tell(self, id: str, state: str) -> bool:
        """Store the state of a job; returns whether somebody wants it stopped."""

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
        """What was last said of a job."""
        with self._connections.read() as reader:
            found = reader.rows(f"SELECT state, {self._now} - told FROM jobs WHERE id = ?", (id,))
        return StoredJob(*found[0]) if found else None

    def all(self) -> dict[str, StoredJob]:
        """What was last said of each job, the latest first."""
        with self._connections.read() as reader:
            return self._all(reader)

    def _all(self, reader: Reader) -> dict[str, StoredJob]:
        found = reader.rows(f"SELECT id, state, {self._now} - told FROM jobs ORDER BY told DESC, id")
        return {id: StoredJob(state, age) for id, state, age in found}

    def stop(self, id: str) -> None:
        """Ask whoever does a job to stop."""
        self._connections.redo(lambda session: session.rows("UPDATE jobs SET stop = 1 WHERE id = ?", (id,)))
