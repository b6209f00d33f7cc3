"""A Ray cluster of one machine with a server for clients: PORT CORES. It ends with its standard input."""

from __future__ import annotations

import os
import sys

import ray
from ray.util.client.server.server import serve


def main(port: int, cores: int) -> None:
    """Serve until nobody holds the other end any more."""
    ray.init(
        num_cpus=cores,
        object_store_memory=100_000_000,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    server = serve("127.0.0.1", port)
    os.write(1, b"ready\n")
    sys.stdin.read()
    server.stop(0)
    ray.shutdown()


main(int(sys.argv[1]), int(sys.argv[2]))
