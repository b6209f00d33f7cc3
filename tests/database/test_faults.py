"""What becomes of a catalog in PostgreSQL when its server, its disk or its network fails."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lookalike import Catalog, Event, Photo, Product, Shop
from lookalike.database import Batch, Database, Written, open_database
from lookalike.database.pool import Pool
from lookalike.database.postgres import PostgresConnections, open_postgres
from lookalike.database.session import Session
from lookalike.errors import Conflict, DatabaseBroken, DatabaseBusy, UsageError
from lookalike.media.images import StoredPhoto
from support import servers
from support.fault_injection import FragileServer, fragile
from support.samples import jpeg

DAY = 86_400.0


@pytest.fixture(scope="module")
def programs() -> Path:
    found = servers.postgres_programs()
    if found is None:
        pytest.skip("there is no PostgreSQL on this machine")
    return found


@pytest.fixture(scope="module")
def fragile_server(programs: Path) -> Iterator[FragileServer]:
    with fragile(programs) as server:
        server.make()
        server.start()
        yield server


@pytest.fixture
def server(fragile_server: FragileServer) -> Iterator[FragileServer]:
    """The server, with an empty database."""
    fragile_server.begin_anew()
    yield fragile_server
    if not fragile_server.runs:
        fragile_server.start()


def batch(id: str, weight: int = 10) -> Batch:
    """One product with one photo of that many bytes."""
    photo = Photo("", None, f"photo of {id}", 3, 2)
    return Batch(
        products=[Written(Product(id, f"Title of {id}", photos=(photo,)), b"digest")],
        photos=[StoredPhoto(f"photo of {id}", os.urandom(weight), "image/jpeg", 3, 2)],
    )


def products(count: int) -> Iterator[Product]:
    for number in range(count):
        yield Product(f"p{number:03}", f"Item {number}", photos=(Photo(data=jpeg("red", size=40 + number)),))


def test_an_import_waits_for_a_server_that_starts_again(server: FragileServer) -> None:
    def feed() -> Iterator[Product]:
        for number, product in enumerate(products(160)):
            if number == 100:
                server.stop()
                threading.Thread(target=server.start).start()
            yield product

    with Shop.open(server.url, "pixels") as shop:
        made = shop.catalog.encoding
    with Shop(Catalog(open_postgres(server.url, patience=120), made)) as shop:
        report = shop.add(feed())
        assert (report.added, report.failed, len(shop)) == (160, 0, 160)
        assert shop.search(text="item 159", k=1)[0].id == "p159"


def test_who_asked_before_a_restart_asks_after_it_as_if_nothing_was(server: FragileServer) -> None:
    database = open_database(server.url)
    database.write(batch("a"))
    server.stop()
    server.start()
    assert database.count() == 1
    database.write(batch("b"))
    assert list(database.ids()) == ["a", "b"]
    database.close()


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(server: FragileServer) -> None:
    acknowledged: list[list[str]] = [[], [], []]
    enough = threading.Event()
    some = threading.Barrier(len(acknowledged) + 1)

    def write(writer: int) -> None:
        database = open_postgres(server.url, patience=120)
        number = 0
        while not enough.is_set():
            database.write(batch(f"{writer}-{number}"))
            acknowledged[writer].append(f"{writer}-{number}")
            number += 1
            if number == 10:
                some.wait()
        database.close()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(len(acknowledged))]
    for writer in writers:
        writer.start()
    some.wait()
    server.kill()
    before = sum(map(len, acknowledged))
    server.start()
    enough.set()
    for writer in writers:
        writer.join()
    database = open_database(server.url)
    everything = {id for each in acknowledged for id in each}
    assert len(everything) >= before >= 30
    assert everything == set(database.ids())
    # A write whose answer was lost may have counted twice; none is counted away.
    assert database.revision() >= len(everything)
    database.close()


def test_a_server_that_is_gone_is_told_and_found_again(server: FragileServer) -> None:
    with Shop.open(server.url, "pixels") as shop:
        shop.add(products(3))
        made = shop.catalog.encoding
    with Shop(Catalog(open_postgres(server.url, patience=0.1), made)) as shop:
        assert shop.search(text="item 1", k=1)[0].id == "p001"
        server.stop()
        with pytest.raises(DatabaseBroken, match="does not answer"):
            shop.search(text="item 1", k=1)
        server.start()
        assert shop.search(text="item 1", k=1)[0].id == "p001"


def test_a_wrong_password_is_told_without_it(programs: Path) -> None:
    with fragile(programs) as server:
        server.make(password="right")
        server.start()
        url = server.url.replace("/goods", "/postgres")
        open_database(url.replace("shop@", "shop:right@")).close()
        for asked in (url, url.replace("shop@", "shop:wrong@"), f"{url}?password=wrong"):
            with pytest.raises(DatabaseBroken, match="user or password") as told:
                open_database(asked)
            assert "wrong" not in str(told.value)


def test_reads_go_on_from_a_standby_and_writes_say_why_not(programs: Path, server: FragileServer) -> None:
    database = open_database(server.url)
    database.write(batch("a"))
    with fragile(programs) as standby:
        standby.follow(server)
        standby.start()
        both = open_database(server.url.replace("/goods", f",127.0.0.1:{standby.port}/goods"))
        until_caught_up(server, standby)
        server.kill()
        assert list(both.ids()) == ["a"]
        with pytest.raises(DatabaseBroken, match="is a read-only standby"):
            both.remove(["a"])
        server.start()
        both.write(batch("b"))
        assert list(both.ids()) == ["a", "b"]
        both.close()
    database.close()


def test_a_standby_that_is_promoted_takes_over_and_nothing_acknowledged_is_lost(programs: Path) -> None:
    acknowledged: list[list[str]] = [[], []]
    finished: list[int] = []
    promoted = threading.Event()
    some = threading.Barrier(len(acknowledged) + 1)
    with fragile(programs) as first, fragile(programs) as second:
        first.make()
        first.start()
        first.begin_anew()
        both = first.url.replace("/goods", f",127.0.0.1:{second.port}/goods")
        open_database(both).close()
        second.follow(first)
        second.start()
        with psycopg.connect(first.url, autocommit=True) as owner:
            # What is acknowledged is on both disks, and seen on both.
            owner.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            owner.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
            owner.execute("SELECT pg_reload_conf()")

        def write(writer: int) -> None:
            database = open_postgres(both, patience=60)
            for number in itertools.count():
                last = promoted.is_set()
                database.write(batch(f"{writer}-{number}"))
                acknowledged[writer].append(f"{writer}-{number}")
                if number == 10:
                    some.wait()
                if last:
                    break
            database.close()
            finished.append(writer)

        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(len(acknowledged))]
        for writer in writers:
            writer.start()
        database = open_postgres(both, patience=60)
        some.wait()
        first.kill()
        # Writers wait now for whoever will take what they have; readers do not.
        so_far = {id for each in acknowledged for id in each}
        assert so_far <= set(database.ids())
        with psycopg.connect(second.url, autocommit=True) as owner:
            assert owner.execute("SELECT pg_promote()").fetchone() == (True,)
        database.write(batch("after"))
        promoted.set()
        for writer in writers:
            writer.join()
        assert sorted(finished) == [0, 1]
        everything = {id for each in acknowledged for id in each}
        assert len(everything) >= 22
        assert everything | {"after"} == set(database.ids())
        database.close()
        # The one that was first is a standby from now on, and still the first in the URL.
        first.follow(second)
        first.start()
        database = open_database(both)
        database.write(batch("later"))
        assert "later" in set(database.ids())
        database.close()


def until_caught_up(server: FragileServer, standby: FragileServer) -> None:
    """Ask the standby until it has what the server has."""
    with psycopg.connect(server.url) as first, psycopg.connect(standby.url, autocommit=True) as second:
        (written,) = first.execute("SELECT pg_current_wal_lsn()").fetchone() or ("",)
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s"
        while second.execute(replayed, (written,)).fetchone() != (True,):
            pass


def test_a_full_disk_is_told_and_reads_go_on(programs: Path) -> None:
    with servers.small_disk(64) as disk, fragile(programs) as server:
        server.make(data=disk)
        server.start()
        server.begin_anew()
        database = open_database(server.url)
        written = list[str]()

        def fill() -> None:
            for number in range(100):
                database.write(batch(f"p{number:02}", 1_000_000))
                written.append(f"p{number:02}")

        with pytest.raises(DatabaseBroken, match=r"The disk of .* is full"):
            fill()
        assert written
        assert list(database.ids()) == written
        assert database.photo(f"photo of {written[-1]}") is not None
        database.close()


def test_of_many_programs_that_start_at_once_one_makes_the_tables(postgres_url: str) -> None:
    opened: list[Database] = []
    programs = [threading.Thread(target=lambda: opened.append(open_database(postgres_url))) for _ in range(6)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert [database.count() for database in opened] == [0] * 6
    for database in opened:
        database.close()


def test_of_many_servers_that_begin_a_catalog_at_once_the_first_is_heard(postgres_url: str) -> None:
    open_database(postgres_url).close()
    together = threading.Barrier(4)
    begun: list[Shop] = []

    def begin() -> None:
        together.wait()
        begun.append(Shop.open(postgres_url, "pixels"))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [shop.revision for shop in begun] == [1] * 4
    for shop in begun:
        shop.close()


def test_a_transaction_that_lost_its_server_in_the_middle_is_begun_again(postgres_url: str) -> None:
    connections = PostgresConnections(postgres_url)
    connections.migrate()
    cut: list[int] = []

    def work(session: Session) -> int:
        session.rows("UPDATE counter SET revision = revision + 1")
        if not cut:
            ((pid,),) = session.rows("SELECT pg_backend_pid()")
            cut.append(pid)
            with connections.outside() as other:
                other.rows("SELECT pg_terminate_backend(?)", (pid,))
        return int(session.rows("SELECT revision FROM counter")[0][0])

    assert connections.redo(work) == 1
    assert cut
    connections.close()


def test_two_that_wait_for_each_other_both_get_through(postgres_url: str) -> None:
    connections = PostgresConnections(postgres_url)
    connections.migrate()
    with connections.write() as session:
        session.many("INSERT INTO settings (name, value) VALUES (?, '0')", [("a",), ("b",)])
    both_hold_one = threading.Barrier(2)
    attempts: list[str] = []

    def change(first: str, second: str) -> None:
        def work(session: Session) -> None:
            attempts.append(first)
            session.rows("SET LOCAL deadlock_timeout = 10")
            session.rows("UPDATE settings SET value = value || ? WHERE name = ?", (first, first))
            if len(attempts) <= 2:
                both_hold_one.wait()
            session.rows("UPDATE settings SET value = value || ? WHERE name = ?", (first, second))

        connections.redo(work)

    threads = [threading.Thread(target=change, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connections.read() as reader:
        values = [value for (value,) in reader.rows("SELECT value FROM settings ORDER BY name")]
    assert [sorted(value) for value in values] == [["0", "a", "b"]] * 2
    assert len(attempts) > 2
    connections.close()


def test_a_refusal_leaves_no_trace_and_is_not_tried_again(postgres_url: str) -> None:
    connections = PostgresConnections(postgres_url)
    connections.migrate()
    attempts: list[int] = []

    def work(session: Session) -> None:
        attempts.append(1)
        session.rows("UPDATE counter SET revision = 7")
        raise Conflict("no")

    with pytest.raises(Conflict):
        connections.redo(work)
    with connections.read() as reader:
        assert reader.rows("SELECT revision FROM counter") == [(0,)]
    assert attempts == [1]
    connections.close()


def test_when_all_connections_are_lent_it_is_told(postgres_url: str) -> None:
    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(postgres_url, autocommit=True)

    pool = Pool(connect, 1, patience=0.01)
    with pool.lent() as first, pytest.raises(DatabaseBusy, match="LOOKALIKE_CONNECTIONS"), pool.lent():
        pass
    with pool.lent() as again:
        assert again is first
        # A transaction that was left open is no state to hand on.
        again.autocommit = False
        again.execute("SELECT 1")
    with pool.lent() as other:
        assert other is not first
    pool.close()


@pytest.mark.parametrize("url", ["postgresql://shop@host:eighty/shop", "postgresql://h/shop?colour=red"])
def test_a_url_that_cannot_be_one_is_told(url: str) -> None:
    with pytest.raises((UsageError, DatabaseBroken), match=r"postgresql://USER@HOST|Check the URL"):
        open_database(url)


def test_a_user_who_may_only_read_is_told(postgres_url: str) -> None:
    open_database(postgres_url).close()
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS reader")
        owner.execute("CREATE ROLE reader LOGIN")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    database = open_database(postgres_url.replace("shop@", "reader@"))
    assert database.count() == 0
    with pytest.raises(DatabaseBroken, match="Grant it, or connect"):
        database.write(batch("a"))
    database.close()
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("DROP OWNED BY reader; DROP ROLE reader")


@pytest.mark.parametrize("ahead", [-3 * DAY, 3 * DAY])
def test_what_one_writes_the_others_see_whatever_their_clocks_say(postgres_url: str, ahead: float) -> None:
    here = Shop.open(postgres_url, "pixels")
    now = 1_800_000_000.0
    elsewhere = Shop(Catalog(open_database(postgres_url), here.catalog.encoding), clock=lambda: now + ahead)
    local = Shop(Catalog(open_database(postgres_url), here.catalog.encoding), clock=lambda: now)
    elsewhere.add(products(4))
    assert len(local.search(text="item", k=10)) == 4
    local.add([Product("p000", "Zebra cushion")])
    assert elsewhere.search(text="zebra", k=1)[0].id == "p000"
    elsewhere.record([Event("purchase", "s1", "p001", id="e1")])
    local.record([Event("view", "s1", "p002", id="e2")])
    assert local.shopper("s1").events == elsewhere.shopper("s1").events == 2
    assert local.shopper("s1").bought == elsewhere.shopper("s1").bought == ("p001",)
    for shop in (here, elsewhere, local):
        shop.close()
