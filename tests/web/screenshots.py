"""Makes the README's pictures in one run: `PYTHONPATH=tests python tests/web/screenshots.py shop.db`.

The sample shop is drawn into that file, measured, drawn as a map and examined, and then visited.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import lookalike
from lookalike_sample_shop import SampleShop
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


def nothing_like_it(page: Page) -> None:
    """Ask for what the shop does not sell."""
    page.locator("#words").fill("refrigerator")
    page.get_by_role("heading", name="No good match").wait_for()


def measured(page: Page) -> None:
    """Look at the figures of the search."""
    page.get_by_role("link", name="Benchmarks").click()
    page.get_by_role("heading", name="builtin").wait_for()


SHOTS: tuple[tuple[str, str, dict[str, int], str, Callable[[Page], None]], ...] = (
    ("search", "/", WIDE, "light", by_photo),
    ("words-on-top", "/", WIDE, "dark", but_green),
    ("why", "/", WIDE, "light", why),
    ("product", "/", WIDE, "light", product),
    ("start", "/", WIDE, "light", stay),
    ("for-you", "/for-you", WIDE, "light", stay),
    ("map", "/map", WIDE, "light", stay),
    ("no-good-match", "/", WIDE, "light", nothing_like_it),
    ("manage", "/manage", WIDE, "dark", measured),
    ("phone", "/", PHONE, "light", by_photo),
)


def main(catalog: Path) -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with lookalike.open(catalog) as shop:
        shop.add(SampleShop())
    with Server(catalog) as server, sync_playwright() as playwright:
        for study in ("benchmarks", "map", "doctor"):
            carry_out(server.url, study)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, path, viewport, scheme, act in SHOTS:
            page = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page.goto(server.url + path)
            act(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1000)
            save(page.screenshot(), FOLDER / f"{name}.png")
            page.close()


def carry_out(url: str, study: str) -> None:
    """Have the server find something out, and wait until it has."""
    job = asked("POST", f"{url}/v1/{study}")
    while job["state"] == "running":
        time.sleep(0.5)
        job = asked("GET", f"{url}/v1/jobs/{job['id']}")
    assert job["state"] == "done", job["detail"]


def asked(method: str, url: str) -> dict[str, str]:
    """The answer of the server."""
    with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
        return json.load(answer)


def save(shot: bytes, file: Path) -> None:
    """Write a picture with as many colors as its size allows."""
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
    """Make the lightest color of a palette white, or a page's paper gets a tint."""
    values = picture.getpalette() or []
    lightest = max(range(0, len(values), 3), key=lambda at: sum(values[at : at + 3]))
    picture.putpalette([*values[:lightest], 255, 255, 255, *values[lightest + 3 :]])
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]))
