"""Components and clusters are learned from rows, kept, and used in a search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import goods
from lookalike import Shop
from lookalike.errors import BadQuery, Conflict, UsageError
from lookalike.types import Recipe
from lookalike.vectors.kmeans import Clusters
from lookalike.vectors.pca import Pca
from lookalike.vectors.projection import Learned

REDUCED = Recipe("reduced", "", image="pixels", text="tfidf", components=5, clusters=3)


def rows(count: int = 40, width: int = 12) -> np.ndarray:
    random = np.random.default_rng(count)
    made = random.normal(size=(count, width)) * np.linspace(3, 0.1, width) + random.normal(size=width)
    return made.astype(np.float32)


@given(st.floats(0.05, 0.999))
def test_a_share_of_the_variance_is_reached_with_the_fewest_components(share):
    pca = Pca.fit(rows(), share)

    assert pca.shares.sum() >= share - 1e-6
    assert pca.shares[:-1].sum() <= share + 1e-6


@pytest.mark.parametrize("count", [8, 40])
def test_all_components_keep_all_distances(count):
    found = Pca.fit(rows(count), min(count, 12)).transform(rows(count))

    before = np.linalg.norm(rows(count)[:, None] - rows(count)[None], axis=2)
    assert np.linalg.norm(found[:, None] - found[None], axis=2) == pytest.approx(before, abs=1e-3)


def test_more_components_than_there_are_is_refused():
    with pytest.raises(UsageError, match="only 8 components"):
        Pca.fit(rows(8), 9)
    with pytest.raises(UsageError, match="at least two"):
        Pca.fit(rows(1), 1)


def test_groups_that_lie_apart_are_found():
    apart = np.concatenate([rows() + 100 * number for number in range(3)])

    labels = Clusters.fit(apart, 3).assign(apart).reshape(3, -1)

    assert all(len(set(group)) == 1 for group in labels.tolist())
    assert len(set(labels[:, 0].tolist())) == 3


def test_equal_rows_fill_any_number_of_clusters():
    assert len(Clusters.fit(np.ones((5, 2), np.float32), 3)) == 3
    with pytest.raises(UsageError, match="5 rows cannot be put into 6 clusters"):
        Clusters.fit(np.ones((5, 2), np.float32), 6)


def test_what_was_learned_survives_the_database():
    learned = Learned.fit(rows(), REDUCED)
    again = Learned.loads(learned.dumps())

    assert again.space == learned.space
    assert np.array_equal(again.reduced(rows()), learned.reduced(rows()))
    assert again.groups(again.reduced(rows())) == ("0", "1", "2")


@pytest.mark.parametrize("data", [b"", b"{}", b'{"dim": 1, "normalised": 1, "pca": 3, "clusters": 0}\nabc'])
def test_a_damaged_state_is_refused_with_a_sentence(data):
    with pytest.raises(Conflict, match="Import its feed again"):
        Learned.loads(data)


def test_a_catalog_is_searched_by_its_components(tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), REDUCED) as shop:
        shop.add(goods())
        first = shop.search(product="box-red", image_weight=1, k=1)[0]

        assert shop.catalog.encoding.learned_dim == 5
        assert first.id.startswith("box")
        assert first.parts["image"] <= 1 + 1e-6


def test_a_search_may_keep_to_the_nearest_cluster(tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), REDUCED) as shop:
        shop.add(goods())
        everywhere = shop.search(product="box-red", image_weight=1, count=["cluster"])
        inside = shop.search(product="box-red", image_weight=1, clusters=1)

        sizes = {str(each.value): each.count for each in everywhere.counts["cluster"]}
        assert sum(sizes.values()) == 12
        assert inside.total in {size - 1 for size in sizes.values()} | set(sizes.values())
        assert [hit.id for hit in inside] == [
            hit.id for hit in everywhere if hit.id in {h.id for h in inside}
        ]


def test_what_outgrows_its_components_learns_them_again(tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), REDUCED) as shop:
        shop.add(goods()[:6])
        before = shop.catalog.encoding.learned
        shop.add(goods())

        assert shop.catalog.encoding.learned != before
        assert shop.search(product="box-red").total


def test_a_recipe_without_clusters_says_so(shop):
    with pytest.raises(BadQuery, match="has no clusters"):
        shop.search(text="red", clusters=2)


def test_words_are_counted_again_when_they_have_changed(shop):
    before = shop.catalog.encoding.text_space
    shop.add([replace(product, title=f"Quaint {product.title}") for product in goods()[:1]])
    assert shop.catalog.encoding.text_space == before

    shop.add([replace(product, title=f"Etagere numero {product.price}") for product in goods()])

    assert shop.catalog.encoding.text_space != before
    assert shop.search(text="etagere numero")[0].parts["text"] > 0
