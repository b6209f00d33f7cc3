"""A catalog whose index is a server that is not there, comes, goes and comes back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookalike import Shop
from support import milvus_server
from support.samples import goods, jpeg

pytestmark = pytest.mark.skipif(not milvus_server.available(), reason="there is no Milvus on this machine")


@pytest.fixture
def server() -> Iterator[milvus_server.MilvusServer]:
    """A server that does not run yet."""
    with closing(milvus_server.MilvusServer()) as server:
        yield server


def kind_when_settled(shop: Shop, kind: str) -> str:
    """What searches, once that is another than before; the second try comes by itself."""
    for _ in range(1800):
        if shop.engine.index.kind == kind:
            break
        threading.Event().wait(0.1)  # nobody is told when the second try comes
    return shop.engine.index.kind


def found(shop: Shop) -> list[str]:
    return [hit.product.id for hit in shop.search(image=jpeg("red"), text="red", k=20).hits]


def test_searches_go_on_whether_the_server_is_there_or_not(
    server: milvus_server.MilvusServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with (
        Shop.open(str(tmp_path / "shop.db"), "pixels", index=server.url) as shop,
        Shop.open(str(tmp_path / "shop.db")) as exact,
    ):
        shop.add(goods())
        assert found(shop) == found(exact)
        assert "does not answer. Start it" in shop.engine.index.facts().note
        assert shop.engine.index.kind == "exact"

        server.start()
        assert kind_when_settled(shop, "milvus") == "milvus"
        assert (found(shop), shop.engine.index.facts().note) == (found(exact), "")
        shop.remove(["plate-red"])
        assert found(shop) == found(exact)

        server.kill()
        assert found(shop) == found(exact)
        assert shop.engine.index.kind == "exact"
        shop.add(goods())
        assert found(shop) == found(exact)
        assert "plate-red" in found(shop)

        server.start()
        assert kind_when_settled(shop, "milvus") == "milvus"
        assert found(shop) == found(exact)
    told = [record.getMessage() for record in caplog.records if record.name == "lookalike.search.failover"]
    assert ["is reachable again" in line for line in told] == [False, True, False, True]
