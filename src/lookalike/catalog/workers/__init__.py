"""Workers embed products: threads of this process, or actors of a Ray cluster.

Both run the same tasks and return the same vectors. Only the importing process uses the database.
"""

from lookalike.catalog.workers.pool import WorkerPool, open_worker_pool
from lookalike.catalog.workers.task import Done, Outcome, Row, Task

__all__ = ["Done", "Outcome", "Row", "Task", "WorkerPool", "open_worker_pool"]
