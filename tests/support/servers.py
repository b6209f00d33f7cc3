"""Real servers on loopback for tests, started when first asked for and ended after."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

DEBIAN = Path("/usr/lib/postgresql")
DICE = random.SystemRandom()
GIVEN: list[socket.socket] = []


def free_port() -> int:
    """A port on loopback that nobody listens on, and that no test is given but this one."""
    while True:
        # Below those that the system hands out by itself to whoever connects or binds to any.
        port = DICE.randrange(20_000, 32_768)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            # Held until this process ends, so that other processes of the tests see that it is given.
            held = socket.socket(type=socket.SOCK_DGRAM)
            held.bind(("127.0.0.1", port))
            GIVEN.append(held)
            return port


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs: Debian's, or those that the Python package pgserver carries."""
    found = sorted(DEBIAN.glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    try:
        import pgserver  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]
    except ImportError:
        return None
    carried = Path(str(pgserver.__file__)).parent / "pginstall" / "bin"
    return carried if (carried / "postgres").exists() else None


@contextmanager
def postgres(programs: Path, *options: str) -> Generator[str]:
    """A fresh PostgreSQL server with these options; gives the URL of its first database."""
    folder = Path(tempfile.mkdtemp(prefix="lookalike-postgres-"))
    # PostgreSQL refuses to run as root.
    user = somebody() if os.getuid() == 0 else None
    if user is not None:
        os.chown(folder, user, -1)
    port = free_port()
    data = folder / "data"
    try:
        made = [programs / "initdb", "-D", data, "-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, *options],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
            user=user,
            cwd=folder,
        )
        try:
            wait_for_postgres(programs, port, server)
            yield f"postgresql://shop@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(server: str) -> str:
    """The URL of a new database on a server."""
    import psycopg

    name = f"shop_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.rsplit("/", 1)[0] + f"/{name}"


def somebody() -> int:
    """A user who is not root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


def wait_for_postgres(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        ready = subprocess.run(
            [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, timeout=10
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)  # the server says nowhere that it is ready but by answering
    raise RuntimeError("PostgreSQL did not start")


@contextmanager
def small_disk(megabytes: int) -> Generator[Path]:
    """A file system of a few megabytes; skipped where this user may not mount one."""
    folder = Path(tempfile.mkdtemp(prefix="lookalike-small-"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
        check=False,
        capture_output=True,
    )
    if made.returncode != 0:
        folder.rmdir()
        pytest.skip("this user may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()
