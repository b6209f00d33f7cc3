"""The API reference in a browser: every route can be tried."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from web.steps import expect, violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from web.conftest import VisitShop


@pytest.fixture
def reference(visit: VisitShop) -> Page:
    """The reference, opened from the application."""
    page = visit(bypass_csp=True)
    page.goto(f"{page.url}docs")
    page.get_by_role("heading", name="POST /v1/search", exact=True).wait_for()
    return page


def route(page: Page, name: str) -> Locator:
    """The section of a route, with its form open."""
    section = page.locator("section.route").filter(has=page.get_by_role("heading", name=name, exact=True))
    section.get_by_text("Try it").click()
    return section


def test_a_search_is_tried(reference: Page) -> None:
    search = route(reference, "POST /v1/search")
    search.get_by_label("body").fill('{"text": "teal box", "k": 1}')
    search.get_by_role("button", name="Send").click()
    expect(search.get_by_role("status")).to_contain_text(re.compile("^200.*Teal Box", re.DOTALL))


def test_a_path_is_filled_in_and_a_failure_is_shown(reference: Page) -> None:
    product = route(reference, "GET /v1/products/{id}")
    product.get_by_label("id").fill("nothing")
    product.get_by_role("button", name="Send").click()
    expect(product.get_by_role("status")).to_contain_text(re.compile("^404.*nothing", re.DOTALL))


def test_the_reference_is_accessible(reference: Page) -> None:
    route(reference, "POST /v1/search")
    assert violations(reference) == []
