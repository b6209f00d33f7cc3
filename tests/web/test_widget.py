"""The widget on somebody else's page."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from lookalike import Event, Shop
from support.samples import jpeg
from support.servers import free_port
from web.serving import Server
from web.steps import expect, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from web.conftest import VisitShop

PAGE = """<!doctype html><title>A shop</title><style>span {{ color: lime !important }}</style>
<script src="{home}/widget.js" data-key="visitor"></script>
<lookalike-search count="4" href="/item/{{id}}"></lookalike-search>
<lookalike-similar product="box-teal" count="4"></lookalike-similar>"""


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str, int], str]]:
    """Serve one page from another origin."""
    running: list[http.server.ThreadingHTTPServer] = []

    def serve(page: str, port: int) -> str:
        class Shop(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        # Browsers open connections ahead of need: one of those would hold up a server of a single thread.
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Shop)
        threading.Thread(target=server.serve_forever).start()
        running.append(server)
        return f"http://127.0.0.1:{port}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def test_one_script_brings_lookalikes_and_search_to_any_page(
    browser: Browser, elsewhere: Callable[[str, int], str], own_catalog: Path
) -> None:
    port = free_port()
    with Server(
        own_catalog, LOOKALIKE_SEARCH_KEY="visitor", LOOKALIKE_ORIGINS=f"http://127.0.0.1:{port}"
    ) as server:
        page = browser.new_page()
        page.goto(elsewhere(PAGE.format(home=server.url), port))
        similar = page.locator("lookalike-similar").get_by_role("link")
        similar.nth(3).wait_for()
        expect(similar.filter(has_text="Teal").first).to_be_visible()
        search = page.locator("lookalike-search")
        search.get_by_label("Photo").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg("gold", "Slice", 300)}
        )
        expect(search.get_by_role("link").first).to_contain_text("Gold Slice")
        expect(search.get_by_role("link").first).to_have_attribute("href", "/item/slice-gold")
        search.get_by_label("Search for").fill("maroon plate")
        search.get_by_label("Search for").press("Enter")
        first = search.get_by_role("link").first
        expect(first).to_contain_text("Maroon Plate")
        expect(first.locator("span").last).not_to_have_css("color", "rgb(0, 255, 0)")
        page.close()


@pytest.mark.parametrize(("words", "good"), [("maroon plate", True), ("helicopter", False)])
def test_widget_page_and_interface_give_the_same_verdict(
    browser: Browser,
    visit: VisitShop,
    elsewhere: Callable[[str, int], str],
    own_catalog: Path,
    words: str,
    good: bool,
) -> None:
    port = free_port()
    with Server(
        own_catalog, LOOKALIKE_SEARCH_KEY="visitor", LOOKALIKE_ORIGINS=f"http://127.0.0.1:{port}"
    ) as server:
        answer = httpx.post(
            f"{server.url}/v1/search", json={"text": words}, headers={"Authorization": "Bearer visitor"}
        )
        assert answer.json()["good"] is good
        page = browser.new_page()
        page.goto(elsewhere(PAGE.format(home=server.url), port))
        search = page.locator("lookalike-search")
        search.get_by_label("Search for").fill(words)
        search.get_by_label("Search for").press("Enter")
        if answer.json()["hits"]:
            search.get_by_role("link").first.wait_for()
            verdict = "" if good else "No good match. These come closest:"
        else:
            verdict = "Nothing similar found."
        expect(search.locator("[role=status]")).to_have_text(verdict)
        page.close()
        page = visit(f"/?q={words}", url=server.url)
        settled(page)
        expect(page.get_by_role("heading", name="No good match")).to_have_count(0 if good else 1)


def test_the_owner_of_a_page_that_the_server_does_not_allow_reads_the_fix_and_the_shopper_does_not(
    browser: Browser, elsewhere: Callable[[str, int], str], server: Server
) -> None:
    page = browser.new_page()
    port = free_port()
    with page.expect_console_message(lambda message: "LOOKALIKE_ORIGINS" in message.text) as told:
        page.goto(elsewhere(PAGE.format(home=server.url), port))
    assert f'LOOKALIKE_ORIGINS="http://127.0.0.1:{port}"' in told.value.text
    shown = page.locator("lookalike-similar").get_by_role("status")
    expect(shown).to_have_text("The search is not available. Try again later.")
    page.close()


def test_a_placement_is_shown_on_any_page_with_its_reasons(
    browser: Browser, elsewhere: Callable[[str, int], str], own_catalog: Path
) -> None:
    with Shop.open(str(own_catalog)) as shop:
        bought = ("box-teal", "plate-coral")
        shop.record(
            Event("purchase", f"s{n}", product, f"{n} {product}") for n in range(30) for product in bought
        )
    port = free_port()
    html = (
        '<!doctype html><title>A shop</title><script src="{home}/widget.js"></script>'
        '<lookalike-recommendations placement="goes-with" product="box-teal" count="3">'
        "</lookalike-recommendations>"
    )
    with Server(own_catalog, LOOKALIKE_ORIGINS=f"http://127.0.0.1:{port}") as server:
        page = browser.new_page()
        page.goto(elsewhere(html.format(home=server.url), port))
        row = page.locator("lookalike-recommendations")
        links = row.get_by_role("link")
        links.nth(2).wait_for()
        expect(links.first).to_contain_text("Coral Plate")
        expect(links.first).to_contain_text("bought with 'Teal Box' by 30 shoppers")
        row.evaluate("(element) => element.setAttribute('placement', 'for-you')")
        expect(links.first).to_contain_text("popular")
        row.evaluate("(element) => element.setAttribute('placement', 'nowhere')")
        expect(row.get_by_role("status")).not_to_be_empty()
        page.close()
