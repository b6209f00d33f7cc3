"""Clusters, their number and their names; distributions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.analysis.explore.clusters import cluster
from lookalike.analysis.explore.distributions import distributions
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import UsageError
from support.crowd import COLOURS, crowd

pytest.importorskip("sklearn")


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    with Shop.open(str(tmp_path / "crowd.db"), "pixels") as shop:
        shop.add(crowd(60))
        yield Snapshot.of(shop)


def test_clusters_are_the_same_each_time_and_hold_every_product_once(snapshot: Snapshot):
    found = cluster(snapshot)
    assert found == cluster(snapshot)
    assert sum(each.size for each in found.clusters) == len(found.members) == 60
    assert [each.size for each in found.clusters] == sorted((c.size for c in found.clusters), reverse=True)
    assert len(found.clusters) == max(found.tried, key=lambda n: (round(found.tried[n], 3), -n))


def test_clusters_are_named_by_the_words_that_set_them_apart(snapshot: Snapshot):
    names = " ".join(each.name for each in cluster(snapshot, 4).clusters)
    assert sum(colour in names for colour in COLOURS) >= 3
    assert "acme" not in names


def test_the_names_of_clusters_are_whole_words(tmp_path: Path):
    said = ("Women's T-shirt", "Pull-over for men", "L'Oréal crème", "Anti-age serum")
    titles = dict(zip(COLOURS, said, strict=True))
    products = [replace(each, title=titles[str(each.facets["colour"])], facets={}) for each in crowd(60)]
    with Shop.open(str(tmp_path / "words.db"), "pixels") as shop:
        shop.add(products)
        names = [each.name for each in cluster(Snapshot.of(shop), 4).clusters]
    whole = {word for title in titles.values() for word in title.lower().split()}
    assert {word for name in names for word in name.split()} <= whole
    assert "t-shirt" in " ".join(names)


def test_the_most_typical_products_belong_to_the_cluster(snapshot: Snapshot):
    found = cluster(snapshot, 3)
    assert found.chosen_by == "given"
    for each in found.clusters:
        assert all(found.members[id] == each.number for id in each.typical)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_products_are_one_cluster_or_few(tmp_path: Path, count: int):
    with Shop.open(str(tmp_path / "few.db"), "pixels") as shop:
        shop.add(crowd(count))
        found = cluster(Snapshot.of(shop))
    assert sum(each.size for each in found.clusters) == count


def test_more_clusters_than_pictures_are_not_made(snapshot: Snapshot):
    with pytest.raises(UsageError, match="at least one cluster"):
        cluster(snapshot, 0)
    assert len(cluster(snapshot, 500).clusters) <= 60


def test_distributions_count_values_and_what_is_missing(tmp_path: Path):
    products = crowd(24)
    products[0] = replace(products[0], facets={"category": "Plate"}, price=None)
    with Shop.open(str(tmp_path / "some.db"), "pixels") as shop:
        shop.add(products)
        found = distributions(Snapshot.of(shop))
    facets = {each.facet: each for each in found.facets}
    assert facets["category"].values == {"Box": 8, "Plate": 8, "Ring": 8}
    assert facets["colour"].missing == 1
    assert found.prices is not None
    assert (sum(found.prices.counts), found.prices.missing) == (23, 1)
    assert sum(found.crossed["Box"].values()) == 8
