"""Measures what a visitor waits for: `python tests/web/figures.py shop.db` prints one line each."""

from __future__ import annotations

import io
import json
import random
import shutil
import statistics
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

import lookalike
from web.conftest import FLAGS
from web.goods import base64_of
from web.serving import Server
from web.steps import TRANSFER, settled

TIMES = 9
POINTS = 50_000
PHOTO = (1760, 1760)
DROPPED = """(transfer) => new Promise((resolve) => {
    const began = performance.now();
    const seen = new MutationObserver(() => {
        if (document.querySelector("section[aria-label=Results][aria-busy=false] h3")) {
            seen.disconnect();
            resolve(performance.now() - began);
        }
    });
    seen.observe(document.body, { subtree: true, childList: true, attributes: true });
    const drop = { dataTransfer: transfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent("drop", drop));
})"""
TYPED = """(words) => new Promise((resolve) => {
    const field = document.querySelector("#words");
    field.value = words;
    const began = performance.now();
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const look = () => {
        const shown = document.querySelector("section[aria-label=Results][aria-busy=false] h3");
        if (shown) resolve(performance.now() - began);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
PANNED = """() => new Promise((resolve) => {
    const canvas = document.querySelector("canvas");
    const box = canvas.getBoundingClientRect();
    const tell = (kind, x) => canvas.dispatchEvent(new PointerEvent(kind, {
        pointerId: 1, button: 0, clientX: box.x + x, clientY: box.y + 200, bubbles: true }));
    canvas.setPointerCapture = () => {};
    tell("pointerdown", 300);
    const began = performance.now();
    let frames = 0;
    const step = () => {
        frames++;
        tell("pointermove", 300 + 40 * Math.sin(frames / 8));
        if (performance.now() - began < 3000) requestAnimationFrame(step);
        else resolve(frames / 3);
    };
    requestAnimationFrame(step);
})"""


def photo(catalog: Path) -> bytes:
    """A photo of a product in three megapixels, noisy as cameras are: noise alone finds nothing."""
    with lookalike.open(str(catalog)) as shop:
        (product,) = shop.products(limit=1)
        stored = shop.photo(product.photos[0].id).data
    picture = Image.open(io.BytesIO(stored)).convert("RGB").resize(PHOTO)
    buffer = io.BytesIO()
    noisy = Image.blend(picture, Image.effect_noise(PHOTO, 40).convert("RGB"), 0.15)
    noisy.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def crowd(route: Route) -> None:
    """A map of fifty thousand products."""
    dice = random.Random(1)
    points = [
        {
            "id": str(n),
            "x": min(1, max(0, dice.gauss(0.5, 0.15))),
            "y": min(1, max(0, dice.gauss(0.5, 0.15))),
            "photo": None,
            "title": "",
            "cluster": n % 12,
        }
        for n in range(POINTS)
    ]
    told = {
        "method": "pca",
        "methods": ["pca"],
        "kept": 0.5,
        "explained": 0.5,
        "stale": False,
        "points": points,
    }
    route.fulfill(body=json.dumps(told), content_type="application/json")


def drops(page: Page, url: str, photo: bytes) -> list[float]:
    """Milliseconds from a drop to its results."""
    taken: list[float] = []
    data = base64_of(photo)
    for _ in range(TIMES):
        # By way of a blank page: going to the same address again would be a reload, which keeps the state.
        page.goto("about:blank")
        page.goto(url)
        page.get_by_role("article").first.wait_for()
        transfer = page.evaluate_handle(TRANSFER, ["photo.jpg", "image/jpeg", data])
        taken.append(page.evaluate(DROPPED, transfer))
    return taken


def letters(page: Page, url: str) -> list[float]:
    """Milliseconds from a letter typed to its results."""
    page.goto(f"{url}/?q=red")
    settled(page)
    return [
        page.evaluate(TYPED, words) for words in ("red s", "red st", "red str", "red stri", "red strip") * 2
    ]


def main(catalog: Path) -> None:
    """Measure everything once."""
    with Server(catalog) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        # What a server makes once, such as the sample photos, is not what is measured.
        page.set_default_timeout(120_000)
        page.goto(server.url, wait_until="networkidle")
        taken = photo(catalog)
        waits = told(drops(page, server.url, taken))
        print(f"drop of a {len(taken) / 1e6:.1f} MB photo to results: {waits} ms")  # noqa: T201
        print(f"letter typed to results: {told(letters(page, server.url))} ms")  # noqa: T201
        page.route("**/v1/map?*", crowd)
        page.goto(f"{server.url}/map")
        page.locator("canvas").wait_for()
        page.wait_for_timeout(1500)
        print(f"map of {POINTS} while panning: {page.evaluate(PANNED):.0f} frames a second")  # noqa: T201


def told(taken: list[float]) -> str:
    """The median and the worst."""
    return f"median {statistics.median(taken):.0f}, worst {max(taken):.0f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
