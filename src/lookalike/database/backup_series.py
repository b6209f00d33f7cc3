"""Dated backups of one catalog in a folder: the latest are kept, older ones are deleted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lookalike.database.backup import BackupReport, back_up
from lookalike.errors import DatabaseBroken, UsageError

STAMP = "%Y%m%dT%H%M%SZ"
# A killed process leaves its unfinished copy behind. No copy takes this long.
ABANDONED_SECONDS = 86_400.0


class BackupSeries:
    """The backups CATALOG-20261127T033000Z.db of a folder. The folder is the only state."""

    def __init__(self, catalog: str, folder: Path, kept: int, clock: Callable[[], float] = time.time) -> None:
        """`kept` is how many backups remain after a new one.

        Raises UsageError if the folder is a file, or for less than one.
        """
        if kept < 1:
            raise UsageError("Keep at least one backup.")
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file. To keep several backups, name a folder.")
        self._catalog = catalog
        self._folder = folder
        self._kept = kept
        self._clock = clock
        self._stem = Path(catalog.removeprefix("sqlite:///")).stem
        self._name = re.compile(rf"{re.escape(self._stem)}-(\d{{8}}T\d{{6}}Z)\.db", re.ASCII)

    def files(self) -> list[Path]:
        """The backups of this catalog, the oldest first."""
        return sorted(path for path in self._folder.glob("*.db") if self._name.fullmatch(path.name))

    def seconds_to_next(self, every: float) -> float:
        """The seconds until the next backup is due; 0 if there is none yet."""
        files = self.files()
        found = self._name.fullmatch(files[-1].name) if files else None
        if found is None:
            return 0.0
        made = datetime.strptime(found[1], STAMP).replace(tzinfo=UTC).timestamp()
        return max(made + every - self._clock(), 0.0)

    def make(self) -> BackupReport:
        """Make a backup and verify it. Only then are old ones deleted."""
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime(STAMP)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._delete_abandoned()
            report = back_up(self._catalog, self._folder / f"{self._stem}-{stamp}.db")
            for file in self.files()[: -self._kept]:
                file.unlink()
        except OSError as error:
            raise DatabaseBroken(
                f"{self._folder} cannot be written ({error.strerror}): check the disk and its permissions."
            ) from error
        return report

    def _delete_abandoned(self) -> None:
        for file in self._folder.glob("*.db.partial*"):
            own = self._name.fullmatch(file.name.partition(".partial")[0])
            if own and file.stat().st_mtime < self._clock() - ABANDONED_SECONDS:
                file.unlink()
