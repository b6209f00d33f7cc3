"""Photos kept in a size to zoom: only where the shop wants it and the source has it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from lookalike import Photo, Product, Shop
from lookalike.catalog.copy import copy
from lookalike.catalog.storefront import Storefront, put_storefront, storefront
from lookalike.database import open_database


def noise(width: int, height: int) -> bytes:
    picture = Image.effect_noise((width, height), 60).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


def product(id: str, data: bytes) -> Product:
    return Product(id=id, title=id, photos=(Photo(data=data),))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        yield shop


def size_of(shop: Shop, id: str) -> tuple[int, int] | None:
    """The size of the large photo of a product."""
    photo = shop.product(id).photos[0].id
    data = shop.catalog.database.large_photos([photo]).get(photo)
    return None if data is None else Image.open(io.BytesIO(data)).size


def test_a_large_photo_has_800_pixels_where_the_source_has_them(shop: Shop) -> None:
    put_storefront(shop.catalog.database, Storefront(photo_side=800))
    sizes = {"large": (1600, 1200), "middle": (500, 600), "small": (300, 300)}
    shop.add([product(id, noise(*size)) for id, size in sizes.items()])
    assert (size_of(shop, "large"), size_of(shop, "middle"), size_of(shop, "small")) == (
        (800, 600),
        (500, 600),
        None,
    )


def test_without_the_setting_no_large_photo_is_kept(shop: Shop) -> None:
    shop.add([product("a", noise(1600, 1200))])
    assert size_of(shop, "a") is None
    storage = shop.catalog.database.photo_storage()
    assert (storage.photos, storage.large_photos, storage.large_bytes) == (1, 0, 0)


def test_the_setting_changes_neither_the_small_photo_nor_its_vector(shop: Shop, tmp_path: Path) -> None:
    data = noise(1600, 1200)
    shop.add([product("a", data)])
    with Shop.open(str(tmp_path / "other.db"), "pixels") as other:
        put_storefront(other.catalog.database, Storefront(photo_side=1200))
        other.add([product("a", data)])
        photo = shop.product("a").photos[0].id
        space = shop.catalog.encoding.image_space
        databases = (shop.catalog.database, other.catalog.database)
        one, two = (database.image_vectors(space, [photo]) for database in databases)
        assert one == two
        assert shop.photo(photo).data == other.photo(photo).data


def test_the_disk_use_is_reported_and_ends_with_the_product(shop: Shop) -> None:
    put_storefront(shop.catalog.database, Storefront(photo_side=800))
    shop.add([product("a", noise(1600, 1200))])
    storage = shop.catalog.database.photo_storage()
    assert storage.large_photos == 1
    assert storage.large_bytes > storage.photo_bytes > 0
    shop.remove(["a"])
    assert shop.catalog.database.photo_storage().large_bytes == 0


def test_a_copy_of_the_catalog_has_the_large_photos_and_the_setting(shop: Shop, tmp_path: Path) -> None:
    put_storefront(shop.catalog.database, Storefront(name="Shop", photo_side=800))
    shop.add([product("a", noise(1600, 1200))])
    with closing(open_database(str(tmp_path / "copy.db"))) as target:
        copy(shop.catalog.database, target)
        assert target.photo_storage() == shop.catalog.database.photo_storage()
        assert storefront(target) == Storefront(name="Shop", photo_side=800)


def test_a_damaged_large_photo_is_left_out_and_found_by_the_check(shop: Shop) -> None:
    put_storefront(shop.catalog.database, Storefront(photo_side=800))
    shop.add([product("a", noise(1600, 1200))])
    with shop.catalog.database.connections.write() as session:  # pyright: ignore
        session.rows("UPDATE large_photos SET data = substr(data, 2)")
    assert size_of(shop, "a") is None
    assert [damage.table for damage in shop.catalog.database.verify().damaged] == ["large_photos"]
