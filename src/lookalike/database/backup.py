"""Online backups of a catalog into one SQLite file."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from lookalike.database import open_database
from lookalike.errors import Conflict, DatabaseBroken, NotFound, UsageError

# All pages in one step: the copy is one consistent state, and in WAL mode no writer waits.
EVERY_PAGE = -1
BUSY_MS = 30_000


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A finished, verified backup."""

    path: str
    bytes: int
    products: int
    rows: int


def back_up(source: str, target: Path) -> BackupReport:
    """Copy a catalog to a new file and verify every row of the copy.

    The copy is a snapshot of the catalog at the start. The target gets its name only when the copy is
    complete
    and verified.
    Raises UsageError for a catalog that is not a file, and Conflict if the target exists.
    """
    if "://" in source.removeprefix("sqlite:///"):
        raise UsageError("Only a catalog file can be copied. For PostgreSQL use pg_dump: docs/backups.md.")
    path = Path(source.removeprefix("sqlite:///"))
    if not path.is_file():
        raise NotFound(f"There is no catalog at {path}: check the path.")
    if target.exists():
        raise Conflict(f"{target} exists already: name a new file, or remove it first.")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        _copy(path, partial)
        report = _verified(partial, target)
        partial.replace(target)
    finally:
        for suffix in ("", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)
    return report


def _copy(source: Path, target: Path) -> None:
    try:
        # Only for its owner: it contains shoppers' events.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with (
            closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)) as origin,
            closing(apsw.Connection(str(target))) as copy,
        ):
            origin.set_busy_timeout(BUSY_MS)
            with copy.backup("main", origin, "main") as backup:
                backup.step(EVERY_PAGE)
    except (apsw.Error, OSError) as error:
        raise DatabaseBroken(
            f"{source} cannot be copied to {target.parent} ({error}): check the disk and its permissions."
        ) from error


def _verified(copy: Path, target: Path) -> BackupReport:
    with closing(open_database(str(copy))) as database:
        verified = database.verify()
        products = database.count()
    if not verified.sound:
        raise DatabaseBroken("The catalog is damaged: run `lookalike check`. No backup was kept.")
    return BackupReport(str(target), copy.stat().st_size, products, verified.rows)
