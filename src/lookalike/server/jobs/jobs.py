"""Long work that a request starts and does not wait for: one piece of a kind at a time, whoever does it.

Any server of the catalogue tells how far it is and can stop it: the one that does it says so in the database.
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
# Longer than a database may be away without anybody giving up.
LOST_SECONDS = 30.0

Kind: TypeAlias = Literal["import", "undo", "switch", "evaluate", "explore", "doctor", "tune"]
State: TypeAlias = Literal["running", "done", "stopped", "failed"]

NAMES: dict[Kind, str] = {
    "import": "An import",
    "undo": "The undo of an import",
    "switch": "A switch to another recipe",
    "evaluate": "A measurement of the search",
    "explore": "A drawing of the map",
    "doctor": "An examination of the products",
    "tune": "A measurement of the recommendations",
}
# Both make vectors: one would undo what the other has just made.
REMAKING: frozenset[Kind] = frozenset({"import", "undo", "switch"})


class UndoneState(BaseModel):
    """What the undo of an import did, in numbers of products."""

    feed: str
    removed: int = Field(description="They were new in the import.")
    restored: int = Field(description="They are what they were before the import.")
    kept: int = Field(description="They were changed after the import, and stay as they are.")


class JobState(BaseModel):
    """How far a piece of work is, and how it ended."""

    id: str
    kind: Kind
    state: State
    step: str = Field("", description="What it is at, where it has several steps.")
    done: int
    total: int | None = Field(description="Rows, photos or queries in all, once they are counted.")
    detail: str = Field(description="Why it failed, where it did.")
    report: serialize.ReportJson | None = Field(description="What an import did so far.")
    undone: UndoneState | None = Field(None, description="What the undo of an import did so far.")


@dataclass(slots=True)
class Job:
    """One piece of work that this process does."""

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

    def told(self) -> JobState:
        """How far it is."""
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
    """What this process has been asked to do, and what others do."""

    def __init__(self, store: JobRows) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False

    def start(self, job: Job, work: Callable[[], None]) -> None:
        """Begin a piece of work in a thread of its own, unless another one of its kind runs anywhere."""
        with self._lock:
            if self._closed:
                raise Unavailable("This server is about to stop: ask another one.")
            # Whoever is told of the job finds it at any server from now on.
            self._store.begin(job.id, job.told().model_dump_json(), partial(self._check, job.kind))
            self._jobs[job.id] = job
            for target, details in ((_run, (job, work)), (self._report, (job,))):
                thread = threading.Thread(target=target, args=details, name=job.kind)
                self._threads.append(thread)
                thread.start()

    def _check(self, kind: Kind, others: Mapping[str, StoredJob]) -> None:
        for id, stored in others.items():
            told = self._told(id, stored)
            if told.state == "running" and (told.kind == kind or {told.kind, kind} <= REMAKING):
                raise Conflict(f"{NAMES[told.kind]} is running: wait until it is done, or stop it.")

    def _report(self, job: Job) -> None:
        """Say in the database how far a job is, and hear there that it is to stop, until it has ended."""
        over = False
        while not over:
            over = job.ended.wait(BEAT_SECONDS)
            try:
                if self._store.tell(job.id, job.told().model_dump_json()):
                    job.stop.set()
            except Unavailable as error:
                # The work itself meets the same trouble and tells it; here the next beat may succeed.
                job.detail = job.detail or str(error)

    def get(self, id: str) -> JobState:
        """How far a piece of work is, whoever does it."""
        if id in self._jobs:
            return self._jobs[id].told()
        stored = self._store.get(id)
        if stored is None:
            raise NotFound("There is no such job: check its id.")
        return self._told(id, stored)

    def latest(self) -> list[JobState]:
        """The last piece of work of each kind, whoever did it."""
        last: dict[Kind, JobState] = {}
        for id, stored in self._store.all().items():
            told = self._told(id, stored)
            known = last.setdefault(told.kind, told)
            if told.state == "running" != known.state:
                last[told.kind] = told
        return list(last.values())

    def _told(self, id: str, stored: StoredJob) -> JobState:
        if id in self._jobs:
            return self._jobs[id].told()
        told = JobState.model_validate_json(stored.state)
        if told.state == "running" and stored.age > LOST_SECONDS:
            told.state = "failed"
            told.detail = _lost(told.kind)
        return told

    def stop(self, id: str) -> JobState:
        """Let a piece of work finish what is in flight and stop, whoever does it."""
        told = self.get(id)
        if id in self._jobs:
            self._jobs[id].stop.set()
        else:
            self._store.stop(id)
        return told

    def running(self) -> bool:
        """Whether this process does anything."""
        return any(not job.ended.is_set() for job in self._jobs.values())

    def close(self) -> None:
        """Begin nothing more, let what runs finish what is in flight, and wait for it."""
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
        job.state, job.detail = "failed", "It failed in a way nobody thought of: the server's log says how."
        raise
    else:
        job.state, job.detail = ("stopped" if job.stop.is_set() else "done"), ""
    finally:
        job.ended.set()


def _lost(kind: Kind) -> str:
    if kind in REMAKING:
        return "The server that did it is gone: start it again, and it goes on from there."
    return "The server that did it is gone: start it again."
