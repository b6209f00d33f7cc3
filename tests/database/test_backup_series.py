"""Backups on a schedule: how many are kept, and what happens when one fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lookalike import Product, Shop
from lookalike.cli import main
from lookalike.database.backup_series import BackupSeries
from lookalike.errors import DatabaseBroken, NotFound, UsageError

DAY = 86_400.0
OPENING = 1_780_000_000.0


class Clock:
    """A time that passes when a test moves it."""

    def __init__(self) -> None:
        self.now = OPENING

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="lookalike")


def test_the_latest_backups_are_kept_and_other_files_stay(shop: Shop, folder: Path, clock: Clock) -> None:
    series = BackupSeries(shop.url, folder, 2, clock)
    folder.mkdir()
    others = ("notes.txt", "shop.db", "shop-old.db", "other-20200101T000000Z.db")
    for name in others:
        (folder / name).touch()
    for day in range(4):
        clock.now = OPENING + day * DAY
        shop.add([Product(f"day-{day}", "Lamp")])
        series.make()
    kept = sorted(set(names(folder)) - set(others))
    assert kept == ["shop-20260530T202640Z.db", "shop-20260531T202640Z.db"]
    assert set(others) < set(names(folder))
    with Shop.open(str(folder / kept[-1])) as latest:
        assert latest.product("day-3")


def test_a_backup_is_due_a_day_after_the_last_one_even_after_a_restart(
    shop: Shop, folder: Path, clock: Clock
) -> None:
    assert BackupSeries(shop.url, folder, 2, clock).seconds_to_next(DAY) == 0
    BackupSeries(shop.url, folder, 2, clock).make()
    clock.now += 3_600
    assert BackupSeries(shop.url, folder, 2, clock).seconds_to_next(DAY) == DAY - 3_600
    clock.now += DAY
    assert BackupSeries(shop.url, folder, 2, clock).seconds_to_next(DAY) == 0


def test_a_backup_that_fails_deletes_no_older_one(shop: Shop, folder: Path, clock: Clock) -> None:
    series = BackupSeries(shop.url, folder, 1, clock)
    series.make()
    clock.now += DAY
    shop.close()
    before = names(folder)
    Path(shop.url).write_bytes(b"no catalog any more" * 1_000)
    with pytest.raises(DatabaseBroken):
        series.make()
    Path(shop.url).unlink()
    with pytest.raises(NotFound):
        series.make()
    assert names(folder) == before


def test_an_unfinished_copy_of_a_killed_process_is_deleted_after_a_day(
    shop: Shop, folder: Path, clock: Clock
) -> None:
    folder.mkdir()
    abandoned, fresh = (folder / f"shop-2026010{day}T000000Z.db.partial" for day in (1, 2))
    for file, age in ((abandoned, 2 * DAY), (fresh, 60)):
        file.touch()
        os.utime(file, (OPENING - age, OPENING - age))
    BackupSeries(shop.url, folder, 1, clock).make()
    assert (abandoned.exists(), fresh.exists()) == (False, True)


def test_a_folder_that_cannot_be_one_is_refused(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="name a folder"):
        BackupSeries(shop.url, tmp_path / "file", 1)
    with pytest.raises(UsageError, match="at least one"):
        BackupSeries(shop.url, tmp_path, 0)


def test_a_backup_is_made_and_counted_by_command(shop: Shop, folder: Path) -> None:
    made = run("backup", shop.url, folder, "--keep", 1, "--json")
    assert made.exit_code == 0
    assert [Path(json.loads(made.stdout)["path"]).name] == names(folder)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("--every", "soon"), "write 15m, 2h or 1d"), ((), "add --keep N")],
    ids=["interval", "folder"],
)
def test_a_command_that_cannot_be_is_refused(shop: Shop, folder: Path, words: tuple[str, ...], sentence: str):
    folder.mkdir()
    refused = run("backup", shop.url, folder, *words)
    assert (refused.exit_code, names(folder)) == (2, [])
    assert sentence in refused.stderr


def test_backups_are_made_until_ctrl_c(shop: Shop, folder: Path) -> None:
    command = [sys.executable, "-m", "lookalike", "backup", shop.url, str(folder), "--every", "1d", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        made = json.loads(process.stdout.readline())
        assert (made["products"], names(folder)) == (12, [Path(made["path"]).name])
        process.send_signal(signal.SIGINT)
        assert process.wait(60) in (0, 130)
    finally:
        process.kill()
        process.communicate()
