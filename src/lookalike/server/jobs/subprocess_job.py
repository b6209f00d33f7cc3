"""Runs analyses as jobs, each in its own process.

In threads of the server, they would slow down searches. A process can be ended at any time.
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


def carry_out(job: Job, catalog: str, index: str, *, links: bool = False, three: bool = False) -> None:
    """Run an analysis of a catalog, report its progress, and end it if the job is stopped."""
    # A Milvus file belongs to the process that opened it; the analysis uses the exact index instead.
    order = AnalysisOrder(job.kind, catalog, "" if index.endswith(".milvus") else index, links, three)
    process = subprocess.Popen(
        [sys.executable, "-m", "lookalike.server.jobs.analysis_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        # Ctrl-C is for the server, which ends its processes.
        start_new_session=True,
    )
    said: list[str] = []
    listening = threading.Thread(target=_listen, args=(cast("TextIO", process.stdout), job, said))
    with process:
        listening.start()
        # If the process ended before it read its order, its exit status says why.
        with suppress(BrokenPipeError):
            os.write(cast("TextIO", process.stdin).fileno(), json.dumps(asdict(order)).encode() + b"\n")
        while listening.is_alive():
            if job.stop.is_set():
                process.kill()
            listening.join(BEAT_SECONDS)
        # The process ends when its standard input closes.
        process.wait()
    if said:
        raise LookalikeError(said[0])
    if process.returncode and not job.stop.is_set():
        raise Unavailable(_end(process.returncode))


def _listen(lines: TextIO, job: Job, said: list[str]) -> None:
    for line in lines:
        message = json.loads(line)
        if "failed" in message:
            said.append(message["failed"])
        else:
            job.step, job.done, job.total = message["step"], message["done"], message["total"]


def _end(status: int) -> str:
    """Why a process ended early."""
    if status < 0:
        return f"The process was killed by signal {-status}, probably for lack of memory. Start it again."
    return "Unexpected error. See the server log."
