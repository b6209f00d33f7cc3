"""Workers and their task queue. If a worker is lost, another one takes over its task."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.workers.embed import Embedder, EncoderSpecs
from lookalike.catalog.workers.task import Done, Outcome, Task, Worker, WorkerLost
from lookalike.errors import Unavailable
from lookalike.settings import settings

TRIES = 2
# A row can crash its worker. If several in a row do and nothing else succeeds, the workers are at fault.
MOST_GIVEN_UP = 4
PAUSE = 1.0


@dataclass(slots=True)
class _Job:
    """A submitted task: what is left, what is done, and how many workers were lost on the next part."""

    parts: deque[Task]
    future: Future[Done] = field(default_factory=Future[Done])
    done: Done = field(default_factory=Done)
    losses: int = 0


class WorkerPool:
    """Runs tasks on several workers, which start with the first task.

    `start` returns a worker that is ready. It is given an event that is set when the pool closes.
    """

    def __init__(self, start: Callable[[threading.Event], Worker], size: int) -> None:
        self.size = size
        self._start = start
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._workers: list[Worker] = []
        self._closing = threading.Event()
        self._failure: Exception | None = None
        self._given_up = 0

    def submit(self, task: Task) -> Future[Done]:
        """Queue a task."""
        if not self._threads:
            self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self.size)]
            for thread in self._threads:
                thread.start()
        job = _Job(deque([task]))
        self._put(job)
        return job.future

    def close(self) -> None:
        """Stop all workers and discard their tasks."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
            workers = list(self._workers)
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
        """Run one worker, and its replacements after a loss."""
        try:
            while not self._closing.is_set():
                worker = self._start_worker()
                if worker is None:
                    continue
                try:
                    self._keep_busy(worker)
                finally:
                    with self._changed:
                        self._workers.remove(worker)
                    worker.close()
        except Exception as error:  # reported by the futures of all waiting tasks
            self._fail(error)

    def _start_worker(self) -> Worker | None:
        """A new worker, or None if none can start while others are working."""
        try:
            worker = self._start(self._closing)
        except Unavailable:
            with self._changed:
                if not self._workers and not self._closing.is_set():
                    raise
            self._closing.wait(PAUSE)
            return None
        with self._changed:
            self._workers.append(worker)
        return worker

    def _keep_busy(self, worker: Worker) -> None:
        while job := self._next():
            try:
                while job.parts:
                    result = worker.do(job.parts[0])
                    if job.done.rows:
                        job.done.add(result)
                    else:
                        job.done = result
                    job.parts.popleft()
                    job.losses = self._given_up = 0
            except WorkerLost as lost:
                self._retry(job, lost)
                return
            except Exception as error:  # reported by the future of the task
                job.future.set_exception(error)
            else:
                job.future.set_result(job.done)

    def _retry(self, job: _Job, lost: WorkerLost) -> None:
        """Queue the task for another worker: first whole, then in halves, then without the row at fault."""
        job.losses += lost.at_fault
        if job.losses == TRIES:
            task = job.parts.popleft()
            job.losses = 0
            if len(task.rows) > 1:
                job.parts.extendleft(reversed(task.halves()))
            else:
                self._given_up += 1
                problem = f"{TRIES} workers were lost while embedding this product: {lost}"
                job.done.add(Done([Outcome(None, problem)]))
        if self._given_up > MOST_GIVEN_UP:
            job.future.set_exception(Unavailable(f"Workers are lost before they finish anything: {lost}"))
        else:
            self._put(job, first=True)

    def _fail(self, error: Exception) -> None:
        """Fail all waiting and future tasks."""
        with self._changed:
            self._failure = error
            waiting = list(self._jobs)
            self._jobs.clear()
        for job in waiting:
            job.future.set_exception(error)


@contextmanager
def open_worker_pool(workers: str, pipeline: EncodingPipeline) -> Generator[WorkerPool]:
    """Threads of this process, or the workers of the Ray cluster at an address such as ray://host:port."""
    if workers:
        from lookalike.catalog.workers.address import Address
        from lookalike.catalog.workers.ray_worker import Cluster

        with (
            Cluster(Address.parse(workers)) as cluster,
            WorkerPool(partial(cluster.start_worker, EncoderSpecs.of(pipeline)), cluster.size()) as pool,
        ):
            yield pool
        return
    embedder = Embedder.of(pipeline)
    with WorkerPool(lambda _: embedder, settings().threads or os.cpu_count() or 1) as pool:
        yield pool
