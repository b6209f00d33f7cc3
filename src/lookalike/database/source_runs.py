"""The schedules of a catalog's sources, and the outcome of each run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lookalike.database.session import Connections, Session, marks
from lookalike.types import RowProblem

KEPT_RUNS = 100
KEPT_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a source is followed: every `every` seconds from `next_run` on; failures are posted to `alert`.

    A run that would remove more than the share `most_removed` of the source's products removes nothing.
    """

    source: str
    every: float
    next_run: float = 0.0
    prune: bool = True
    most_removed: float = 0.2
    alert: str = ""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run: when, how it ended, what it changed, and the rows that were rejected."""

    source: str
    began: float
    ended: float
    outcome: str
    detail: str = ""
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    problems: Sequence[RowProblem] = field(default_factory=tuple[RowProblem, ...])


_COUNTS = ("added", "updated", "unchanged", "removed", "failed")
_RUN = ("source", "began", "ended", "outcome", "detail", *_COUNTS)


class SourceRunRows:
    """The schedules and runs of one catalog; times are seconds since 1970 by the caller's clock."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, schedule: Schedule) -> None:
        """Store a schedule, or replace the one of the same source."""
        facts = asdict(schedule) | {"prune": int(schedule.prune)}
        values = tuple(facts.values())

        def work(session: Session) -> None:
            session.rows("DELETE FROM source_schedules WHERE source = ?", (schedule.source,))
            session.rows(
                f"INSERT INTO source_schedules ({', '.join(facts)}) VALUES ({marks(values)})", values
            )

        self._connections.redo(work)

    def schedules(self) -> list[Schedule]:
        """Every schedule, the next to run first."""
        with self._connections.read() as reader:
            found = reader.rows(
                "SELECT source, every, next_run, prune, most_removed, alert FROM source_schedules "
                "ORDER BY next_run, source"
            )
        return [
            Schedule(source, every, next_run, bool(prune), most_removed, alert)
            for source, every, next_run, prune, most_removed, alert in found
        ]

    def schedule(self, source: str) -> Schedule | None:
        """The schedule of a source; None if it has none."""
        return next((each for each in self.schedules() if each.source == source), None)

    def remove(self, source: str) -> None:
        """Delete the schedule and the runs of a source."""

        def work(session: Session) -> None:
            for table in ("source_schedules", "source_runs", "source_claims"):
                session.rows(f"DELETE FROM {table} WHERE source = ?", (source,))

        self._connections.redo(work)

    def claim(self, source: str, now: float, until: float, next_run: float) -> bool:
        """Claim a source until a time; False if another process has claimed it."""
        # Not repeated after a lost connection: the second attempt would find the claim of the first.
        with self._connections.write() as session:
            # Changes nothing. It makes concurrent claims wait for each other.
            session.rows("UPDATE counter SET revision = revision")
            if session.rows("SELECT 1 FROM source_claims WHERE source = ? AND until > ?", (source, now)):
                return False
            session.rows("DELETE FROM source_claims WHERE source = ?", (source,))
            session.rows("INSERT INTO source_claims (source, until) VALUES (?, ?)", (source, until))
            session.rows("UPDATE source_schedules SET next_run = ? WHERE source = ?", (next_run, source))
            return True

    def extend(self, source: str, until: float) -> None:
        """Extend the claim of a run."""
        self._connections.redo(
            lambda session: session.rows(
                "UPDATE source_claims SET until = ? WHERE source = ?", (until, source)
            )
        )

    def running(self, now: float) -> set[str]:
        """The sources that are claimed now."""
        with self._connections.read() as reader:
            return {
                name for (name,) in reader.rows("SELECT source FROM source_claims WHERE until > ?", (now,))
            }

    def end(self, run: StoredRun) -> None:
        """Store the outcome of a run, and release its claim."""
        problems = [[each.feed, each.line, each.id, each.reason] for each in run.problems[:KEPT_PROBLEMS]]
        values = (*(getattr(run, name) for name in _RUN), json.dumps(problems, ensure_ascii=False))

        def work(session: Session) -> None:
            session.rows("DELETE FROM source_claims WHERE source = ?", (run.source,))
            session.rows(
                f"INSERT INTO source_runs ({', '.join(_RUN)}, problems) VALUES ({marks(values)})", values
            )
            session.rows(
                "DELETE FROM source_runs WHERE source = ? AND began < (SELECT min(began) FROM (SELECT began "
                "FROM source_runs WHERE source = ? ORDER BY began DESC LIMIT ?) newest)",
                (run.source, run.source, KEPT_RUNS),
            )

        self._connections.redo(work)

    def runs(self, source: str, limit: int = KEPT_RUNS) -> list[StoredRun]:
        """The runs of a source, the latest first."""
        with self._connections.read() as reader:
            found: list[Any] = reader.rows(
                f"SELECT {', '.join(_RUN)}, problems FROM source_runs WHERE source = ? "
                "ORDER BY began DESC LIMIT ?",
                (source, limit),
            )
        return [
            StoredRun(
                **dict(zip(_RUN, row, strict=False)),
                problems=[RowProblem(*each) for each in json.loads(row[-1])],
            )
            for row in found
        ]
