"""Who embeds a feed: threads of this process, processes of this machine, or a Ray cluster.

All of them do the same tasks and give the same rows; only the importing process reads or writes the database.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.catalog.workers.embed import Embedder, EncoderSpecs
from lookalike.catalog.workers.pool import WorkerPool
from lookalike.catalog.workers.task import Done, Outcome, Row, Task
from lookalike.errors import UsageError
from lookalike.settings import settings

__all__ = ["Done", "Outcome", "Row", "Task", "WorkerPool", "open_worker_pool"]


@contextmanager
def open_worker_pool(workers: int | str, pipeline: EncodingPipeline) -> Generator[WorkerPool]:
    """The crew that a number of processes or ray://host:port stands for; 0 is threads of this process."""
    if isinstance(workers, str) and workers.startswith("ray:"):
        from lookalike.catalog.workers.address import Address
        from lookalike.catalog.workers.ray_worker import Cluster

        with (
            Cluster(Address.parse(workers)) as cluster,
            WorkerPool(partial(cluster.hire, EncoderSpecs.of(pipeline)), cluster.size()) as pool,
        ):
            yield pool
        return
    try:
        count = int(workers or 0)
    except ValueError:
        count = -1
    if count < 0:
        raise UsageError(
            f"'{workers}' are no workers: give a number of processes, ray://host:port or ray://local."
        )
    if count:
        from lookalike.catalog.workers.subprocess_worker import hire

        with WorkerPool(partial(hire, EncoderSpecs.of(pipeline)), count) as pool:
            yield pool
        return
    embedder = Embedder.of(pipeline)
    with WorkerPool(lambda _: embedder, settings().threads or os.cpu_count() or 1) as pool:
        yield pool
