"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

import lookalike.settings
from lookalike import Shop
from support import milvus_server, servers
from support.samples import goods
from support.shop_host import ShopHost, shop_host

# A busy machine must not fail a property.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real products beside the repository; a test that needs it is skipped without it."""
    if not (SHARED / "data" / "fashion" / "styles.csv").exists():
        pytest.skip("the real products are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL server for this process's tests; skipped where there is none to start."""
    programs = servers.postgres_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL on this machine")
    pytest.importorskip("psycopg")
    with servers.postgres(programs, "-c", "fsync=off") as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A database of its own on that server."""
    return servers.fresh_database(postgres_server)


@pytest.fixture(scope="session")
def milvus_url() -> Iterator[str]:
    """A real Milvus for this process's tests; skipped where there is none to start."""
    if not milvus_server.available():
        pytest.skip("there is no Milvus on this machine")
    with closing(milvus_server.MilvusServer()) as server:
        server.start()
        yield server.url


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A small catalog that is filled."""
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add(goods())
        yield shop


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopHost]:
    """A shop's web server on loopback, which this process may ask for feeds and photos."""
    monkeypatch.setenv("LOOKALIKE_FETCH_PRIVATE", "1")
    lookalike.settings.settings.cache_clear()
    with shop_host() as host:
        yield host
    lookalike.settings.settings.cache_clear()
