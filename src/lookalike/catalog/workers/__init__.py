"""Workers embed products: threads of this process, or actors of a Ray cluster.

Both run the same tasks and return the same vectors. Only the importing process uses the database.
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
from lookalike.settings import settings

__all__ = ["Done", "Outcome", "Row", "Task", "WorkerPool", "open_worker_pool"]


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
