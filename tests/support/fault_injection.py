"""A PostgreSQL server that a test may stop, kill, start again, fill up, or have followed by a standby."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from support import servers


class FragileServer:
    """One server, its data and its log."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self.port = servers.free_port()
        self._programs = programs
        self._data = folder / "data"
        # PostgreSQL refuses to run as root.
        self._user = servers.somebody() if os.getuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user, -1)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where a database of its own for a test is, or would be."""
        return f"postgresql://shop@127.0.0.1:{self.port}/goods"

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended since."""
        return self._server is not None

    def begin_anew(self) -> None:
        """Throw away what the test before left in the database."""
        self._run("dropdb", *self._here, "--if-exists", "--force", "goods")
        self._run("createdb", *self._here, "goods")

    @property
    def _here(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", "shop")

    def make(self, password: str = "", data: Path | None = None) -> None:
        """Lay out an empty cluster; its data may lie elsewhere than its log of changes."""
        if data is not None:
            self._data = data / "data"
            if self._user is not None:
                os.chown(data, self._user, -1)
        (self.folder / "password").write_text(password or "none")
        trust = ["-A", "scram-sha-256"] if password else ["-A", "trust"]
        made = ["initdb", "-D", self._data, "-U", "shop", "-E", "UTF8", "--no-sync", "--wal-segsize=1"]
        self._run(*made, *trust, f"--pwfile={self.folder / 'password'}", f"--waldir={self.folder / 'wal'}")

    def follow(self, other: FragileServer) -> None:
        """Become a standby of another server, and forget what was here."""
        for place in (self._data, self.folder / "wal"):
            shutil.rmtree(place, ignore_errors=True)
        self._run("pg_basebackup", *other._here, "-D", self._data, "-R", "-c", "fast", "--no-sync")

    def start(self) -> None:
        """Start, and return when it answers."""
        ours = ["-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder]
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *ours],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            user=self._user,
            cwd=self.folder,
        )
        servers.wait_for_postgres(self._programs, self.port, self._server)

    def stop(self) -> None:
        """End it without waiting for its clients."""
        assert self._server is not None
        self._server.send_signal(signal.SIGINT)
        self._server.wait(60)
        self._server = None

    def kill(self) -> None:
        """End it and all its processes at this very moment."""
        assert self._server is not None
        pid = self._server.pid
        # Each of them leads a session of its own, so that no signal reaches all.
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._server.wait(30)
        self._server = None

    def _run(self, program: str, *details: object) -> None:
        command = [self._programs / program, *map(str, details)]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self.folder)


@contextmanager
def fragile(programs: Path, folder: Path | None = None) -> Generator[FragileServer]:
    """A server that is not started yet; nothing of it is left."""
    place = Path(tempfile.mkdtemp(prefix="lookalike-fragile-", dir=folder))
    place.chmod(0o755)
    server = FragileServer(programs, place)
    try:
        yield server
    finally:
        if server.runs:
            server.kill()
        shutil.rmtree(place, ignore_errors=True)
