"""Manage > Keys, and the choice among several catalogs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop


def test_a_key_is_created_used_and_revoked(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/keys", url=server.url)
        expect(page.get_by_text("No keys yet.")).to_be_visible()
        page.get_by_label("Name").fill("Product feed")
        page.get_by_role("checkbox", name="Search").uncheck()
        page.get_by_role("checkbox", name="Write").check()
        page.get_by_label("Expires").select_option("In 90 days")
        page.get_by_role("button", name="Create key").click()
        secret = page.get_by_role("status").locator("code").inner_text()
        headers = {"X-API-Key": secret}
        assert httpx2.get(f"{server.url}/v1/jobs", headers=headers).status_code == 200
        assert httpx2.get(f"{server.url}/v1/rules", headers=headers).status_code == 403
        page.reload()
        expect(page.get_by_role("heading", name="Product feed")).to_be_visible()
        assert secret not in page.content()
        page.get_by_role("button", name="Revoke Product feed").click()
        page.get_by_role("button", name="Revoke for good").click()
        expect(page.get_by_text("Revoked", exact=False).first).to_be_visible()
        expect(page.get_by_role("button", name="Revoke Product feed")).to_have_count(0)
        assert httpx2.get(f"{server.url}/v1/jobs", headers=headers).status_code == 401


def test_a_key_without_a_scope_cannot_be_created(visit: VisitShop) -> None:
    page = visit("/manage/keys")
    page.get_by_role("checkbox", name="Search").uncheck()
    expect(page.get_by_role("button", name="Create key")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_keys_fit_a_small_screen(visit: VisitShop, scheme: str) -> None:
    small = {"width": 320, "height": 640}
    page = visit("/manage/keys", color_scheme=scheme, viewport=small, bypass_csp=True)
    page.get_by_role("button", name="Create key").wait_for()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_one_of_several_catalogs_is_chosen_and_shown(
    visit: VisitShop, own_catalog: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    shutil.copy(own_catalog, folder / "lamps.db")
    with Server(own_catalog, LOOKALIKE_CATALOGS=str(folder)) as server:
        page = visit("/manage/products", url=server.url)
        page.get_by_label("Select Teal Box").wait_for()
        with page.expect_response("**/v1/catalogs/lamps/products?*") as shown:
            page.get_by_label("Catalog", exact=True).select_option("lamps")
        assert shown.value.ok
        page.get_by_label("Select Teal Box").wait_for()
        page.goto(f"{server.url}/?q=box")
        page.get_by_role("article").first.wait_for()
        photo = page.get_by_role("article").first.locator("img").get_attribute("src")
        assert photo
        assert photo.startswith("/v1/catalogs/lamps/photos/")


def test_nothing_is_chosen_where_there_is_one_catalog(visit: VisitShop) -> None:
    page = visit("/manage")
    page.get_by_role("link", name="Keys").wait_for()
    expect(page.get_by_label("Catalog", exact=True)).to_have_count(0)
