"""The contract of a database, through every implementation there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from lookalike.database import Batch, Change, Database, Written, open_database
from lookalike.database.event_store import Exposed
from lookalike.database.rows import RowsDatabase
from lookalike.database.sqlite import SqliteConnections
from lookalike.errors import Conflict, DatabaseBroken, DatabaseBusy
from lookalike.media.images import StoredPhoto
from lookalike.types import Event, Photo, Product


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "shop.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, file: str) -> str:
    if request.param == "sqlite":
        return file
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


def photo(name: str) -> StoredPhoto:
    return StoredPhoto(name, f"bytes of {name}".encode(), "image/jpeg", 3, 2)


def batch(*ids: str, photos: tuple[str, ...] = ("x",), title: str = "Red shoe") -> Batch:
    """Products that show the same photos, with vectors in two spaces."""
    shown = tuple(Photo(f"{name}.jpg", None, name, 3, 2) for name in photos)
    return Batch(
        products=[
            Written(
                Product(
                    id,
                    title,
                    "of leather",
                    {"colour": "red", "sizes": ("S", "M")},
                    9.5,
                    "EUR",
                    2,
                    "g",
                    "l",
                    shown,
                ),
                digest=f"digest of {id}".encode(),
                words="leather Acme",
                codes=(id, f"sku-{id}"),
            )
            for id in ids
        ],
        photos=[photo(name) for name in photos],
        image_space="look",
        image_vectors={name: f"vector of {name}".encode() for name in photos},
        text_space="read",
        text_vectors={id: ("words", f"words of {id}".encode()) for id in ids},
    )


def changes(database: Database, since: int) -> dict[str, Change]:
    return {change.id: change for _, piece in database.changes(since, "look", "read") for change in piece}


def test_what_was_written_is_read_back(database: Database) -> None:
    database.write(batch("a", photos=("x", "y")))
    product = database.products(["a", "unknown"])["a"]
    assert product.facets == {"colour": "red", "sizes": ("S", "M")}
    assert (product.title, product.price, product.currency, product.stock) == ("Red shoe", 9.5, "EUR", 2)
    assert [(shown.id, shown.source) for shown in product.photos] == [("x", "x.jpg"), ("y", "y.jpg")]
    assert database.photo("x") == photo("x")
    assert database.photo("nothing") is None
    assert database.digests(["a", "b"]) == {"a": b"digest of a"}
    assert database.image_vectors("look", ["x", "z"]) == {"x": b"vector of x"}
    assert database.text_vectors("read", ["a"]) == {"a": ("words", b"words of a")}


def test_every_write_gets_the_next_revision_and_the_feed_tells_only_what_is_newer(database: Database) -> None:
    first = database.write(batch("a", "b"))
    second = database.write(batch("b", title="Blue shoe"))
    database.remove(["a"])
    assert second == first + 1
    assert database.revision() == second + 1
    assert set(changes(database, 0)) == {"a", "b"}
    assert changes(database, first)["a"].entry is None
    assert changes(database, second) == {"a": Change("a", None)}
    assert changes(database, second + 1) == {}


def test_a_change_carries_facts_and_vectors(database: Database) -> None:
    database.write(batch("a", photos=("x", "y")))
    entry = changes(database, 0)["a"].entry
    assert entry is not None
    assert (entry.group, entry.photos, entry.images) == ("g", ("x", "y"), (b"vector of x", b"vector of y"))
    assert (entry.price, entry.stock, entry.text) == (9.5, 2, b"words of a")


def test_a_product_that_comes_back_is_no_longer_removed(database: Database) -> None:
    database.write(batch("a"))
    database.remove(["a"])
    database.write(batch("a"))
    assert changes(database, 0)["a"].entry is not None


def test_photos_go_when_no_product_shows_them_and_stay_while_one_does(database: Database) -> None:
    database.write(batch("a", "b", photos=("x", "y")))
    database.write(batch("a", photos=("y",)))
    assert database.photo("x") is not None
    database.remove(["b"])
    assert database.photo("x") is None
    assert database.image_vectors("look", ["x", "y"]) == {"y": b"vector of y"}


def test_words_and_codes_are_found_and_follow_their_product(database: Database) -> None:
    database.write(batch("a"))
    database.write(batch("b", title="Grüner Schuh"))
    assert database.with_words("acme SHOE", 10) == ["a"]
    assert database.with_words("gruner", 10) == ["b"]
    assert database.with_words('" OR *', 10) == []
    assert database.with_code(" SKU-a ", 10) == ["a"]
    database.write(batch("a", title="Blue boot"))
    assert database.with_words("shoe", 10) == []
    database.remove(["a", "b"])
    assert database.with_words("leather", 10) == database.with_code("a", 10) == []


def test_texts_follow_their_products(database: Database) -> None:
    first = database.write(batch("a", "b"))
    (changes,) = database.text_changes(0)
    assert [text.id for text in changes.texts] == ["a", "b"]
    assert (changes.texts[0].title, "sku-a" in changes.texts[0].codes) == ("Red shoe", True)
    assert changes.revision == first
    database.write(batch("b", title="Blue boot"))
    last = database.remove(["a"]) and database.revision()
    (changes,) = database.text_changes(first)
    assert [text.title for text in changes.texts] == ["Blue boot"]
    assert (changes.removed, changes.revision) == (["a"], last)


def test_pages_walk_all_products_once(database: Database) -> None:
    database.write(batch(*(f"p{number:02}" for number in range(25))))
    walked, after = list[str](), ""
    while page := database.page(after, 10):
        walked += [product.id for product in page]
        after = walked[-1]
    assert walked == sorted(walked) == list(database.ids())
    assert len(walked) == database.count() == 25


def test_the_newest_come_first_and_a_change_makes_nothing_newer(database: Database) -> None:
    database.write(batch("b"))
    database.write(batch("c", "a"))
    database.write(batch("b", title="Blue shoe"))
    assert database.newest(["a", "b", "c", "unknown"]) == ["a", "c", "b"]


def test_a_product_that_is_written_twice_at_once_is_what_came_last(database: Database) -> None:
    both = batch("a", photos=("x",))
    last = batch("a", photos=("y",), title="Blue shoe")
    both.products += last.products
    both.photos += last.photos
    both.image_vectors |= last.image_vectors
    database.write(both)
    assert database.products(["a"])["a"].title == "Blue shoe"
    assert database.photo("y") is not None
    assert database.photo("x") is None
    assert database.with_words("red", 10) == []
    assert (database.count(), database.image_vectors("look", ["x", "y"])) == (1, {"y": b"vector of y"})


def test_more_products_are_removed_than_a_statement_takes(database: Database) -> None:
    database.write(batch(*(f"p{number:04}" for number in range(1100))))
    assert database.remove([*database.ids(), "unknown"]) == 1100
    assert database.count() == 0
    assert database.photo("x") is None


def test_a_space_is_filled_beside_the_other_and_dropped(database: Database) -> None:
    database.write(batch("a", "b", photos=("x", "y")))
    assert database.photos_without("new", 10) == ["x", "y"]
    assert database.products_without("new", 10) == ["a", "b"]
    before = database.revision()
    database.put_vectors(Batch(image_space="new", image_vectors={"x": b"1", "gone": b"2"}))
    database.put_fit("new", b"learned")
    assert database.photos_without("new", 10) == ["y"]
    assert (database.fit("new"), database.revision()) == (b"learned", before)
    database.drop_space("new")
    assert database.fit("new") is None
    assert database.image_vectors("look", ["x"]) == {"x": b"vector of x"}


def test_settings_change_only_if_nothing_was_written_since(database: Database) -> None:
    revision = database.put_settings({"a": "1", "b": "2"})
    database.write(batch("a"))
    assert database.put_settings({"a": "3"}, at=revision) is None
    assert database.put_settings({"a": "3", "b": None}, at=database.revision()) == database.revision()
    assert database.settings() == {"a": "3"}


def test_a_job_tells_how_far_it_is_and_hears_that_it_is_to_stop(database: Database) -> None:
    assert database.jobs.get("a") is None
    assert not database.jobs.update("a", "half")
    assert not database.jobs.update("a", "most")
    stored = database.jobs.get("a")
    assert stored is not None
    assert stored.state == "most"
    assert 0 <= stored.age < 3600
    database.jobs.stop("a")
    assert database.jobs.update("a", "all")


def test_a_write_for_another_making_is_refused_whole(database: Database) -> None:
    database.put_settings({"made": "new"})
    late = batch("a")
    late.made = "old"
    with pytest.raises(Conflict, match="again"):
        database.write(late)
    assert database.count() == 0


def test_threads_read_while_another_writes(database: Database) -> None:
    database.write(batch("a"))
    wrong: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(50):
                assert database.products(["a"])["a"].photos
                assert changes(database, 0)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(30):
        database.write(batch("a", f"b{number}", title=f"Shoe {number}"))
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_processes_worth_of_connections_both_write(url: str, database: Database) -> None:
    other = open_database(url)

    def write(to: Database, name: str) -> None:
        for number in range(20):
            to.write(batch(f"{name}{number}"))

    writers = [
        threading.Thread(target=write, args=(to, name)) for name, to in (("a", database), ("b", other))
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    other.close()
    assert (database.count(), database.revision()) == (40, 40)


def test_a_lock_names_the_process_that_holds_it(file: str) -> None:
    database = open_database(file)
    with database.writing("import of styles.csv"):
        holder = apsw.Connection(file)
        holder.execute("UPDATE writers SET pid = 1, host = 'elsewhere'; BEGIN IMMEDIATE")
        hasty = SqliteConnections(file, busy_ms=1)
        with pytest.raises(DatabaseBusy, match=r"process 1 \(import of styles\.csv\)"), hasty.write():
            pass
        holder.execute("ROLLBACK")
        holder.close()
        hasty.close()
    database.close()


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(b"This is not a database, whatever its name says." * 100)
    with pytest.raises(DatabaseBroken, match="damaged or not a catalog"):
        open_database(str(path))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseBroken, match="folder"):
        open_database(str(tmp_path / "nowhere" / "shop.db"))


def test_a_catalog_of_a_newer_program_is_left_alone(url: str) -> None:
    database = open_database(url)
    assert isinstance(database, RowsDatabase)
    with database.connections.write() as session:
        session.rows("INSERT INTO migrations (name) VALUES ('9999-from-the-future')")
    database.close()
    with pytest.raises(Conflict, match="newer"):
        open_database(url)


def test_writes_wait_for_the_disk(file: str) -> None:
    connections = SqliteConnections(file)
    with connections.write() as writer:
        assert writer.connection.pragma("synchronous") == 2
        assert writer.connection.pragma("journal_mode") == "wal"
    connections.close()


@pytest.mark.parametrize(
    "where", ["postgresql://shop@127.0.0.1:1/shop", "postgresql://shop:secret@[::1]:1/shop"]
)
def test_a_server_that_is_down_is_told_without_its_password(where: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseBroken, match="Check the URL and the server") as told:
        open_database(where)
    assert "secret" not in str(told.value)


def test_a_wrong_user_or_database_is_told(postgres_url: str) -> None:
    with pytest.raises(DatabaseBroken, match="Check the URL"):
        open_database(postgres_url.replace("shop@", "nobody-here@"))
    with pytest.raises(DatabaseBroken, match="Check the URL"):
        open_database(postgres_url + "-elsewhere")


def test_shoppers_of_an_experiment_with_their_first_success_after_they_joined(database: Database) -> None:
    def exposure(shopper: str, variant: str, time: float) -> Event:
        return Event("exposure", shopper, id=f"x {shopper}", time=time, experiment="trial", variant=variant)

    database.events.record(
        [
            Event("purchase", "ann", "p", id="1", time=5.0),
            exposure("ann", "A", 10.0),
            Event("purchase", "ann", "p", id="2", time=30.0),
            Event("purchase", "ann", "q", id="3", time=20.0),
            exposure("bob", "B", 11.0),
            Event("click", "bob", "p", id="4", time=12.0),
            Event("purchase", "bob", "p", id="5", time=99.0),
            exposure("late", "B", 98.0),
            Event("exposure", "cem", id="6", time=12.0, experiment="other", variant="A"),
        ]
    )
    assert database.events.exposed("trial", "purchase", 0.0, 90.0) == [
        Exposed("ann", "A", 10.0, 20.0),
        Exposed("bob", "B", 11.0, None),
    ]
    assert [each.reached for each in database.events.exposed("trial", "click", 0.0, 90.0)] == [None, 12.0]
    assert database.events.forget("ann") == 4
    assert [each.shopper for each in database.events.exposed("trial", "purchase", 0.0, 90.0)] == ["bob"]
    assert [event.kind for event in database.events.every()][:2] == ["exposure", "click"]
