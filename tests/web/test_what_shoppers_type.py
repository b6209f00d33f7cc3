"""What shoppers type in the search box finds what they mean, whichever database the server uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lookalike import Photo, Shop
from support import servers, wardrobe
from support.samples import jpeg
from web.serving import Server
from web.steps import expect, settled, shown

if TYPE_CHECKING:
    from web.conftest import VisitShop


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def clothes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the clothes."""
    url = str(tmp_path_factory.mktemp("clothes") / "shop.db")
    if request.param == "PostgreSQL":
        url = servers.fresh_database(request.getfixturevalue("postgres_server"))
    with Shop.open(url, "pixels") as shop:
        shop.add(replace(each, photos=(Photo(data=jpeg("blue")),)) for each in wardrobe.clothes())
    with Server(url) as server:
        yield server


def test_what_is_meant_comes_first(visit: VisitShop, clothes: Server) -> None:
    titles = {product.id: product.title for product in wardrobe.clothes()}
    page = visit(url=clothes.url)
    for typed, meant in wardrobe.MEANT.items():
        page.locator("#words").fill(typed)
        page.keyboard.press("Enter")
        settled(page)
        wanted = re.compile("|".join(re.escape(titles[id]) for id in meant))
        for place in range(len(meant)):
            expect(shown(page).nth(place)).to_have_text(wanted)
