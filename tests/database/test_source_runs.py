"""Schedules, claims and the history of runs, through every database there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike.database import open_database
from lookalike.database.source_runs import KEPT_PROBLEMS, KEPT_RUNS, Schedule, SourceRunRows, StoredRun
from lookalike.types import RowProblem

AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SourceRunRows]:
    file = str(tmp_path / "shop.db")
    url = file if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with closing(open_database(url)) as database:
        yield database.source_runs


def test_the_next_schedule_comes_first_and_a_second_one_replaces_the_first(rows: SourceRunRows) -> None:
    late = Schedule("late", 900.0, 2_000.5, prune=False, most_removed=0.5, alert="https://alerts.example")
    rows.put(Schedule("late", 60.0, 1.0))
    rows.put(late)
    rows.put(Schedule("soon", 30.0, 1_000.0))
    assert rows.schedules() == [Schedule("soon", 30.0, 1_000.0), late]
    assert rows.schedule("late") == late
    assert rows.schedule("other") is None


def test_a_claim_moves_the_next_run_and_keeps_others_away_until_it_ends(rows: SourceRunRows) -> None:
    rows.put(Schedule("shop", 900.0, 100.0))
    assert rows.claim("shop", 100.0, 160.0, 1_000.0)
    assert [schedule.next_run for schedule in rows.schedules()] == [1_000.0]
    assert not rows.claim("shop", 150.0, 210.0, 1_050.0)
    assert rows.claim("other", 150.0, 210.0, 1_050.0)
    rows.extend("shop", 220.0)
    assert rows.running(215.0) == {"shop"}
    assert not rows.claim("shop", 219.0, 280.0, 1_100.0)
    rows.end(StoredRun("shop", 100.0, 219.5, "done"))
    assert rows.running(219.5) == set()
    assert rows.claim("shop", 219.5, 280.0, 1_100.0)


def test_a_claim_that_nobody_extends_is_free_after_its_time(rows: SourceRunRows) -> None:
    assert rows.claim("shop", 100.0, 160.0, 1_000.0)
    assert rows.claim("shop", 161.0, 221.0, 1_000.0)


def test_of_several_servers_that_claim_a_run_at_once_one_gets_it(rows: SourceRunRows) -> None:
    together = threading.Barrier(AT_ONCE)
    claimed: list[bool] = []

    def claim() -> None:
        together.wait()
        claimed.append(rows.claim("shop", 100.0, 160.0, 1_000.0))

    threads = [threading.Thread(target=claim) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [False] * (AT_ONCE - 1) + [True]


def test_the_latest_runs_are_kept_with_their_rejected_rows(rows: SourceRunRows) -> None:
    problem = RowProblem("feed", 3, "ä-1", "'call us' is not a price")
    first = StoredRun("shop", 0.0, 0.5, "partly", "", 1, 2, 3, 4, 5, [problem])
    rows.end(first)
    assert rows.runs("shop") == [first]
    for number in range(1, KEPT_RUNS + 5):
        rows.end(StoredRun("shop", number, number, "failed", "reason"))
    rows.end(StoredRun("other", 0.0, 0.0, "done"))
    kept = rows.runs("shop")
    assert [run.began for run in kept] == list(range(KEPT_RUNS + 4, 4, -1))
    assert [run.began for run in rows.runs("shop", 2)] == [KEPT_RUNS + 4, KEPT_RUNS + 3]
    assert len(rows.runs("other")) == 1


def test_of_many_rejected_rows_the_first_are_kept(rows: SourceRunRows) -> None:
    problems = [RowProblem("feed", line, "", "no id") for line in range(KEPT_PROBLEMS + 1)]
    rows.end(StoredRun("shop", 0.0, 0.0, "partly", problems=problems))
    assert rows.runs("shop")[0].problems == problems[:-1]


def test_a_source_that_was_removed_leaves_no_schedule_and_no_runs(rows: SourceRunRows) -> None:
    rows.put(Schedule("shop", 900.0))
    rows.end(StoredRun("shop", 0.0, 0.0, "done"))
    rows.claim("shop", 0.0, 60.0, 900.0)
    rows.remove("shop")
    assert (rows.schedules(), rows.runs("shop"), rows.running(1.0)) == ([], [], set())
