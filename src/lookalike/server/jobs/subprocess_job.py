"""Studies of the catalogue as jobs: measuring, drawing and examining, each in a process of its own.

In threads of the server they would hold up every search; a process has nothing to lose and is ended at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import TextIO, cast

from lookalike.errors import LookalikeError, Unavailable
from lookalike.server.jobs.analysis_worker import AnalysisOrder
from lookalike.server.jobs.jobs import Job

BEAT_SECONDS = 0.1


def carry_out(job: Job, catalog: str, index: str, *, links: bool = False) -> None:
    """Have a study of a catalog done, tell how far it is, and end it when it is to stop."""
    # A file of Milvus belongs to the process that opened it; beside it, this process looks at every row.
    order = AnalysisOrder(job.kind, catalog, "" if index.endswith(".milvus") else index, links)
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike.server.jobs.analysis_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        # Ctrl-C is for the server, which ends what it started.
        start_new_session=True,
    )
    said: list[str] = []
    listening = threading.Thread(target=_listen, args=(cast("TextIO", process.stdout), job, said))
    with process:
        listening.start()
        # How a process ended that took no order is told by its status.
        with suppress(BrokenPipeError):
            os.write(cast("TextIO", process.stdin).fileno(), json.dumps(asdict(order)).encode() + b"\n")
        while listening.is_alive():
            if job.stop.is_set():
                process.kill()
            listening.join(BEAT_SECONDS)
        # Its orders stay open until it is gone: when they close, it gives up.
        process.wait()
    if said:
        raise LookalikeError(said[0])
    if process.returncode and not job.stop.is_set():
        raise Unavailable(_end(process.returncode))


def _listen(lines: TextIO, job: Job, said: list[str]) -> None:
    for line in lines:
        told = json.loads(line)
        if "failed" in told:
            said.append(told["failed"])
        else:
            job.step, job.done, job.total = told["step"], told["done"], told["total"]


def _end(status: int) -> str:
    """How a process ended before its time, in words."""
    if status < 0:
        return f"It was killed by signal {-status}, as happens when memory runs out: start it again."
    return "It failed in a way nobody thought of: the server's log says how."
