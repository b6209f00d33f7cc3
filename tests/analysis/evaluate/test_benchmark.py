"""The benchmark that needs nothing but the feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike import Photo, Product, Shop
from lookalike.analysis.evaluate.benchmark import Benchmark, benchmark
from lookalike.analysis.evaluate.evaluate import Evaluation, evaluate_recipes
from lookalike.analysis.evaluate.metrics import read_qrels, read_run, scored
from lookalike.analysis.evaluate.pca_sweep import components
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import BadQuery, UnknownRecipe, UsageError
from support.crowd import crowd, drawing, saved


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Shop]:
    with Shop.open(str(tmp_path / "crowd.db"), "pixels") as shop:
        shop.add(crowd(48))
        yield shop


def of(tmp_path: Path, products: list[Product]) -> Benchmark:
    with Shop.open(str(tmp_path / "odd.db"), "pixels") as shop:
        shop.add(products)
        return benchmark(shop, queries=20)


def silent(what: str, done: int, total: int) -> None:
    """Say nothing."""


def compared(shop: Shop, names: list[str]) -> Evaluation:
    return evaluate_recipes(shop, names, queries=10, progress=silent, components=True)


def numbers(found: Benchmark) -> dict[str, object]:
    told = found.as_json()
    return {name: told[name] for name in ("recipe", "products", "measured", "notes")}


def test_the_numbers_are_the_same_on_the_next_run(crowded: Shop):
    assert numbers(benchmark(crowded, queries=12)) == numbers(benchmark(crowded, queries=12))


def test_what_looks_the_same_is_found_to_agree(crowded: Shop):
    found = benchmark(crowded, queries=30)
    colour = found.value("agreement", "colour", "look", "P@5")
    both = found.value("agreement", "category + colour", "look", "P@1")
    assert colour is not None
    assert colour.value > 0.6
    assert both is not None
    resaved = found.value("altered photo", "jpeg", "look", "hit@1")
    assert resaved is not None
    assert resaved.value > 0.8
    assert found.value("phrase", "category", "recipe", "P@10") is not None


def test_files_for_trec_give_the_same_numbers_again(crowded: Shop, tmp_path: Path):
    found = benchmark(crowded, queries=10, trec=tmp_path / "trec")
    relevant = read_qrels(tmp_path / "trec" / "agreement-category.qrels")
    run = read_run(tmp_path / "trec" / "agreement-category-look.run")
    again = scored({"look": run}, relevant, ("P@5",))["look"]["P@5"]
    told = found.value("agreement", "category", "look", "P@5")
    assert told is not None
    assert sum(again.values()) / len(again) == pytest.approx(told.value)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_products_are_nothing_to_compare(tmp_path: Path, count: int):
    found = of(tmp_path, crowd(count))
    assert found.measured == ()
    assert "At least two products" in found.notes[0]


def test_two_products_can_be_measured(tmp_path: Path):
    found = of(tmp_path, crowd(2))
    assert found.value("altered photo", "jpeg", "look", "hit@10") is not None


def test_one_value_of_a_facet_says_nothing(tmp_path: Path):
    found = of(tmp_path, [replace(p, facets={"category": "Plate"}) for p in crowd(12)])
    assert not [each for each in found.measured if each.task == "agreement"]
    assert any("No facet" in note for note in found.notes)


def test_one_photo_for_all_tells_nothing_apart_and_says_so(tmp_path: Path):
    photo = Photo(data=saved(drawing("Box", "red", 1)))
    found = of(tmp_path, [replace(p, photos=(photo,)) for p in crowd(12)])
    assert any("same picture" in note for note in found.notes)


def test_products_without_titles_or_photos_are_measured_by_what_they_have(tmp_path: Path):
    found = of(tmp_path, [replace(p, title="", photos=()) for p in crowd(24)])
    assert any("No product has a title" in note for note in found.notes)
    assert any("No product has a photo" in note for note in found.notes)
    assert found.value("agreement", "category", "words", "P@5") is not None


def test_variants_are_looked_for_where_there_are_groups(tmp_path: Path):
    products = [replace(p, group=f"g{n // 2}") for n, p in enumerate(crowd(24))]
    assert of(tmp_path, products).value("variants", "group", "recipe", "R@10") is not None


def test_no_queries_are_refused(crowded: Shop):
    with pytest.raises(UsageError, match="at least one query"):
        benchmark(crowded, queries=0)


def test_a_recipe_is_no_better_than_itself_and_others_are_compared(crowded: Shop, tmp_path: Path):
    blind = tmp_path / "blind.toml"
    blind.write_text('image = "pixels"\nimage_weight = 1.0\n', "utf-8")
    found = compared(crowded, ["pixels", str(blind)])
    assert [each.recipe for each in found.benchmarks] == ["pixels", "blind"]
    looks = [each for each in found.compared if each.channel == "look"]
    assert looks
    assert all(abs(each.difference.value) < 0.2 for each in looks)
    assert not any(each.difference.real for each in looks)


def test_components_are_measured_for_every_recipe(crowded: Shop, tmp_path: Path):
    blind = tmp_path / "blind.toml"
    blind.write_text('image = "pixels"\nimage_weight = 1.0\n', "utf-8")
    steps = compared(crowded, ["pixels", str(blind)]).steps
    assert list(dict.fromkeys(step.recipe for step in steps)) == ["pixels", "blind"]


def test_a_recipe_that_is_not_there_is_told_before_the_others_are_measured(crowded: Shop):
    told: list[str] = []
    with pytest.raises(UnknownRecipe, match="no-such"):
        evaluate_recipes(
            crowded, ["pixels", "no-such"], queries=10, progress=lambda what, done, total: told.append(what)
        )
    assert told == []


def test_no_recipes_are_refused(crowded: Shop):
    with pytest.raises(BadQuery, match="Name the recipes"):
        compared(crowded, [])


def test_a_few_components_are_enough_and_the_plateau_is_marked(crowded: Shop):
    steps = components(Snapshot.of(crowded), "pixels")
    assert sum(step.plateau for step in steps) == 1
    (ninety,) = (step for step in steps if step.ninety)
    assert ninety.explained >= 0.9
    assert all(step.explained < 0.9 for step in steps if step.components < ninety.components)
    assert all(0 <= step.f1_at_5 <= 1 and 0 <= step.accuracy <= 1 for step in steps)
    assert [step.explained for step in steps] == sorted(step.explained for step in steps)
    assert steps[-1].explained == pytest.approx(1, abs=1e-3)
