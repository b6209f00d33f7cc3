"""A real Milvus on loopback for tests: the standalone server that the Python package `milvus` carries."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

from support.servers import free_port


class MilvusServer:
    """A server with a folder and ports of its own, which can be ended and begun again."""

    def __init__(self, guarded: bool = False) -> None:
        from milvus import MilvusServerConfig

        self._folder = Path(tempfile.mkdtemp(prefix="lookalike-milvus-"))
        (self._folder / "bin").symlink_to(_programs())
        self._config = MilvusServerConfig(data_dir=str(self._folder))
        for name in self._config.configurable_items:
            if name.endswith("_port"):
                self._config.update(**{name: free_port()})
        self._config.resolve()
        self._config.set("authorization_enabled", guarded)
        self._config.write_config()
        self._give_etcd_ports()
        self._health = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = int(self._config.get("proxy_port"))

    def _give_etcd_ports(self) -> None:
        """Configure the etcd inside, whose ports the server's own configuration cannot name."""
        peer, client = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        etcd = self._folder / "etcd.yaml"
        etcd.write_text(
            f"listen-peer-urls: {peer}\ninitial-advertise-peer-urls: {peer}\n"
            f"initial-cluster: default={peer}\n"
            f"listen-client-urls: {client}\nadvertise-client-urls: {client}\n"
        )
        written = self._folder / "configs" / "milvus.yaml"
        text = written.read_text("utf-8")
        written.write_text(text.replace("\netcd:\n", f"\netcd:\n  config:\n    path: {etcd}\n", 1), "utf-8")

    @property
    def url(self) -> str:
        """Where an index finds it."""
        return f"milvus://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin, or begin again with what is stored, and wait until it answers."""
        programs = self._folder / "bin"
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [programs / "milvus", "run", "standalone"],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={
                    **os.environ,
                    "DEPLOY_MODE": "STANDALONE",
                    "METRICS_PORT": str(self._health),
                    "MILVUS_RUN_DIR": str(self._folder / "run"),
                    "LD_LIBRARY_PATH": str(programs),
                },
            )
        until = time.monotonic() + 240
        while not (self._healthy() and self._answers()):
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("Milvus did not start")
            time.sleep(0.1)  # the server says nowhere that it is ready but by answering

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._health}/healthz", timeout=5) as answer:
                return bool(answer.read() == b"OK")
        except OSError:
            return False

    def _answers(self) -> bool:
        """Whether it answers a client: on a busy machine it says that it is well before that."""
        from pymilvus import MilvusClient, MilvusException

        address = f"http://127.0.0.1:{self.port}"
        try:
            with closing(MilvusClient(uri=address, user="root", password="Milvus", timeout=10)) as client:
                client.list_collections(timeout=10)
        except MilvusException:
            return False
        return True

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would; what is stored stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        """End it and delete what it stored."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def available() -> bool:
    """Whether the packages that carry the server and speak to it are on this machine."""
    return all(importlib.util.find_spec(name) for name in ("milvus", "pymilvus"))


def _programs() -> Path:
    """The folder of the server's programs, unpacked once for all tests of this user."""
    import milvus

    folder = Path(tempfile.gettempdir()) / f"lookalike-milvus-{milvus.__version__}-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        milvus._initialize_data_files(str(folder))
    return folder / "bin"
