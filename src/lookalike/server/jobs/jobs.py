"""Jobs: long work that a request starts. One job of each kind runs at a time, on whichever server.

Every server of the catalog can report and stop a job: its progress is stored in the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Literal, TypeAlias
from uuid import uuid4

from pydantic import BaseModel, Field

from lookalike import serialize
from lookalike.database.jobs import JobRows, StoredJob
from lookalike.errors import Conflict, LookalikeError, NotFound, Unavailable
from lookalike.types import ImportReport, UndoReport

BEAT_SECONDS = 1.0
# Longer than a database outage that a job survives.
LOST_SECONDS = 30.0

Kind: TypeAlias = Literal["import", "undo", "switch", "evaluate", "explore", "doctor", "tune", "download"]
State: TypeAlias = Literal["running", "done", "stopped", "failed"]

NAMES: dict[Kind, str] = {
    "import": "An import",
    "undo": "The undo of an import",
    "switch": "A recipe switch",
    "evaluate": "A measurement of search quality",
    "explore": "A map computation",
    "doctor": "A product check",
    "tune": "A measurement of the recommendations",
    "download": "A download of models",
}
# Both write vectors: one would undo the work of the other.
REMAKING: frozenset[Kind] = frozenset({"import", "undo", "switch"})


class UndoneState(BaseModel):
    """What the undo of an import did, in numbers of products."""

    feed: str
    removed: int = Field(description="They were new in the import.")
    restored: int = Field(description="They are what they were before the import.")
    kept: int = Field(description="They were changed after the import, and stay as they are.")


class JobState(BaseModel):
    """Progress and result of a job."""

    id: str
    kind: Kind
    state: State
    step: str = Field("", description="The current step, for jobs with several.")
    done: int
    total: int | None = Field(description="Total number of rows, photos or queries, once known.")
    detail: str = Field(description="The reason, if it failed.")
    report: serialize.ReportJson | None = Field(description="The result of an import so far.")
    undone: UndoneState | None = Field(None, description="What the undo of an import did so far.")


@dataclass(slots=True)
class Job:
    """A job that this process runs."""

    kind: Kind
    id: str = field(default_factory=lambda: uuid4().hex)
    state: State = "running"
    step: str = ""
    done: int = 0
    total: int | None = None
    detail: str = ""
    report: ImportReport | None = None
    undone: UndoReport | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def state_now(self) -> JobState:
        """The progress to report."""
        return JobState(
            id=self.id,
            kind=self.kind,
            state=self.state,
            step=self.step,
            done=self.done,
            total=self.total,
            detail=self.detail,
            report=None if self.report is None else serialize.report_json(self.report),
            undone=None if self.undone is None else UndoneState(**asdict(self.undone)),
        )


class Jobs:
    """The jobs of this process and of other servers."""

    def __init__(self, store: JobRows) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False

    def start(self, job: Job, work: Callable[[], None]) -> None:
        """Start a job in a thread. Raises Conflict if one of its kind runs on any server."""
        with self._lock:
            if self._closed:
                raise Unavailable("This server is shutting down. Use another one.")
            # From now on, every server can report the job.
            self._store.begin(job.id, job.state_now().model_dump_json(), partial(self._check, job.kind))
            self._jobs[job.id] = job
            for target, details in ((_run, (job, work)), (self._report, (job,))):
                thread = threading.Thread(target=target, args=details, name=job.kind)
                self._threads.append(thread)
                thread.start()

    def _check(self, kind: Kind, others: Mapping[str, StoredJob]) -> None:
        for id, stored in others.items():
            other = self._read(id, stored)
            if other.state == "running" and (other.kind == kind or {other.kind, kind} <= REMAKING):
                raise Conflict(f"{NAMES[other.kind]} is running. Wait until it is done, or stop it.")

    def _report(self, job: Job) -> None:
        """Store the progress of a job and read stop requests, until the job ends."""
        over = False
        while not over:
            over = job.ended.wait(BEAT_SECONDS)
            try:
                if self._store.update(job.id, job.state_now().model_dump_json()):
                    job.stop.set()
            except Unavailable as error:
                # The job itself reports the same problem; here the next attempt may succeed.
                job.detail = job.detail or str(error)

    def get(self, id: str) -> JobState:
        """The state of a job on any server."""
        if id in self._jobs:
            return self._jobs[id].state_now()
        stored = self._store.get(id)
        if stored is None:
            raise NotFound("There is no such job. Check its id.")
        return self._read(id, stored)

    def latest(self) -> list[JobState]:
        """The latest job of each kind on any server."""
        last: dict[Kind, JobState] = {}
        for id, stored in self._store.all().items():
            found = self._read(id, stored)
            known = last.setdefault(found.kind, found)
            if found.state == "running" != known.state:
                last[found.kind] = found
        return list(last.values())

    def _read(self, id: str, stored: StoredJob) -> JobState:
        if id in self._jobs:
            return self._jobs[id].state_now()
        found = JobState.model_validate_json(stored.state)
        if found.state == "running" and stored.age > LOST_SECONDS:
            found.state = "failed"
            found.detail = _lost(found.kind)
        return found

    def stop(self, id: str) -> JobState:
        """Stop a job on any server, after it has finished what is in flight."""
        found = self.get(id)
        if id in self._jobs:
            self._jobs[id].stop.set()
        else:
            self._store.stop(id)
        return found

    def running(self) -> bool:
        """Whether this process does anything."""
        return any(not job.ended.is_set() for job in self._jobs.values())

    def close(self) -> None:
        """Start no more jobs, stop the running ones, and wait for them."""
        with self._lock:
            self._closed = True
        for job in self._jobs.values():
            job.stop.set()
        self.wait()

    def wait(self) -> None:
        """Wait until nothing runs."""
        for thread in self._threads:
            thread.join()


def _run(job: Job, work: Callable[[], None]) -> None:
    try:
        work()
    except LookalikeError as error:
        job.state, job.detail = "failed", str(error)
    except BaseException:
        job.state, job.detail = "failed", "Unexpected error. See the server log."
        raise
    else:
        job.state, job.detail = ("stopped" if job.stop.is_set() else "done"), ""
    finally:
        job.ended.set()


def _lost(kind: Kind) -> str:
    if kind in REMAKING or kind == "download":
        return "The server that ran it has stopped. Start it again: it continues where it stopped."
    return "The server that ran it has stopped. Start it again."
