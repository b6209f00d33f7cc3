"""A browser, and a shop that it may visit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from lookalike import Shop
from lookalike.catalog.storefront import DEMO_CART, Storefront, put_storefront
from lookalike.server.routes.webapp import PAGES
from web.goods import stock
from web.serving import TOKEN, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE_MS = 60_000
VisitShop = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    if not (PAGES / "index.html").is_file():
        pytest.skip("the web application is not built: python hatch_build.py")
    api = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small shop."""
    file = tmp_path_factory.mktemp("web") / "shop.db"
    with Shop.open(str(file), "pixels") as shop:
        shop.add(stock())
        put_storefront(shop.catalog.database, Storefront(cart=DEMO_CART))
    return file


@pytest.fixture(scope="session")
def server(catalog: Path) -> Iterator[Server]:
    """A server of that shop for tests that only read; it may fetch photos from this machine."""
    with Server(catalog, LOOKALIKE_FETCH_PRIVATE="true") as server:
        yield server


@pytest.fixture
def own_catalog(catalog: Path, tmp_path: Path) -> Path:
    """A copy of the shop that a test may change."""
    copy = tmp_path / "shop.db"
    shutil.copy(catalog, copy)
    return copy


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[VisitShop]:
    """Open a page of the shop in a fresh browser profile; a script that fails there fails the test."""
    faults: list[str] = []
    contexts = []

    def visit(path: str = "/", url: str = server.url, **profile: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **profile})
        context.set_default_timeout(PATIENCE_MS)
        # What the address that `serve` prints leaves in the browser.
        cookie = f"lookalike-token-{urlsplit(url).port}"
        context.add_cookies([{"name": cookie, "value": TOKEN, "url": url, "sameSite": "Strict"}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(url + path)
        page.locator("#content").wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not faults
