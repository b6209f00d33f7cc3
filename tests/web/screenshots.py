"""Makes the README's pictures: `python tests/web/screenshots.py shop.db` over the sample shop, explored."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from web.conftest import FLAGS
from web.serving import Server
from web.steps import settled

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST = 300_000
WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 780}


def by_photo(page: Page) -> None:
    """Search with the photo of a shirt."""
    page.get_by_role("button", name="Search with a photo: Red striped shirt").click()
    settled(page)


def but_green(page: Page) -> None:
    """Search with the photo of a dress and a word."""
    page.get_by_role("button", name="Search with a photo: Navy dotted dress").click()
    settled(page)
    page.locator("#words").fill("but green")
    settled(page)


def why(page: Page) -> None:
    """Ask why the first one was found."""
    by_photo(page)
    page.get_by_role("button", name="Why").first.click()
    page.get_by_role("button", name="Show where it matched").click()


def product(page: Page) -> None:
    """Open the best match of a photo."""
    by_photo(page)
    page.get_by_role("article").first.get_by_role("heading").get_by_role("link").click()
    page.get_by_role("region", name="Looks like this").get_by_role("article").first.wait_for()


def stay(page: Page) -> None:
    """Look at the page as it opens."""
    page.get_by_role("heading", level=1).wait_for()


SHOTS: tuple[tuple[str, str, dict[str, int], str, Callable[[Page], None]], ...] = (
    ("search", "/", WIDE, "light", by_photo),
    ("words-on-top", "/", WIDE, "dark", but_green),
    ("why", "/", WIDE, "light", why),
    ("product", "/", WIDE, "light", product),
    ("start", "/", WIDE, "light", stay),
    ("for-you", "/for-you", WIDE, "light", stay),
    ("map", "/map", WIDE, "light", stay),
    ("phone", "/", PHONE, "light", by_photo),
)


def main(catalog: Path) -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Server(catalog) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, path, viewport, scheme, act in SHOTS:
            page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page.goto(server.url + path)
            act(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1000)
            save(page.screenshot(), FOLDER / f"{name}.png")
            page.close()


def save(shot: bytes, file: Path) -> None:
    """Write a picture with as many colours as its size allows."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (256, 192, 128, 64):
        buffer = io.BytesIO()
        palette = with_white(picture.quantize(colours))
        fewer = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        fewer.save(buffer, "PNG", optimize=True)
        if buffer.tell() < LARGEST:
            break
    file.write_bytes(buffer.getvalue())


def with_white(picture: Image.Image) -> Image.Image:
    """Make the lightest colour of a palette white, or a page's paper gets a tint."""
    values = picture.getpalette() or []
    lightest = max(range(0, len(values), 3), key=lambda at: sum(values[at : at + 3]))
    picture.putpalette([*values[:lightest], 255, 255, 255, *values[lightest + 3 :]])
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]))
