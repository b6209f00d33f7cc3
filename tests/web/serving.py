"""A real server of a shop, in a process of its own, that a test may end and start again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from support.servers import free_port

PATIENCE = 60
TOKEN = "printed-at-start"


class Server:
    """`lookalike serve` on a port that stays the same."""

    def __init__(self, catalog: Path | str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._catalog = catalog
        self._environment = {**os.environ, "LOOKALIKE_LOCAL_TOKEN": TOKEN, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "lookalike", "serve", "--catalog", str(self._catalog)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, "the server did not start"
            assert self._process.poll() is None, "the server ended"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def call(self, method: str, path: str) -> None:
        """Ask it for something as another program on this machine would."""
        request = urllib.request.Request(self.url + path, method=method, headers={"X-API-Key": TOKEN})
        urllib.request.urlopen(request).close()

    def _answers(self) -> bool:
        try:
            self.call("GET", "/readyz")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True
