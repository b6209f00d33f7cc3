"""Searching in the browser, from the first photo to the last filter."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from support.samples import jpeg
from web.goods import COLOURS
from web.steps import (
    Query,
    address,
    drop,
    expect,
    hold_clock,
    paste,
    pick,
    said,
    scroll,
    settled,
    shown,
    titles,
)

if TYPE_CHECKING:
    from playwright.sync_api import Request, Route

    from web.conftest import VisitShop
    from web.serving import Server


def part(asked: Query) -> list[float]:
    """Left, top, width and height of the part of the photo that is searched."""
    return [float(side) for side in asked["crop"][0].split(",")]


def test_a_dropped_photo_shows_its_lookalikes_at_once(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("teal", "Box", 400))
    expect(shown(page).first).to_have_text("Teal Box")
    expect(page.get_by_alt_text("Your photo")).to_be_visible()
    expect(said(page)).to_contain_text("best match first")


def test_a_pasted_photo_is_searched_with(visit: VisitShop) -> None:
    page = visit()
    paste(page, jpeg("gold", "Slice", 300))
    expect(shown(page).first).to_have_text("Gold Slice")


def test_a_photo_is_picked_from_the_device(visit: VisitShop) -> None:
    page = visit()
    pick(page, jpeg("maroon"))
    expect(shown(page).first).to_have_text("Maroon Plate")


def test_the_camera_takes_a_photo(visit: VisitShop) -> None:
    page = visit(permissions=["camera"])
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take photo").click()
    # Chromium's camera films a test pattern, which this shop does not sell.
    page.get_by_role("button", name="Show closest results").click()
    expect(shown(page)).to_have_count(24)


def test_a_phone_opens_its_own_camera(visit: VisitShop) -> None:
    page = visit(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Camera").click()
    assert chooser.value.element.get_attribute("capture") == "environment"
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg("navy")})
    expect(shown(page).first).to_have_text("Navy Plate")


def test_the_address_of_a_photo_is_searched_with_and_can_be_cropped(visit: VisitShop, server: Server) -> None:
    page = visit()
    page.get_by_role("button", name="Link").click()
    found = page.request.get(f"{server.url}/v1/products/box-orange").json()["photos"][0]["id"]
    page.get_by_label("Photo URL").fill(f"{server.url}/v1/photos/{found}")
    page.keyboard.press("Enter")
    expect(shown(page).first).to_have_text("Orange Box")
    address(page, lambda asked: asked["url"] == [f"{server.url}/v1/photos/{found}"])
    page.get_by_role("button", name="Smaller").click()
    address(page, lambda asked: "crop" in asked)
    expect(shown(page).first).to_contain_text("Orange")


def test_a_sample_is_one_press_away_and_its_search_can_be_shared(visit: VisitShop) -> None:
    page = visit()
    sample = page.get_by_role("button", name=re.compile("Search with a photo")).first
    name = (sample.get_attribute("aria-label") or "").removeprefix("Search with a photo: ")
    sample.click()
    expect(shown(page).first).to_have_text(name)
    address(page, lambda asked: "photo" in asked)
    expect(shown(visit("/?" + page.url.partition("/?")[2])).first).to_have_text(name)


def test_words_find_products_while_they_are_typed(visit: VisitShop) -> None:
    page = visit()
    page.locator("#words").press_sequentially("purple sl")
    page.locator("#words").press_sequentially("ice")
    expect(shown(page).first).to_have_text("Purple Slice")
    address(page, lambda asked: asked["q"] == ["purple slice"])
    expect(page.locator("#words")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="Show it.")).to_be_visible()


def test_words_on_top_of_a_photo_turn_its_colour(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("blue", "Box", 300))
    page.locator("#words").fill("but green")
    page.wait_for_function("() => location.search.includes('green')")
    # The encoder of these tests has photos and words in two spaces: there is no verdict, and none is shown.
    expect(page.get_by_text("No good match")).to_have_count(0)
    expect(shown(page).first).to_have_text("Green Box")
    page.get_by_label("What counts").fill("10")
    address(page, lambda asked: asked.get("look") == ["10"])
    expect(shown(page).first).to_have_text(re.compile("^Green"))
    page.get_by_label("What counts").fill("95")
    address(page, lambda asked: asked.get("look") == ["95"])
    expect(shown(page).first).to_have_text("Blue Box")


def test_the_same_in_another_colour_is_one_press_away(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("blue", "Box", 300))
    settled(page)
    page.get_by_role("group", name="Same look in another color").get_by_role("button", name="Indigo").click()
    expect(shown(page).first).to_have_text("Indigo Box")


def test_facets_narrow_chips_widen_and_clearing_can_be_undone(visit: VisitShop) -> None:
    page = visit("/?q=every day")
    hold_clock(page)
    page.get_by_role("checkbox", name=re.compile("Box")).check()
    assert all(title.endswith("Box") for title in titles(page))
    page.get_by_role("checkbox", name=re.compile("Umber")).check()
    chips = page.get_by_role("list", name="Active filters")
    expect(chips.get_by_role("button")).to_have_count(3)
    address(page, lambda asked: asked == {"q": ["every day"], "f.type": ["Box"], "f.brand": ["Umber"]})
    chips.get_by_role("button", name=re.compile("Umber")).click()
    settled(page)
    page.get_by_role("button", name="Clear all").click()
    address(page, lambda asked: "f.type" not in asked)
    page.get_by_role("button", name="Undo").click()
    address(page, lambda asked: asked.get("f.type") == ["Box"])
    settled(page)


def test_facets_say_how_many(visit: VisitShop) -> None:
    page = visit("/?q=every day")
    settled(page)
    label = page.locator("label", has=page.get_by_role("checkbox", name=re.compile("Slice")))
    expect(label.locator(".count")).to_have_text(str(len(COLOURS)))


def test_a_price_range_keeps_to_its_ends(visit: VisitShop) -> None:
    page = visit("/?q=box")
    settled(page)
    page.get_by_label("Lowest price").fill("20")
    page.keyboard.press("Tab")
    settled(page)
    page.get_by_label("Highest price").fill("60")
    page.keyboard.press("Tab")
    settled(page)
    prices = [
        float(price.removeprefix("€")) for price in page.locator("article .price").all_inner_texts() if price
    ]
    assert prices
    assert all(20 <= price <= 60 for price in prices)
    address(page, lambda asked: (asked["from"], asked["to"]) == (["20"], ["60"]))


@pytest.mark.parametrize(
    ("order", "backwards"), [("Price, low to high", False), ("Price, high to low", True)]
)
def test_all_that_is_close_is_sorted_by_price_page_by_page(
    visit: VisitShop, order: str, backwards: bool
) -> None:
    page = visit()
    drop(page, jpeg("red"))
    settled(page)
    page.get_by_label("Sort").select_option(order)
    expect(page.get_by_text(re.compile("close products, (cheapest|most expensive) first"))).to_be_visible()
    settled(page)
    count = int(page.locator(".summary strong").inner_text().split()[0])
    scroll(page, count)
    prices = [price.removeprefix("€") for price in page.locator("article .price").all_inner_texts()]
    assert len(prices) == count
    known = [float(price) for price in prices if price]
    assert known == sorted(known, reverse=backwards)
    address(page, lambda asked: asked["sort"] == ["dear" if backwards else "cheap"])


def test_results_are_sorted_by_name_and_by_what_came_last(visit: VisitShop) -> None:
    page = visit("/?q=box&sort=name")
    found = titles(page)
    assert found == sorted(found, key=str.casefold)
    page.get_by_label("Sort").select_option("Newest")
    expect(shown(page).first).to_have_text("Indigo Box")


def test_scrolling_brings_more(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("red"))
    expect(shown(page)).to_have_count(24)
    scroll(page, 50)
    assert len(set(titles(page))) == 50


def test_back_and_forward_go_through_the_searches(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("teal", "Box", 400))
    settled(page)
    page.get_by_role("button", name="Smaller").click()
    settled(page)
    page.get_by_role("link", name="More like Gold Box").click()
    address(page, lambda asked: asked.get("like") == ["box-gold"])
    settled(page)
    page.go_back()
    address(page, lambda asked: "crop" in asked)
    expect(shown(page).first).to_have_text("Teal Box")
    page.go_back()
    address(page, lambda asked: not asked)
    expect(shown(page).first).to_have_text("Teal Box")
    page.go_back()
    expect(page.get_by_role("heading", name="Show it.")).to_be_visible()
    page.go_forward()
    expect(shown(page).first).to_have_text("Teal Box")


def test_a_photo_survives_a_reload_and_is_back_after_another_page(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("teal", "Box", 400))
    expect(shown(page).first).to_have_text("Teal Box")
    address(page, lambda asked: not asked)
    page.reload()
    expect(shown(page).first).to_have_text("Teal Box")
    page.get_by_role("link", name="Teal Box", exact=True).click()
    page.get_by_role("heading", name="Teal Box", level=1).wait_for()
    page.reload()
    page.get_by_role("heading", name="Teal Box", level=1).wait_for()
    page.go_back()
    expect(shown(page).first).to_have_text("Teal Box")
    expect(page.get_by_alt_text("Your photo")).to_be_visible()


def test_a_photo_that_was_deleted_from_the_browser_is_asked_for_again(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("teal", "Box", 400))
    expect(shown(page).first).to_have_text("Teal Box")
    page.goto(page.url.replace("/?", "/widget?") if "?" in page.url else page.url + "widget")
    page.evaluate("() => new Promise((done) => { indexedDB.deleteDatabase('lookalike').onsuccess = done; })")
    page.go_back()
    expect(page.get_by_role("alert").get_by_text("Choose it again")).to_be_visible()
    drop(page, jpeg("teal", "Box", 400))
    expect(shown(page).first).to_have_text("Teal Box")


@pytest.mark.parametrize("path", ["/p/box-gold", "/for-you", "/map", "/manage"])
def test_a_photo_can_be_dropped_on_every_page(visit: VisitShop, path: str) -> None:
    page = visit(path)
    page.get_by_role("heading", level=1).wait_for()
    drop(page, jpeg("teal", "Box", 400))
    expect(shown(page).first).to_have_text("Teal Box")


def test_only_products_in_stock_are_shown_on_request(visit: VisitShop) -> None:
    page = visit("/?q=black")
    settled(page)
    assert any(title.startswith("Black") for title in titles(page))
    page.get_by_label("In stock only").check()
    address(page, lambda asked: asked.get("stock") == ["1"])
    assert not any(title.startswith("Black") for title in titles(page))
    page.get_by_role("list", name="Active filters").get_by_role("button", name=re.compile("In stock")).click()
    address(page, lambda asked: "stock" not in asked)


def test_the_crop_moves_by_buttons_keys_and_hand(visit: VisitShop) -> None:
    page = visit()
    drop(page, jpeg("teal", "Box", 400))
    settled(page)
    page.get_by_role("button", name="Smaller").click()
    box = page.get_by_role("button", name=re.compile("Crop area"))
    first = part(address(page, lambda asked: "crop" in asked))
    box.press("ArrowRight")
    second = part(address(page, lambda asked: part(asked)[0] > first[0]))
    assert second[2:] == first[2:]
    box.press("Shift+ArrowLeft")
    third = part(address(page, lambda asked: part(asked)[2] < second[2]))
    settled(page)
    area = box.bounding_box()
    assert area
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2 + 40, steps=4)
    page.mouse.up()
    address(page, lambda asked: part(asked)[1] > third[1])
    page.get_by_role("button", name="Whole photo").click()
    address(page, lambda asked: "crop" not in asked)
    settled(page)


def test_more_like_this_goes_on_from_any_result(visit: VisitShop) -> None:
    page = visit("/?q=coral box")
    settled(page)
    page.get_by_role("link", name="More like Coral Box").click()
    address(page, lambda asked: "like" in asked)
    found = titles(page)
    assert "Coral Box" not in found
    assert any("Coral" in title or "Box" in title for title in found[:4])


def test_why_tells_the_parts_of_a_score(visit: VisitShop) -> None:
    page = visit("/?q=indigo slice")
    settled(page)
    page.get_by_role("button", name=re.compile("Why.*Indigo Slice")).click()
    sheet = page.get_by_role("dialog", name="Why this?")
    expect(sheet.get_by_text("Words", exact=True)).to_be_visible()
    expect(sheet).to_contain_text("contains all words", ignore_case=True)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_search_can_be_copied_as_a_command(visit: VisitShop, server: Server) -> None:
    page = visit("/?q=red&f.type=Box", permissions=["clipboard-read", "clipboard-write"])
    settled(page)
    page.get_by_role("button", name="Search details").click()
    page.get_by_role("button", name="Copy as curl").click()
    page.get_by_text("Copied to the clipboard.").wait_for()
    command = page.evaluate("() => navigator.clipboard.readText()")
    assert command.startswith(f"curl {server.url}/v1/search")
    question = json.loads(re.findall(r"-d '(.*)'", command)[0])
    assert question["where"] == {"type": ["Box"]}


def test_words_that_nothing_answers_to_are_said_to_find_nothing(visit: VisitShop) -> None:
    page = visit()
    page.locator("#words").fill("zzyzx qwfp")
    page.get_by_role("heading", name="No good match").wait_for()
    expect(said(page)).to_contain_text("No")


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(visit: VisitShop) -> None:
    page = visit()

    def asks_for_gold(request: Request) -> bool:
        return '"text":"gold"' in (request.post_data or "")

    def hold(route: Route) -> None:
        if not asks_for_gold(route.request):
            route.continue_()

    page.route("**/v1/search", hold)
    with page.expect_request(asks_for_gold):
        page.locator("#words").fill("gold")
    with page.expect_event("requestfailed", asks_for_gold):
        page.locator("#words").fill("teal")
    expect(shown(page).first).to_have_text(re.compile("^Teal"))
