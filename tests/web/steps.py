"""What a shopper does on a page, in one word each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import pytest

from web.goods import base64_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

Query: TypeAlias = dict[str, list[str]]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 60_000

expect = pytest.importorskip("playwright.sync_api", reason="pip install playwright").expect
expect.set_options(timeout=PATIENCE_MS)

TRANSFER = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    return transfer;
}"""
DROP = """(dataTransfer) => {
    for (const step of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(step, { dataTransfer, bubbles: true, cancelable: true }));
    }
}"""
PASTE = """(transfer) => document.body.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }))"""

SCROLLED = """(number) => {
    scrollTo(0, document.body.scrollHeight);
    const shown = document.querySelectorAll("section[aria-label=Results][aria-busy=false] h3");
    return shown.length === number;
}"""


def drop(page: Page, data: bytes, name: str = "photo.jpg", media_type: str = "image/jpeg") -> None:
    """Drop a file anywhere on the page."""
    page.evaluate(DROP, page.evaluate_handle(TRANSFER, [name, media_type, base64_of(data)]))


def paste(page: Page, data: bytes) -> None:
    """Paste a photo from the clipboard."""
    page.evaluate(PASTE, page.evaluate_handle(TRANSFER, ["pasted.jpg", "image/jpeg", base64_of(data)]))


def pick(page: Page, data: bytes, name: str = "photo.jpg", media_type: str = "image/jpeg") -> None:
    """Choose a file from this device."""
    page.get_by_label("Photo from this device").set_input_files(
        {"name": name, "mimeType": media_type, "buffer": data}
    )


def shown(page: Page) -> Locator:
    """The titles of the products that are shown, first to last; none while a question is not answered."""
    return page.locator("section[aria-label=Results][aria-busy=false] h3")


def titles(page: Page) -> list[str]:
    """What these titles say, once the last question is answered."""
    settled(page)
    return shown(page).all_inner_texts()


def settled(page: Page) -> None:
    """Wait until the last question is answered."""
    page.locator("section[aria-label=Results][aria-busy=false]").wait_for()


def scroll(page: Page, number: int) -> None:
    """Scroll to the end, which brings more, until so many products are shown."""
    page.wait_for_function(SCROLLED, arg=number)


def address(page: Page, says: Callable[[Query], bool]) -> Query:
    """What the address of the page says, once it says so: the browser tells it later than what was done."""
    page.wait_for_url(lambda url: says(query(url)), wait_until="commit")
    return query(page.url)


def query(url: str) -> Query:
    """What an address asks for."""
    return parse_qs(urlsplit(url).query)


def hold_clock(page: Page) -> None:
    """Stop the page's timers: a note that leaves by itself stays for as long as the test needs it."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("() => Date.now()") + 1000)


def said(page: Page) -> Locator:
    """What a screen reader is told."""
    return page.locator("p[role=status]").first


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
