"""Several hands and the tasks that wait for them: a task outlives the hand that was at it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from lookalike.catalog.workers.task import Done, HandLost, Outcome, Task, Worker
from lookalike.errors import Unavailable

TRIES = 2
# One row may be more than a worker can take; when nothing else gets done either, it is not the rows.
MOST_GIVEN_UP = 4
PAUSE = 1.0


@dataclass(slots=True)
class _Job:
    """A task on its way: what is left of it, what is done, and how often the next part was lost."""

    parts: deque[Task]
    future: Future[Done] = field(default_factory=Future[Done])
    done: Done = field(default_factory=Done)
    losses: int = 0


class WorkerPool:
    """Does tasks on several hands at once, which are hired when the first task comes.

    `hire` gives a hand that is ready, and takes an event that tells it to give up waiting for one.
    """

    def __init__(self, hire: Callable[[threading.Event], Worker], size: int) -> None:
        self.size = size
        self._hire = hire
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._hands: list[Worker] = []
        self._closing = threading.Event()
        self._failure: Exception | None = None
        self._given_up = 0

    def submit(self, task: Task) -> Future[Done]:
        """Hand in a task."""
        if not self._threads:
            self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self.size)]
            for thread in self._threads:
                thread.start()
        job = _Job(deque([task]))
        self._put(job)
        return job.future

    def close(self) -> None:
        """Send the hands away; what they are at is nobody's business any more."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
            workers = list(self._hands)
        for worker in workers:
            worker.close()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self, job: _Job, *, first: bool = False) -> None:
        with self._changed:
            if self._failure is not None:
                job.future.set_exception(self._failure)
                return
            if first:
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
            self._changed.notify()

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closing.is_set())
            return None if self._closing.is_set() else self._jobs.popleft()

    def _serve(self) -> None:
        """The life of one hand, and of those that take its place when it is lost."""
        try:
            while not self._closing.is_set():
                worker = self._hired()
                if worker is None:
                    continue
                try:
                    self._keep_busy(worker)
                finally:
                    with self._changed:
                        self._hands.remove(worker)
                    worker.close()
        except Exception as error:  # whatever it is, it is told to those who wait for a task
            self._fail(error)

    def _hired(self) -> Worker | None:
        """A hand, or None for now if there is none to be had while others are at work."""
        try:
            worker = self._hire(self._closing)
        except Unavailable:
            with self._changed:
                if not self._hands and not self._closing.is_set():
                    raise
            self._closing.wait(PAUSE)
            return None
        with self._changed:
            self._hands.append(worker)
        return worker

    def _keep_busy(self, worker: Worker) -> None:
        while job := self._next():
            try:
                while job.parts:
                    job.done.add(worker.do(job.parts[0]))
                    job.parts.popleft()
                    job.losses = self._given_up = 0
            except HandLost as lost:
                self._take_back(job, lost)
                return
            except Exception as error:  # a task that fails is told to whoever waits for it
                job.future.set_exception(error)
            else:
                job.future.set_result(job.done)

    def _take_back(self, job: _Job, lost: HandLost) -> None:
        """Leave the task to another hand: as it is, then in halves, at last without the row that is left."""
        job.losses += lost.at_fault
        if job.losses == TRIES:
            task = job.parts.popleft()
            job.losses = 0
            if len(task.rows) > 1:
                job.parts.extendleft(reversed(task.halves()))
            else:
                self._given_up += 1
                problem = f"the workers at this product were lost {TRIES} times: {lost}"
                job.done.add(Done([Outcome(None, problem)]))
        if self._given_up > MOST_GIVEN_UP:
            job.future.set_exception(Unavailable(f"No worker lives long enough to do anything: {lost}"))
        else:
            self._put(job, first=True)

    def _fail(self, error: Exception) -> None:
        """Nobody does the tasks that wait, nor any that come."""
        with self._changed:
            self._failure = error
            waiting = list(self._jobs)
            self._jobs.clear()
        for job in waiting:
            job.future.set_exception(error)
