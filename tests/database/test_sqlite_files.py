"""One SQLite file: who may read it, how many descriptors it takes, and reading without a right to write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from lookalike import Product, Shop
from lookalike.database import Batch, Written, open_database
from lookalike.database.migrations import MIGRATIONS
from lookalike.database.sqlite import IDLE_READERS
from support import servers

READ_AS_SOMEBODY = """
import os, sys
from lookalike.database import Batch, Written, open_database, sqlite
from lookalike.errors import DatabaseBroken
from lookalike.types import Product
os.setuid(int(sys.argv[2]))
database = open_database(sys.argv[1])
print(sorted(database.ids()))
try:
    database.write(Batch(products=[Written(Product("new"), b"")]))
except DatabaseBroken as error:
    print(error)
"""


def descriptors(path: Path) -> int:
    """How many open files of this process belong to a catalog."""
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            count += entry.readlink().name.startswith(path.name)
        except OSError:
            continue
    return count


def read_as_somebody(path: Path) -> subprocess.CompletedProcess[str]:
    """Open a catalog as a user who may read its folder and write nothing there."""
    for file in path.parent.glob(f"{path.name}*"):
        file.chmod(0o444)
    for folder in (path.parent, path.parent.parent):
        folder.chmod(0o755)
    return subprocess.run(
        [sys.executable, "-c", READ_AS_SOMEBODY, str(path), str(servers.somebody())],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that other users can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder) / "shop"
        inner.mkdir()
        yield inner


def filled(path: Path) -> None:
    with Shop.open(path, "pixels") as shop:
        shop.add([Product("a", "Red shoe"), Product("b", "Blue hat")])


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_threads_that_end_leave_no_connection_open(tmp_path: Path) -> None:
    path = tmp_path / "leaks.db"
    filled(path)
    with Shop.open(path) as shop:
        shop.search(text="shoe")
        at_rest = descriptors(path)
        for _ in range(4):
            threads = [threading.Thread(target=shop.search, kwargs={"text": "shoe"}) for _ in range(30)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        # A connection has the file and its log open; the shared memory is open once.
        assert descriptors(path) <= at_rest + 2 * IDLE_READERS
    assert descriptors(path) == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_imports_by_threads_that_end_leave_no_descriptor_open(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    filled(path)
    with Shop.open(path) as shop:
        counts: list[int] = []
        for number in range(12):
            job = threading.Thread(target=shop.add, args=([Product(f"p{number}", "Hat")],))
            job.start()
            job.join()
            counts.append(descriptors(path))
        assert len(set(counts[3:])) == 1


def test_a_new_catalog_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "private.db"
    before = os.umask(0o022)
    try:
        filled(path)
        with Shop.open(path):
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("private.db*")}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="another user is needed")
def test_a_catalog_in_a_folder_that_cannot_be_written_is_read(readable: Path) -> None:
    path = readable / "shop.db"
    filled(path)
    done = read_as_somebody(path)
    assert done.returncode == 0, done.stderr
    ids, refusal = done.stdout.splitlines()
    assert ids == "['a', 'b']"
    assert "cannot be written" in refusal


def test_a_catalog_that_was_read_only_is_opened_anew_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    filled(path)
    with_log = tmp_path / "shop.db-wal"
    assert not with_log.exists()
    # Beside a file whose log is a folder, SQLite can neither write nor create what it needs.
    with_log.mkdir()
    reader = open_database(str(path))
    assert sorted(reader.ids()) == ["a", "b"]
    shutil.rmtree(with_log)
    with Shop.open(path) as shop:
        shop.add([Product("c", "Green bag")])
    assert sorted(reader.ids()) == ["a", "b", "c"]
    reader.close()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="another user is needed")
def test_what_is_only_in_the_log_is_not_passed_over(tmp_path: Path, readable: Path) -> None:
    path, copy = tmp_path / "shop.db", readable / "shop.db"
    filled(path)
    database = open_database(str(path))
    database.write(Batch(products=[Written(Product("c"), b"")]))
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    database.close()
    done = read_as_somebody(copy)
    assert done.returncode != 0
    assert "cannot be opened" in done.stderr


def test_a_file_of_the_version_before_checksums_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    filled(path)
    raw = apsw.Connection(str(path))
    raw.execute(
        "ALTER TABLE photos DROP COLUMN checksum; ALTER TABLE photo_vectors DROP COLUMN checksum; "
        "ALTER TABLE text_vectors DROP COLUMN checksum; DELETE FROM migrations WHERE name = '0004-checksums'"
    )
    raw.close()
    database = open_database(str(path))
    report = database.verify()
    assert report.sound
    assert report.recorded == database.verify().recorded + report.recorded
    assert sorted(database.ids()) == ["a", "b"]
    database.close()


def test_migrations_keep_their_names_since_catalogs_hold_them() -> None:
    assert list(MIGRATIONS)[:13] == [
        "0001-catalogue",
        "0002-events",
        "0003-jobs",
        "0004-checksums",
        "0005-import-journal",
        "0006-former-price",
        "0007-access-keys",
        "0008-sources",
        "0009-experiments",
        "0010-source-retries",
        "0011-source-runs",
        "0012-source-products",
        "0013-large-photos",
    ]
