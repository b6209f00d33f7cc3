"""A feed that is followed: what each run changes, refuses and tells, and when the next one is due."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.database.source_runs import Schedule, StoredRun
from lookalike.errors import Conflict, NotFound, UsageError
from lookalike.sync.follow import Follower
from lookalike.sync.interval import interval_seconds
from lookalike.sync.sources.feed import FeedSource
from support.samples import jpeg
from support.shop_host import ShopHost

ROWS = [f"p{number},Lamp {number},{10 + number} EUR" for number in range(40)]


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An empty shop."""
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        yield shop


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[StoredRun]:
    """The runs that somebody was told of."""
    return []


@pytest.fixture
def follower(shop: Shop, clock: Clock, told: list[StoredRun]) -> Follower:
    return Follower(shop, clock, lambda url, run: told.append(run))


def feed(rows: list[str]) -> str:
    return "\n".join(["id,title,price", *rows]) + "\n"


def followed(follower: Follower, url: str, most_removed: float = 0.2) -> str:
    """Follow the feed every 15 minutes; returns its name."""
    source = FeedSource(url)
    schedule = Schedule(source.name, 900, most_removed=most_removed, alert="https://alerts.example")
    follower.follow(source, url, schedule)
    return source.name


def test_a_feed_fills_the_catalog_and_then_changes_it(host: ShopHost, shop: Shop, follower: Follower) -> None:
    name = followed(follower, host.put("/feed.csv", feed(ROWS)))
    run = follower.run(name)
    assert (run.outcome, run.added, len(shop)) == ("done", 40, 40)
    host.put("/feed.csv", feed(["p1,Lantern,5 EUR", *ROWS[2:], "new,Chair,5 EUR"]))
    run = follower.run(name)
    assert (run.outcome, run.added, run.updated, run.removed) == ("done", 1, 1, 1)
    assert shop.search(text="lantern")[0].id == "p1"
    with pytest.raises(NotFound):
        shop.product("p0")


def test_a_feed_that_has_not_changed_is_not_read(host: ShopHost, shop: Shop, follower: Follower) -> None:
    name = followed(follower, host.put("/feed.csv", feed(ROWS)))
    follower.run(name)
    revision = shop.revision
    run = follower.run(name)
    assert (run.outcome, run.unchanged, run.removed) == ("done", 0, 0)
    assert host.asked[-1].headers["if-none-match"]
    assert (shop.revision, len(shop)) == (revision, 40)


def test_a_feed_that_shrank_removes_nothing_and_says_so(
    host: ShopHost, shop: Shop, follower: Follower, told: list[StoredRun]
) -> None:
    url = host.put("/feed.csv", feed(ROWS))
    name = followed(follower, url)
    follower.run(name)
    host.put("/feed.csv", feed(ROWS[:20]))
    for _ in range(2):
        run = follower.run(name)
        assert (run.outcome, run.removed, len(shop)) == ("failed", 0, 40)
        assert "lacks 20 of its 40 products, more than the 20% that may be removed at once" in run.detail
    assert len(told) == 1
    followed(follower, url, most_removed=0.6)
    assert follower.run(name).removed == 20
    assert [run.outcome for run in told] == ["failed", "done"]


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        ("<!doctype html><title>Sorry</title>", 200, "is an HTML page, not a feed"),
        ("", 200, "is empty"),
        ("id,title,price\n", 200, "lists no product"),
        ("broken", 500, "answered 500: the server failed"),
        ("who are you", 401, "check the address and the credentials"),
        (gzip.compress(feed(ROWS[:3]).encode())[:-9], 200, "is cut off"),
    ],
    ids=["page", "empty", "header only", "error", "credentials", "short gzip"],
)
def test_bad_input_changes_nothing_and_says_why(
    host: ShopHost, shop: Shop, follower: Follower, content: str | bytes, status: int, sentence: str
) -> None:
    name = followed(follower, host.put("/feed.csv", feed(ROWS)))
    follower.run(name)
    before = shop.products()
    host.put("/feed.csv", content, status)
    run = follower.run(name)
    assert run.outcome == "failed"
    assert sentence in run.detail
    assert shop.products() == before
    host.put("/feed.csv", feed(ROWS))
    assert follower.run(name).outcome == "done"


def test_a_feed_that_breaks_off_removes_nothing(host: ShopHost, shop: Shop, follower: Follower) -> None:
    rows = [{"id": f"p{number}", "title": f"Lamp {number}"} for number in range(40)]
    whole = json.dumps(rows)
    name = followed(follower, host.put("/feed.json", whole))
    follower.run(name)
    host.put("/feed.json", whole[:-40])
    run = follower.run(name)
    assert (run.outcome, run.removed, len(shop)) == ("partly", 0, 40)
    assert "breaks here" in run.problems[0].reason
    host.put("/feed.json", json.dumps(rows[:-1]))
    assert follower.run(name).removed == 1


def test_rejected_rows_are_in_the_history(host: ShopHost, shop: Shop, follower: Follower) -> None:
    rows = ["a,Lamp,call us", "b,Chair,12 QQQ", "b,Chair again,3 EUR", ",Nothing,1 EUR"]
    name = followed(follower, host.put("/feed.csv", feed(rows)))
    run = follower.run(name)
    assert (run.outcome, run.added, run.failed) == ("partly", 2, 1)
    (stored,) = shop.catalog.database.source_runs.runs(name)
    assert stored == run
    assert [(problem.line, problem.id) for problem in stored.problems] == [(2, "a"), (3, "b"), (5, "")]
    reasons = {problem.reason for problem in stored.problems}
    assert any("'call us' is not a price" in reason for reason in reasons)
    assert any("'QQQ' is not a currency" in reason for reason in reasons)
    assert any("The row has no id" in reason for reason in reasons)


def test_a_photo_that_could_not_be_had_is_asked_for_again(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    photos = [host.put("/red.jpg", jpeg("red")), host.put("/blue.jpg", b"later", 503)]
    url = host.put("/feed.csv", f"id,photos\na,{'|'.join(photos)}\n")
    name = followed(follower, url)
    assert follower.run(name).outcome == "partly"
    assert len(shop.product("a").photos) == 1
    host.put("/blue.jpg", jpeg("blue"))
    assert follower.run(name).outcome == "done"
    assert len(shop.product("a").photos) == 2


def test_a_photo_is_asked_for_again_however_many_rows_have_other_problems(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    photo = host.put("/red.jpg", b"later", 503)
    rows = [f"p{number},Lamp,call us," for number in range(1_100)]
    name = followed(
        follower, host.put("/feed.csv", "\n".join(["id,title,price,photos", *rows, f"z,,,{photo}"]))
    )
    assert follower.run(name).outcome == "partly"
    host.put("/red.jpg", jpeg("red"))
    follower.run(name)
    assert len(shop.product("z").photos) == 1


def test_a_row_that_is_rejected_does_not_make_the_feed_be_read_again(
    host: ShopHost, shop: Shop, follower: Follower
) -> None:
    name = followed(follower, host.put("/feed.csv", feed(["a,Lamp,call us", ",Nothing,1 EUR"])))
    follower.run(name)
    follower.run(name)
    assert host.asked[-1].headers["if-none-match"]


def test_runs_are_due_when_their_time_has_come(host: ShopHost, follower: Follower, clock: Clock) -> None:
    name = followed(follower, host.put("/feed.csv", feed(ROWS)))
    assert follower.due() == [name]
    follower.run(name)
    assert (follower.due(), follower.seconds_to_next()) == ([], 900)
    clock.now += 899
    assert follower.due() == []
    clock.now += 1
    assert follower.due() == [name]


def test_a_schedule_survives_a_restart(host: ShopHost, tmp_path: Path, clock: Clock) -> None:
    url = host.put("/feed.csv", feed(ROWS))
    path = str(tmp_path / "again.db")
    with Shop.open(path, "pixels") as shop:
        name = followed(Follower(shop, clock), url)
        Follower(shop, clock).run(name)
    clock.now += 900
    with Shop.open(path) as shop:
        again = Follower(shop, clock)
        assert again.due() == [name]
        assert again.run(name).outcome == "done"
        assert len(shop.catalog.database.source_runs.runs(name)) == 2


def test_two_runs_at_once_are_refused_until_the_first_is_lost(
    host: ShopHost, shop: Shop, follower: Follower, clock: Clock
) -> None:
    name = followed(follower, host.put("/feed.csv", feed(ROWS)))
    rows = shop.catalog.database.source_runs
    assert rows.claim(name, clock.now, clock.now + 60, clock.now)
    with pytest.raises(Conflict, match="already in progress"):
        follower.run(name)
    assert rows.running(clock.now) == {name}
    # Whoever claimed it was killed: it says nothing more.
    clock.now += 61
    assert follower.run(name).outcome == "done"
    assert rows.running(clock.now) == set()


def test_an_alert_is_posted_as_json(host: ShopHost, shop: Shop, clock: Clock) -> None:
    alerts = host.put("/alerts", "ok")
    source = FeedSource(f"{host.url}/gone.csv")
    follower = Follower(shop, clock)
    follower.follow(source, source.url, Schedule(source.name, 900, alert=alerts))
    follower.run(source.name)
    alert = json.loads(host.asked[-1].body)
    assert (host.asked[-1].method, host.asked[-1].path) == ("POST", "/alerts")
    assert (alert["source"], alert["outcome"]) == (source.name, "failed")
    assert "answered 404" in alert["text"]


def test_an_alert_that_nobody_takes_does_not_end_the_run(host: ShopHost, shop: Shop, clock: Clock) -> None:
    source = FeedSource(f"{host.url}/gone.csv")
    follower = Follower(shop, clock)
    follower.follow(source, source.url, Schedule(source.name, 900, alert=f"{host.url}/nobody"))
    assert follower.run(source.name).outcome == "failed"
    assert len(shop.catalog.database.source_runs.runs(source.name)) == 1


def test_an_unknown_source_is_refused(follower: Follower) -> None:
    with pytest.raises(NotFound, match="lookalike follow"):
        follower.run("nobody")


def test_only_the_latest_runs_are_kept(shop: Shop) -> None:
    rows = shop.catalog.database.source_runs
    for number in range(105):
        rows.end(StoredRun("feed", number, number, "done"))
    assert [run.began for run in rows.runs("feed")] == list(range(104, 4, -1))


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("15m", 900), (" 2 H", 7200), ("1d", 86400)])
def test_intervals_are_read(text: str, seconds: float) -> None:
    assert interval_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "1s", "-5m", "1.5h", "90d", "١m"])
def test_other_intervals_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write 15m, 2h or 1d"):
        interval_seconds(text)
