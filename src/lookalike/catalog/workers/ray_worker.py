"""Workers that are actors of a Ray cluster. Workers, nodes and the head may be lost during an import."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from lookalike.catalog.workers.address import LOCAL, Address
from lookalike.catalog.workers.embed import Embedder, EncoderSpecs
from lookalike.catalog.workers.task import Done, Row, Task, WorkerLost
from lookalike.errors import Conflict, ExtraMissing, LookalikeError, Unavailable
from lookalike.media.fetch import is_url
from lookalike.media.images import photo_bytes

LOCAL_STORE_BYTES = 500_000_000
PART_BYTES = 16_000_000
KNOCK_SECONDS = 5.0
# A cluster that grows when asked to needs minutes for its next machine.
STARTING_SECONDS = 180.0
PAUSE = 1.0


class Cluster:
    """A connection to a Ray cluster, made again when it breaks."""

    def __init__(self, address: Address) -> None:
        # After a lost connection Ray would start a cluster on this machine, or reconnect,
        # possibly to a new head without our actors.
        os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
        os.environ.setdefault("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "0")
        # A cluster started here sends no usage statistics.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError as error:
            raise ExtraMissing('Ray is not installed: run pip install "lookalike[ray]".') from error
        self.ray: Any = ray
        self.address = address
        self._connecting = threading.Lock()
        self._borrowed = False

    def __enter__(self) -> Cluster:
        if self.ray.is_initialized():
            if self.address.host != LOCAL:
                raise Conflict(
                    "This process is already connected to Ray. Use ray://local to use that connection."
                )
            self._borrowed = True
        else:
            # Fail at once if there is no cluster.
            self._knock()
            self._stay_connected(threading.Event())
        return self

    def __exit__(self, *_: object) -> None:
        if not self._borrowed:
            self.ray.shutdown()

    def size(self) -> int:
        """The number of workers: as given, or one for each core."""
        return self.address.workers or max(1, int(self.ray.cluster_resources().get("CPU", 1)))

    def start_worker(self, specs: EncoderSpecs, closing: threading.Event) -> RemoteWorker:
        """Start an actor. Raises Unavailable if none is ready in time."""
        while True:
            with self._connecting:
                self._stay_connected(closing)
            try:
                return RemoteWorker(self, specs, closing)
            except WorkerLost as lost:
                if lost.at_fault:
                    raise Unavailable(
                        f"A worker of {self.address} could not start ({lost}). "
                        'Every machine there needs this version of "lookalike[ray]" and enough memory.'
                    ) from lost

    def _stay_connected(self, closing: threading.Event) -> None:
        """Reconnect if needed, for as long as the head may be down."""
        until = time.monotonic() + self.address.patience
        while not self.ray.is_initialized():
            self.ray.shutdown()
            try:
                self._connect()
            except Unavailable:
                if time.monotonic() > until or closing.wait(PAUSE):
                    raise

    def _knock(self) -> None:
        """Raise Unavailable if nothing listens; Ray itself would try for half a minute."""
        if self.address.host == LOCAL:
            return
        try:
            socket.create_connection((self.address.host, self.address.port), KNOCK_SECONDS).close()
        except OSError as error:
            raise self._no_answer(error) from error

    def _connect(self) -> None:
        """Connect. Raises Unavailable if the cluster does not answer."""
        self._knock()
        try:
            if self.address.host == LOCAL:
                self.ray.init(
                    num_cpus=self.address.workers or os.cpu_count(),
                    object_store_memory=LOCAL_STORE_BYTES,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.WARNING,
                )
            else:
                self.ray.init(str(self.address), log_to_driver=False, logging_level=logging.WARNING)
        except RuntimeError as error:
            raise Conflict(
                f"{self.address} cannot be used from this machine: {_first_line(error)}"
            ) from error
        except (OSError, _grpc_error()) as error:
            raise self._no_answer(error) from error

    def _no_answer(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"The Ray cluster {self.address} does not answer ({_first_line(error)}). Start it, "
            "then run the same command again: it continues where it stopped."
        )

    @contextmanager
    def watching(self) -> Generator[None]:
        """Raise WorkerLost for a lost worker, and errors of the task or the catalog as they are."""
        errors = self.ray.exceptions
        try:
            yield
        except ImportError as error:
            raise WorkerLost(f"{error.name} is not installed on its head") from error
        except errors.RayTaskError as error:
            if isinstance(error.cause, LookalikeError):
                raise error.cause from None
            raise WorkerLost(_first_line(error.cause)) from error
        except errors.RayError as error:
            raise WorkerLost(_first_line(error)) from error
        except (OSError, _grpc_error()) as error:
            raise self._cut_off() from error
        except Exception as error:
            # For a lost connection, Ray's client raises a bare Exception.
            if type(error) is not Exception or self.ray.is_initialized():
                raise
            raise self._cut_off() from error

    def _cut_off(self) -> WorkerLost:
        return WorkerLost(f"the connection to {self.address} broke", at_fault=False)


class RemoteWorker:
    """An actor that embeds. Photo files are read here, because its machine may not have them."""

    def __init__(self, cluster: Cluster, specs: EncoderSpecs, closing: threading.Event) -> None:
        self._cluster = cluster
        ray = cluster.ray
        until = time.monotonic() + STARTING_SECONDS
        with cluster.watching():
            self._actor = ray.remote(num_cpus=1, max_restarts=0)(RayWorker).remote()
            ready = self._actor.open_encoders.remote(specs)
            while not ray.wait([ready], timeout=PAUSE)[0]:
                if time.monotonic() > until or closing.is_set():
                    self.close()
                    raise Unavailable(f"{cluster.address} has no free core for a worker. See `ray status`.")
            ray.get(ready)

    def do(self, task: Task) -> Done:
        """Run a task on the cluster, in parts that fit its memory."""
        done = Done()
        for part in parts_of(task):
            with self._cluster.watching():
                sent = self._cluster.ray.put(part)
                done.add(self._cluster.ray.get(self._actor.do.remote(sent)))
        return done

    def close(self) -> None:
        """End the actor."""
        if self._cluster.ray.is_initialized():
            with suppress(WorkerLost), self._cluster.watching():
                self._cluster.ray.kill(self._actor)


class RayWorker:
    """The class of the actor."""

    def __init__(self) -> None:
        self._embedder = Embedder(None, None)

    def open_encoders(self, specs: EncoderSpecs) -> None:
        """Open the encoders."""
        self._embedder = Embedder.from_specs(specs)

    def do(self, task: Task) -> Done:
        """Run a task."""
        return self._embedder.do(task)


def parts_of(task: Task, most: int = PART_BYTES) -> Iterator[Task]:
    """The task with its photo files read, in parts of about `most` bytes."""
    rows: list[Row] = []
    files: dict[str, bytes | LookalikeError] = {}
    size = 0
    for row in task.rows:
        rows.append(row)
        for photo in row.product.photos:
            if photo.data is not None:
                size += len(photo.data)
            elif photo.source and not is_url(photo.source) and photo.source not in files:
                found = files[photo.source] = _read(photo.source)
                size += len(found) if isinstance(found, bytes) else 0
        if size >= most:
            yield replace(task, rows=tuple(rows), files=files)
            rows, files, size = [], {}, 0
    if rows:
        yield replace(task, rows=tuple(rows), files=files)


def _read(source: str) -> bytes | LookalikeError:
    try:
        return photo_bytes(Path(source))
    except LookalikeError as error:
        return error


def _grpc_error() -> type[Exception]:
    """The error of a broken connection."""
    from grpc import RpcError

    return RpcError


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
