"""What a shopper does on a page, in one word each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from web.goods import base64_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 30_000

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


def titles(page: Page) -> list[str]:
    """The products that are shown, first to last, once the search is answered."""
    settled(page)
    return page.locator("section[aria-label=Results] h3").all_inner_texts()


def settled(page: Page) -> None:
    """Wait until the last question is answered."""
    page.locator("section[aria-label=Results][aria-busy=false]").wait_for()


def said(page: Page) -> str:
    """What a screen reader is told."""
    return page.locator("p[role=status]").first.inner_text()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
