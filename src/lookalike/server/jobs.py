"""Long work that a request starts and does not wait for: one piece at a time in each process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from lookalike.errors import Conflict, LookalikeError, NotFound
from lookalike.records import ImportReport

State = Literal["running", "done", "stopped", "failed"]


@dataclass(slots=True)
class Job:
    """One piece of work: how far it is, and how it ended."""

    kind: Literal["import", "switch"]
    id: str = field(default_factory=lambda: uuid4().hex)
    state: State = "running"
    done: int = 0
    total: int | None = None
    detail: str = ""
    report: ImportReport | None = None
    stop: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """What this process has been asked to do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: list[threading.Thread] = []

    def start(self, job: Job, work: Callable[[], None]) -> None:
        """Begin a piece of work in a thread of its own, unless another one still runs."""
        with self._lock:
            if any(other.state == "running" for other in self._jobs.values()):
                raise Conflict("Another import or switch is running: wait until it is done, or stop it.")
            self._jobs[job.id] = job
            thread = threading.Thread(target=_run, args=(job, work), name=job.kind)
            self._threads.append(thread)
            thread.start()

    def get(self, id: str) -> Job:
        """One piece of work."""
        if id not in self._jobs:
            raise NotFound("This process knows no such job: it was restarted, or another worker has it.")
        return self._jobs[id]

    def close(self) -> None:
        """Let what runs finish what is in flight, and wait for it."""
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
        job.state = "stopped" if job.stop.is_set() else "done"
