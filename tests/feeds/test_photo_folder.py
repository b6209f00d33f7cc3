"""Photos that a feed names are found below their folder, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadImage, LookalikeError, NotFound
from lookalike.feeds import read_feed
from lookalike.feeds.photo_folder import PhotoFolder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder of photos with traps in it, beside a secret."""
    (tmp_path / "secret.jpg").write_text("secret")
    shop = tmp_path / "shop"
    (shop / "men").mkdir(parents=True)
    for name in ("a.jpg", "men/b.jpg", "c d.jpg"):
        (shop / name).touch()
    (shop / "inner.jpg").symlink_to("men/b.jpg")
    (shop / "outer.jpg").symlink_to("../secret.jpg")
    (shop / "up").symlink_to("..")
    (shop / "circle.jpg").symlink_to("circle.jpg")
    (shop / "dangling.jpg").symlink_to("nothing.jpg")
    os.mkfifo(shop / "pipe.jpg")
    return shop


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.jpg", "a.jpg"),
        ("./a.jpg", "a.jpg"),
        ("men/b.jpg", "men/b.jpg"),
        ("men\\b.jpg", "men/b.jpg"),
        ("men/../a.jpg", "a.jpg"),
        ("c d.jpg", "c d.jpg"),
        ("inner.jpg", "men/b.jpg"),
    ],
)
def test_a_photo_is_found_by_its_name(shop: Path, name: str, found: str) -> None:
    assert PhotoFolder(shop).photo(name).source == str(shop / found)
    assert PhotoFolder(shop).photo(str(shop / found)).source == str(shop / found)


@pytest.mark.parametrize(
    "name",
    [
        "../secret.jpg",
        "men/../../secret.jpg",
        "..\\secret.jpg",
        "/etc/passwd",
        "//etc/passwd",
        "outer.jpg",
        "up/secret.jpg",
        "up/shop/../secret.jpg",
        "..",
        "/",
        "men/..",
        "../shop",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(shop: Path, name: str) -> None:
    with pytest.raises(BadImage, match="say where photos lie with --images"):
        PhotoFolder(shop).photo(name)


@pytest.mark.parametrize(
    "name",
    [
        "none.jpg",
        "men",
        "none/a.jpg",
        "dangling.jpg",
        "circle.jpg",
        "pipe.jpg",
        "a\0b.jpg",
        "%2e%2e/secret.jpg",
        "x" * 5000,
    ],
)
def test_what_is_no_photo_is_told(shop: Path, name: str) -> None:
    with pytest.raises(NotFound):
        PhotoFolder(shop).photo(name)


def test_a_folder_beside_that_only_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop2").mkdir()
    (tmp_path / "shop2" / "a.jpg").touch()
    with pytest.raises(BadImage):
        PhotoFolder(tmp_path / "shop").photo("../shop2/a.jpg")


@given(st.text(alphabet="./\\amenup%2e\0", max_size=24))
def test_whatever_the_name_no_photo_outside_is_given(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    root = tmp_path_factory.mktemp("photos")
    (root.parent / "a").touch()
    (root / "men").mkdir()
    (root / "men" / "a").touch()
    try:
        found = PhotoFolder(root).photo(name).source
    except LookalikeError:
        return
    assert Path(found).resolve().is_relative_to(root)


def test_photos_of_a_feed_lie_beside_it_or_in_the_folder_that_is_named(shop: Path, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,photo\n1,a.jpg\n2,../shop/a.jpg\n3,https://x/y.jpg\n4,secret.jpg\n")
    found = list(read_feed(feed, images=shop))
    assert [[photo.source for photo in row.product.photos] for row in found if row.product] == [
        [str(shop / "a.jpg")],
        [str(shop / "a.jpg")],
        ["https://x/y.jpg"],
        [],
    ]
    beside = list(read_feed(feed))
    assert beside[3].product is not None
    assert [photo.source for photo in beside[3].product.photos] == [str(tmp_path / "secret.jpg")]


def test_a_photo_named_without_its_folder_is_found_among_the_images_beside_the_feed(shop: Path) -> None:
    (shop / "images").mkdir()
    (shop / "images" / "lamp.jpg").touch()
    (shop / "images" / "a.jpg").touch()
    photos = PhotoFolder(shop)
    assert photos.photo("lamp.jpg").source == str(shop / "images" / "lamp.jpg")
    assert photos.photo("a.jpg").source == str(shop / "a.jpg")
    with pytest.raises(NotFound, match=r"There is no photo nowhere\.jpg"):
        photos.photo("nowhere.jpg")
