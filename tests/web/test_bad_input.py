"""What goes wrong is told in a sentence, and there is a way on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.samples import jpeg
from web.goods import heic, large, svg
from web.serving import Server
from web.steps import address, drop, expect, settled, shown

if TYPE_CHECKING:
    from web.conftest import VisitShop


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (heic(), "IMG_0001.HEIC", "Save the photo as JPEG"),
        (svg(), "drawing.svg", "Save it as PNG or JPEG"),
        (b"Dear shop, here are my wishes.\n" * 9, "photo.jpg", "This file contains text"),
        (b"%PDF-1.7\n\0\1\2", "look.pdf", "A PDF is not a photo"),
        (jpeg("red")[:200], "half.jpg", "may be damaged"),
        (b"", "empty.jpg", "This file is empty"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_with_a_way_on(
    visit: VisitShop, data: bytes, name: str, sentence: str
) -> None:
    page = visit()
    drop(page, data, name, "")
    note = page.get_by_role("alert")
    expect(note).to_contain_text(sentence)
    drop(page, jpeg("red", "Box"))
    expect(shown(page).first).to_have_text("Red Box")
    expect(note).to_be_hidden()


def test_a_photo_of_40_megabytes_is_made_smaller_and_searched_with(visit: VisitShop, tmp_path: Path) -> None:
    photo = tmp_path / "large.bmp"
    photo.write_bytes(large())
    page = visit()
    sent: list[int] = []
    page.on("request", lambda request: sent.append(len(request.post_data_buffer or b"")))
    page.get_by_label("Photo from this device").set_input_files(photo)
    expect(shown(page).first).to_have_text("Blue Plate")
    assert max(sent) < 200_000


def test_the_address_of_a_photo_that_cannot_be_reached_is_told(visit: VisitShop) -> None:
    page = visit()
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Photo URL").fill("http://127.0.0.1:9/nothing.jpg")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("127.0.0.1")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_words_for_an_address_are_told_what_an_address_is(visit: VisitShop) -> None:
    page = visit()
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Photo URL").fill("my photo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("https://")


def test_a_search_is_repeated_by_itself_when_a_lost_server_is_back(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/?q=teal", url=server.url)
        settled(page)
        server.stop()
        page.locator("#words").fill("gold")
        expect(page.get_by_role("alert")).to_contain_text("The server is not answering")
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        server.start()
        expect(shown(page).first).to_have_text(re.compile("^Gold"))
        expect(page.get_by_text("Reconnecting…")).to_be_hidden()


@pytest.mark.parametrize("path", ["/p/box-gold", "/for-you", "/map", "/manage/rules"])
def test_every_page_that_does_not_load_says_so_and_loads_when_the_server_is_back(
    visit: VisitShop, own_catalog: Path, path: str
) -> None:
    with Server(own_catalog) as server:
        page = visit("/", url=server.url)
        page.get_by_role("article").first.wait_for()
        page.evaluate("(path) => { document.querySelector('header a').setAttribute('href', path); }", path)
        server.stop()
        page.get_by_role("banner").get_by_role("link").first.click()
        expect(page.get_by_role("alert").first).to_be_visible()
        expect(page.get_by_text("Unable to preload")).to_have_count(0)
        server.start()
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/nothing-here", "/manage/nothing", "/p"])
def test_an_unknown_url_shows_a_page(visit: VisitShop, path: str) -> None:
    page = visit(path)
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    page.get_by_role("link", name="Go to search").click()
    expect(page.get_by_role("heading", name="Show it.")).to_be_visible()


def test_a_shop_with_a_key_asks_for_it_and_tells_a_wrong_one(visit: VisitShop, own_catalog: Path) -> None:
    # The browser's token is not this server's, as on any machine but the server's own.
    with Server(own_catalog, LOOKALIKE_SEARCH_KEY="open sesame", LOOKALIKE_LOCAL_TOKEN="another") as server:
        page = visit("/?q=teal", url=server.url)
        page.get_by_label("Key").fill("expired")
        page.get_by_role("button", name="Use this key").click()
        page.get_by_role("alert").get_by_text("not valid for this catalog").wait_for()
        page.get_by_label("Key").fill("open sesame")
        page.get_by_role("button", name="Use this key").click()
        expect(shown(page).first).to_have_text(re.compile("^Teal"))


def test_two_tabs_do_not_disturb_each_other(visit: VisitShop) -> None:
    first = visit()
    second = first.context.new_page()
    second.goto(first.url)
    drop(first, jpeg("teal", "Box", 300))
    drop(second, jpeg("red", "Slice", 300))
    expect(shown(second).first).to_have_text("Red Slice")
    expect(shown(first).first).to_have_text("Teal Box")
    first.get_by_role("button", name="Smaller").click()
    address(first, lambda asked: "crop" in asked)
    expect(shown(first).first).to_contain_text("Teal")


def test_an_address_with_a_slip_is_read_as_far_as_it_makes_sense(visit: VisitShop) -> None:
    page = visit("/?q=teal&crop=9,9,9,9&look=abc&from=x&sort=sideways&photo=https://elsewhere.example/a.jpg")
    expect(shown(page).first).to_have_text(re.compile("^Teal"))
