"""How many catalogs a server holds open, and for how long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.database.stores import FolderStore
from lookalike.errors import Conflict, NotFound, Overloaded
from lookalike.server.catalogs import Catalogs, ServedCatalog, unnamed_path
from lookalike.server.jobs.jobs import Job

IDLE = 100.0
MOST_OPEN = 3
NAMES = [f"c{number}" for number in range(6)]


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Opened:
    """Opens shops, counts them, and knows which are open."""

    def __init__(self) -> None:
        self.count = 0
        self.open: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, address: str) -> Shop:
        shop = Shop.open(address, "pixels")
        name = Path(address).stem
        with self._lock:
            self.count += 1
            self.open.append(name)
        close = shop.close

        def closing() -> None:
            with self._lock:
                self.open.remove(name)
            close()

        shop.close = closing  # type: ignore[method-assign]
        return shop


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path / "catalogs")
    for name in NAMES:
        store.create(name)
    return store


@pytest.fixture
def catalogs(shop: Shop, store: FolderStore, opened: Opened, clock: Clock) -> Iterator[Catalogs]:
    default = ServedCatalog.of("default", shop.url, shop)
    catalogs = Catalogs(default, store, opened, MOST_OPEN, IDLE, clock)
    yield catalogs
    catalogs.close()
    assert opened.open == []


def use(catalogs: Catalogs, *names: str) -> list[str]:
    """Borrow catalogs one after the other; gives the names of what was lent."""

    async def borrow() -> list[str]:
        lent: list[str] = []
        for name in names:
            async with catalogs.lent(name) as catalog:
                assert len(catalog.shop) >= 0
                lent.append(catalog.name)
        return lent

    return asyncio.run(borrow())


def test_a_catalog_is_opened_when_it_is_asked_for_and_once(catalogs: Catalogs, opened: Opened) -> None:
    assert catalogs.open_names() == {"default"}
    assert use(catalogs, "c0", "c0", "default", "c0") == ["c0", "c0", "default", "c0"]
    assert catalogs.open_names() == {"default", "c0"}
    assert opened.count == 1


def test_the_one_used_longest_ago_makes_room(catalogs: Catalogs, opened: Opened) -> None:
    use(catalogs, "c0", "c1", "c2", "c0", "c3")
    assert set(opened.open) == {"c0", "c2", "c3"}
    assert catalogs.open_names() == {"default", "c0", "c2", "c3"}


def test_an_idle_catalog_is_closed_and_opened_again_when_asked_for(
    catalogs: Catalogs, opened: Opened, clock: Clock
) -> None:
    use(catalogs, "c0", "c1")
    clock.time = IDLE - 1
    use(catalogs, "c1")
    clock.time = IDLE
    catalogs.close_idle()
    assert opened.open == ["c1"]
    use(catalogs, "c0")
    assert opened.count == 3


def test_what_is_in_use_is_neither_idle_nor_makes_room(
    catalogs: Catalogs, opened: Opened, clock: Clock
) -> None:
    @asynccontextmanager
    async def all_in_use() -> AsyncGenerator[None]:
        async with catalogs.lent("c0"), catalogs.lent("c1"), catalogs.lent("c2"):
            yield

    async def fourth() -> None:
        async with all_in_use():
            clock.time = 2 * IDLE
            catalogs.close_idle()
            assert len(opened.open) == MOST_OPEN
            with pytest.raises(Overloaded, match="Try again"):
                async with catalogs.lent("c3"):
                    pass
        async with catalogs.lent("c3"):
            assert len(opened.open) == MOST_OPEN

    asyncio.run(fourth())


def test_a_catalog_with_a_running_job_stays_open(catalogs: Catalogs, opened: Opened, clock: Clock) -> None:
    done = threading.Event()

    async def start() -> None:
        async with catalogs.lent("c0") as catalog:
            catalog.jobs.start(Job("import"), lambda: done.wait() and None)

    asyncio.run(start())
    clock.time = 2 * IDLE
    catalogs.close_idle()
    use(catalogs, "c1", "c2", "c3")
    assert "c0" in opened.open
    with pytest.raises(Conflict, match=r"(?i)stop it first"):
        catalogs.delete("c0")
    done.set()


def test_a_deleted_catalog_is_closed_when_its_last_user_is_done(catalogs: Catalogs, opened: Opened) -> None:
    async def delete_in_use() -> None:
        async with catalogs.lent("c0"):
            await asyncio.to_thread(catalogs.delete, "c0")
            with pytest.raises(NotFound):
                async with catalogs.lent("c0"):
                    pass
            assert opened.open == ["c0"]
        assert opened.open == []

    asyncio.run(delete_in_use())
    assert "c0" not in catalogs.names()


def test_a_catalog_that_another_process_deleted_is_gone_within_a_second(
    catalogs: Catalogs, store: FolderStore, opened: Opened, clock: Clock
) -> None:
    use(catalogs, "c0")
    store.delete("c0")
    clock.time = 1.0
    with pytest.raises(NotFound):
        use(catalogs, "c0")
    assert opened.open == []


def test_a_catalog_that_another_process_created_again_is_opened_again(
    catalogs: Catalogs, store: FolderStore, opened: Opened, clock: Clock
) -> None:
    use(catalogs, "c0")
    store.delete("c0")
    store.create("c0")
    clock.time = 1.0
    use(catalogs, "c0")
    assert (opened.count, opened.open) == (2, ["c0"])


def test_a_damaged_catalog_fails_alone_and_may_be_deleted(
    catalogs: Catalogs, tmp_path: Path, opened: Opened
) -> None:
    (tmp_path / "catalogs" / "c0.db").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(Exception, match="damaged"):
            use(catalogs, "c0")
    assert use(catalogs, "c1") == ["c1"]
    catalogs.delete("c0")
    assert "c0" not in catalogs.names()
    assert opened.open == ["c1"]


@pytest.mark.parametrize("name", ["c9", "", "..", "C0", "a/b", "c0.db"])
def test_an_unknown_name_opens_nothing(catalogs: Catalogs, opened: Opened, name: str) -> None:
    with pytest.raises(NotFound):
        use(catalogs, name)
    assert opened.count == 0


def test_many_who_ask_at_once_share_what_is_open(catalogs: Catalogs, opened: Opened) -> None:
    async def one(name: str) -> None:
        for _ in range(5):
            try:
                async with catalogs.lent(name) as catalog:
                    assert await asyncio.to_thread(len, catalog.shop) == 0
                    assert len(catalogs.open_names()) <= MOST_OPEN + 1
            except Overloaded:
                continue

    async def all_at_once() -> None:
        await asyncio.gather(*(one(name) for name in NAMES for _ in range(4)))

    asyncio.run(all_at_once())
    assert len(opened.open) <= MOST_OPEN
    assert sorted(set(opened.open)) == sorted(opened.open)


@pytest.mark.parametrize(
    ("path", "unnamed"),
    [
        ("/v1/catalogs/shoes/imports", "/v1/imports"),
        ("/v1/catalogs/shoes/imports/preview", "/v1/imports/preview"),
        ("/v1/catalogs/shoes", "/v1/catalogs/shoes"),
        ("/v1/imports", "/v1/imports"),
        ("/v1/products/v1/catalogs/a/b", "/v1/products/v1/catalogs/a/b"),
    ],
)
def test_limits_of_a_body_are_those_of_the_route(path: str, unnamed: str) -> None:
    assert unnamed_path(path) == unnamed
