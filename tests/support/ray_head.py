"""A Ray cluster of one machine with a server for clients: PORT CORES. It ends with its standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import ray
from ray.util.client.server.server import serve

QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}


def node(cores: int) -> None:
    """Be the cluster, and tell its address."""
    ray.init(num_cpus=cores, object_store_memory=100_000_000, include_dashboard=False, **QUIET)
    os.write(1, ray.get_runtime_context().gcs_address.encode() + b"\n")
    sys.stdin.read()
    ray.shutdown()


def head(port: int, cores: int) -> None:
    """Serve until nobody holds the other end any more."""
    # In a process of its own: the server leaves Ray with its last client, and the cluster must outlive that.
    command = [sys.executable, __file__, str(cores)]
    cluster = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert cluster.stdout
    address = cluster.stdout.readline().strip()

    def connect(job_config: object = None, **_: object) -> None:
        if not ray.is_initialized():
            ray.init(address, job_config=job_config, **QUIET)

    connect()
    server = serve("127.0.0.1", port, connect)
    os.write(1, b"ready\n")
    sys.stdin.read()
    server.stop(0)
    ray.shutdown()
    cluster.communicate()


if len(sys.argv) == 2:
    node(int(sys.argv[1]))
else:
    head(int(sys.argv[1]), int(sys.argv[2]))
