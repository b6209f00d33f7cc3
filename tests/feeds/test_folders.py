"""A tree of photos as a feed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike.errors import BadFeed
from lookalike.feeds import read_feed


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_each_photo_is_a_product_and_its_folder_the_category(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "bags/red_bag.jpg",
        "shoes/boots/high-boot.PNG",
        "hat.webp",
        "shoes/list.txt",
        ".hidden/x.jpg",
    )
    found = [row.product for row in read_feed(tmp_path)]
    assert [(p.id, p.title, dict(p.facets)) for p in found if p] == [
        ("bags/red_bag.jpg", "red bag", {"category": "bags"}),
        ("hat.webp", "hat", {}),
        ("shoes/boots/high-boot.PNG", "high boot", {"category": "shoes/boots"}),
    ]
    photos = [photo.source for product in found if product for photo in product.photos]
    assert photos[0] == str(tmp_path / "bags" / "red_bag.jpg")


def test_names_that_would_be_lists_or_numbers_elsewhere_stay_names(tmp_path: Path) -> None:
    tree(tmp_path, "2011/a.jpg,b.jpg", "2011/c;d.jpg", "2011/[e].jpg")
    found = [row.product for row in read_feed(tmp_path)]
    assert [len(p.photos) for p in found if p] == [1, 1, 1]
    assert {p.facets["category"] for p in found if p} == {"2011"}


def test_photos_of_formats_that_are_not_taken_are_reported(tmp_path: Path) -> None:
    tree(tmp_path, "a.jpg", "b.heic")
    found = list(read_feed(tmp_path))
    assert [row.raw_id for row in found if row.product] == ["a.jpg"]
    assert found[1].problem == "HEIC is not supported: save it as JPEG."


def test_links_do_not_lead_out_or_in_circles(tmp_path: Path) -> None:
    tree(tmp_path, "secret.jpg", "shop/a.jpg")
    shop = tmp_path / "shop"
    (shop / "circle").symlink_to(shop)
    (shop / "outer.jpg").symlink_to(tmp_path / "secret.jpg")
    found = list(read_feed(shop))
    assert [row.raw_id for row in found] == ["a.jpg", "outer.jpg"]
    assert found[1].product is not None
    assert found[1].product.photos == ()
    assert "outside" in found[1].problem


def test_a_name_that_is_no_text_is_reported(tmp_path: Path) -> None:
    tree(tmp_path, "a.jpg")
    try:
        os.close(os.open(os.fsencode(tmp_path) + b"/b\xff.jpg", os.O_CREAT))
    except OSError:
        pytest.skip("this file system has no such names")
    found = list(read_feed(tmp_path))
    assert [row.raw_id for row in found if row.product] == ["a.jpg"]
    assert "no text" in found[1].problem


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match="holds no photos"):
        read_feed(tmp_path)


@pytest.mark.parametrize(
    "name", ["10003.jpg", "IMG_2041.JPG", "dsc-0001.jpg", "2024-01-05 12.30.jpg", "0be65e17-5742-4fe3.png"]
)
def test_a_name_that_nobody_gave_is_no_title(tmp_path: Path, name: str) -> None:
    found = [row.product for row in read_feed(tree(tmp_path, name))]
    assert [product.title for product in found if product] == [""]


def test_the_only_table_of_a_folder_is_the_feed_of_the_photos_beside_it(tmp_path: Path) -> None:
    tree(tmp_path, "images/a.jpg", "images/b.jpg", "LICENSE.txt")
    (tmp_path / "goods.csv").write_text("image,title,shelf\na.jpg,Lamp,home\nb.jpg,Mug,kitchen\n")
    found = [row.product for row in read_feed(tmp_path)]
    assert [(p.title, dict(p.facets)) for p in found if p] == [
        ("Lamp", {"shelf": "home"}),
        ("Mug", {"shelf": "kitchen"}),
    ]
    assert found[0]
    assert found[0].photos[0].source == str(tmp_path / "images" / "a.jpg")


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        (["notes.csv"], "sku,remark\n1,call the supplier\n"),
        (["notes.csv"], "remark\ncall the supplier\n"),
        (["settings.json"], '{"album": {"sort": "name"}}'),
        (["settings.json"], "not JSON"),
        (["goods.csv", "more.csv"], "image,title\nshoes/boot.jpg,Boot\n"),
        (["._goods.csv"], "image,title\nshoes/boot.jpg,Boot\n"),
    ],
)
def test_a_table_without_photos_and_several_tables_leave_the_photos_the_products(
    tmp_path: Path, tables: list[str], text: str
) -> None:
    tree(tmp_path, "shoes/boot.jpg")
    for name in tables:
        (tmp_path / name).write_text(text)
    assert [row.raw_id for row in read_feed(tmp_path)] == ["shoes/boot.jpg"]


def test_a_table_whose_photos_are_addresses_needs_no_photo_beside_it(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("id,title,image\n1,Lamp,https://shop.example/lamp.jpg\n")
    assert [row.raw_id for row in read_feed(tmp_path)] == ["1"]
