"""What a recipe sets shows on the pages: the number of results, clusters, licences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike import Shop
from lookalike.encoders.recipes import RECIPES
from support.samples import jpeg
from web.goods import stock
from web.serving import Server
from web.steps import address, drop, expect, settled, shown

if TYPE_CHECKING:
    from web.conftest import VisitShop


@pytest.fixture(scope="module")
def top_five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a shop whose recipe gives five hits and knows clusters."""
    file = tmp_path_factory.mktemp("top") / "shop.db"
    with Shop.open(str(file), replace(RECIPES["pixels"], k=5, clusters=6)) as shop:
        shop.add(stock())
    with Server(file) as server:
        yield server


def test_a_recipe_of_five_hits_shows_five_and_more_on_request(visit: VisitShop, top_five: Server) -> None:
    page = visit(url=top_five.url)
    drop(page, jpeg("teal", "Box", 400))
    settled(page)
    expect(shown(page)).to_have_count(5)

    page.get_by_role("button", name="Show more").click()

    expect(shown(page)).to_have_count(10)


def test_a_photo_may_be_searched_in_its_nearest_cluster_only(visit: VisitShop, top_five: Server) -> None:
    page = visit(url=top_five.url)
    drop(page, jpeg("teal", "Box", 400))
    settled(page)
    summary = page.locator(".summary strong")
    everywhere = summary.inner_text()

    page.get_by_label("Only the nearest cluster").check()

    address(page, lambda asked: asked.get("cluster") == ["1"])
    expect(summary).not_to_have_text(everywhere)
    expect(shown(page).first).to_have_text("Teal Box")


def test_a_recipe_without_clusters_offers_none(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit(url=server.url)
        drop(page, jpeg("teal", "Box", 400))
        settled(page)
        expect(page.get_by_label("Only the nearest cluster")).to_have_count(0)


def test_every_recipe_tells_its_licence(visit: VisitShop) -> None:
    page = visit("/manage/recipes")

    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="fashion-siglip"))
    expect(row).to_contain_text("License: Apache-2.0")
    keras = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="resnet50-max", exact=True)
    )
    expect(keras).to_contain_text("License: not stated")
