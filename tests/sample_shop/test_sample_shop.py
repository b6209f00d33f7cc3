"""The sample shop: whole, the same everywhere, and drawn as it is described."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import NotFound
from lookalike.types import FeedRow
from lookalike_sample_shop import SAMPLES, SampleShop, sample_photo
from lookalike_sample_shop.assortment import Article, articles
from lookalike_sample_shop.colours import COLOURS
from lookalike_sample_shop.photos import photos
from lookalike_sample_shop.words import BRANDS, sku

EVERY_NTH = 16

DIGEST = """
import hashlib
from lookalike_sample_shop.assortment import articles
from lookalike_sample_shop.photos import photos
print(hashlib.sha256(b"".join(photos(articles()[40])) + b"".join(photos(articles()[300]))).hexdigest())
"""


@pytest.fixture(scope="module")
def rows() -> list[FeedRow]:
    """Part of the feed, drawn once."""
    return [row for row, _ in zip(SampleShop(), range(12), strict=False)]


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float64)


def covered(pixels: np.ndarray, article: Article) -> float:
    """Share of the item that has about the named color, in whatever light."""
    saturated = pixels.max(axis=2) - pixels.min(axis=2)
    item = pixels[(saturated > 24) | (pixels.mean(axis=2) < 205)]
    if article.colour in {"White", "Cream", "Silver"}:
        item = pixels.reshape(-1, 3)
    named = np.array(COLOURS[article.colour], dtype=np.float64)
    light = np.clip(item.sum(axis=1) / named.sum(), 0.55, 1.6)
    distance = np.abs(item - named * light[:, None]).max(axis=1)
    return float((distance < 42).mean())


def test_it_stocks_at_least_300_products_under_ids_of_their_own() -> None:
    ids = [article.id for article in articles()]
    assert len(ids) == len(set(ids)) == len(SampleShop()) >= 300
    assert len({sku(article) for article in articles()}) == len(ids)


def test_colours_of_one_design_share_a_group_and_everything_but_their_colour() -> None:
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles():
        groups[article.group].append(article)
    assert any(len(group) > 1 for group in groups.values())
    for group in groups.values():
        assert len({article.colour for article in group}) == len(group)
        assert len({(a.line.kind, a.pattern, a.gender, a.cloth.material, a.cut.words) for a in group}) == 1


def test_a_row_is_a_whole_product(rows: list[FeedRow]) -> None:
    for line, row in enumerate(rows, 1):
        product = row.product
        assert product is not None
        assert row.line == line
        assert not row.problem
        assert product.currency == "EUR"
        assert product.price is not None
        assert product.price > 0
        assert product.stock is not None
        facets = (
            "department",
            "type",
            "colour",
            "pattern",
            "gender",
            "material",
            "season",
            "brand",
            "sizes",
            "sku",
        )
        assert set(product.facets) == set(facets)
        assert product.facets["brand"] in BRANDS
        assert str(product.facets["colour"]) in product.title
        assert product.description.count(".") == 2


def test_variants_cost_the_same_and_some_products_are_sold_out() -> None:
    from lookalike_sample_shop import words

    prices: dict[str, set[float]] = defaultdict(set)
    for article in articles():
        prices[article.group].add(words.price(article))
    assert all(len(each) == 1 for each in prices.values())
    assert 0 < sum(words.stock(article) == 0 for article in articles()) < len(articles()) / 5


def test_photos_are_jpegs_of_480_pixels_and_some_products_have_two(rows: list[FeedRow]) -> None:
    counts: set[int] = set()
    for row in rows:
        assert row.product is not None
        counts.add(len(row.product.photos))
        for photo in row.product.photos:
            assert photo.data is not None
            opened = Image.open(io.BytesIO(photo.data))
            opened.load()
            assert (opened.format, opened.size) == ("JPEG", (480, 480))
    assert counts == {1, 2}


def test_photos_are_the_same_in_another_process() -> None:
    elsewhere = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, check=True, text=True)
    here = hashlib.sha256(b"".join(photos(articles()[40])) + b"".join(photos(articles()[300])))
    assert elsewhere.stdout.strip() == here.hexdigest()


def test_no_two_products_have_the_same_photo(rows: list[FeedRow]) -> None:
    fronts = [row.product.photos[0].data for row in rows if row.product]
    assert len(set(fronts)) == len(fronts)


@pytest.mark.parametrize("article", articles()[::EVERY_NTH], ids=lambda article: article.id)
def test_what_is_drawn_has_the_colour_that_is_named(article: Article) -> None:
    enough = 0.5 if article.cloth.pattern == "solid" and article.line.category == "Clothing" else 0.1
    assert covered(picture(photos(article)[0]), article) > enough


def test_a_studio_photo_stands_on_white() -> None:
    pixels = picture(photos(articles()[0])[0])
    assert pixels[:8, :8].mean() > 225
    assert pixels[:8, -8:].mean() > 225


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_photo_to_search_with_is_taken_in_warm_light(name: str) -> None:
    pixels = picture(sample_photo(name))
    assert pixels.shape == (480, 480, 3)
    assert pixels[:40, :40, 0].mean() > pixels[:40, :40, 2].mean() + 5


def test_an_unknown_sample_photo_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(NotFound, match="Brown boots"):
        sample_photo("purple elephant")
