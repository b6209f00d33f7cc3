"""The main path, through the public names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lookalike
from lookalike import FeedRow, Photo, Product, Shop
from lookalike.catalog.state import ENCODING_STATE
from lookalike.encoders.recipes import RECIPES
from lookalike.errors import BadFeed, BadQuery, BadVector, Conflict, NotFound
from lookalike.media.images import photo_id
from lookalike.search.engine import CHANGE_WEIGHT
from lookalike.types import ImportReport
from support.samples import goods, jpeg


def ids(results: lookalike.Results) -> list[str]:
    return [hit.id for hit in results]


def numbers(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed, report.failed


def test_a_photo_finds_its_own_product_first(shop: Shop) -> None:
    hit = shop.search(image=jpeg("blue"), k=3)[0]
    assert hit.id == "plate-blue"
    assert hit.parts["image"] == pytest.approx(1, abs=1e-4)
    assert hit.photo == photo_id(jpeg("blue"))


def test_words_find_what_carries_them_and_nothing_else(shop: Shop) -> None:
    found = shop.search(text="green box")
    assert ids(found)[0] == "box-green"
    assert {hit.id for hit in found} <= {
        "box-green",
        "box-red",
        "box-blue",
        "box-black",
        "plate-green",
        "slice-green",
    }
    assert ids(shop.search(text="umbrella")) == []


def test_a_product_finds_others_than_itself(shop: Shop) -> None:
    assert "slice-red" not in ids(shop.similar("slice-red", k=12))
    assert len(shop.similar("slice-red", k=12, where={"colour": "blue"})) == 3


def test_an_id_is_found_whatever_the_encoder_thinks(shop: Shop) -> None:
    hit = shop.search(text="BOX-black")[0]
    assert (hit.id, hit.parts["words"]) == ("box-black", 2.0)


@pytest.mark.parametrize("words", ["but green", "green", "But in green", "in green "])
def test_words_on_top_of_a_photo_say_what_shall_be_different(shop: Shop, words: str) -> None:
    assert shop.search(image=jpeg("blue", "Box"), text=words)[0].id == "box-green"
    assert shop.search(product="box-blue", text=words)[0].id == "box-green"
    assert shop.search(image=jpeg("blue", "Box"), text=words, image_weight=0.95)[0].id == "box-blue"


def test_but_by_itself_is_a_word(shop: Shop) -> None:
    assert ids(shop.search(text="but")) == []
    assert shop.search(image=jpeg("blue", "Box"), text="but")[0].id == "box-blue"


def test_the_score_is_the_weighted_sum_of_its_parts(shop: Shop) -> None:
    for hit in shop.search(image=jpeg("red"), text="blue box", image_weight=0.6, k=12):
        words = CHANGE_WEIGHT * 0.4 * hit.parts.get("words", 0)
        sum_of_parts = 0.6 * hit.parts["image"] + 0.4 * hit.parts["text"] + words
        assert hit.score == pytest.approx(sum_of_parts, abs=1e-5)


def test_the_weight_moves_the_answer_from_look_to_words(shop: Shop) -> None:
    assert ids(shop.search(image=jpeg("red"), text="blue box", image_weight=1.0))[0] == "plate-red"
    assert ids(shop.search(image=jpeg("red"), text="blue box", image_weight=0.0))[0] == "box-blue"


def test_filters_counts_paging_and_exclusion_go_together(shop: Shop) -> None:
    def page(offset: int) -> lookalike.Results:
        return shop.search(
            image=jpeg("red"),
            where={"price": {"lt": 35}, "stock": {"gt": 0}},
            exclude=["box-red"],
            count=["type", "brand"],
            k=4,
            offset=offset,
            grouped=False,
        )

    walked = ids(page(0)) + ids(page(4)) + ids(page(8))
    assert len(walked) == len(set(walked)) == 8
    assert "box-red" not in walked
    assert {each.value: each.count for each in page(0).counts["type"]} == {"Box": 3, "Plate": 3, "Slice": 3}


def test_variants_of_a_group_show_once_unless_asked(shop: Shop) -> None:
    grouped = ids(shop.search(image=jpeg("red"), k=12))
    assert len({"plate-red", "plate-green"} & set(grouped)) == 1
    assert {"plate-red", "plate-green"} <= set(ids(shop.search(image=jpeg("red"), k=12, grouped=False)))


def test_the_best_of_several_photos_is_the_one_that_is_told(tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        shop.add([Product("both", "Two", photos=(Photo(data=jpeg("red")), Photo(data=jpeg("blue"))))])
        assert shop.search(image=jpeg("blue"))[0].photo == photo_id(jpeg("blue"))
        assert shop.search(image=jpeg("red"))[0].photo == photo_id(jpeg("red"))


def test_a_ready_vector_is_a_query(shop: Shop) -> None:
    row = lookalike.encoder("pixels").images([jpeg("blue")])[0]
    assert ids(shop.search(vector=row.tolist()))[0] == "plate-blue"


@pytest.mark.parametrize("vector", [[0.0] * 3, [float("nan")], [], "words", [[1.0]], [1e400]])
def test_a_vector_that_is_none_is_refused(shop: Shop, vector: list[float]) -> None:
    with pytest.raises(BadVector):
        shop.search(vector=vector)
    dim = lookalike.encoder("pixels").dim
    for bad in (np.zeros(dim), np.full(dim, np.nan), np.full(dim, np.inf)):
        with pytest.raises(BadVector):
            shop.search(vector=bad.astype(np.float32))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "  "},
        {"text": "a", "k": 0},
        {"text": "a", "k": 10**9},
        {"text": "a", "offset": -1},
        {"text": "a", "image_weight": 2},
        {"text": "a" * 5000},
    ],
)
def test_a_query_that_asks_for_nothing_or_too_much_is_refused(shop: Shop, asked: dict[str, object]) -> None:
    with pytest.raises(BadQuery):
        shop.search(**asked)  # pyright: ignore[reportArgumentType]


def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    for ask in (shop.product, shop.similar, shop.photo):
        with pytest.raises(NotFound):
            ask("nobody")


def test_an_empty_catalog_answers_with_nothing(tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        assert (ids(shop.search(image=jpeg("red"))), ids(shop.search(text="red")), len(shop)) == ([], [], 0)


def test_the_same_feed_again_changes_nothing(shop: Shop) -> None:
    revision = shop.revision
    assert numbers(shop.add(goods())) == (0, 0, 12, 0, 0)
    assert shop.revision == revision


def test_a_changed_row_or_photo_is_updated_and_found_at_once(shop: Shop) -> None:
    changed = goods()
    changed[0] = replace(changed[0], title="Scarlet dish")
    changed[1] = replace(changed[1], photos=(Photo(data=jpeg("purple")),))
    assert numbers(shop.add(changed)) == (0, 2, 10, 0, 0)
    assert ids(shop.search(text="scarlet")) == ["plate-red"]
    assert ids(shop.search(image=jpeg("purple")))[0] == "plate-green"


def test_prune_removes_what_the_feed_does_not_have(shop: Shop) -> None:
    assert numbers(shop.add(goods()[:4], prune=True)) == (0, 0, 4, 8, 0)
    assert len(shop) == len(shop.search(image=jpeg("red"), k=20, grouped=False)) == 4


def test_a_product_that_failed_is_not_pruned(shop: Shop) -> None:
    broken = [replace(product, photos=(Photo(data=b"no photo"),)) for product in goods()]
    assert numbers(shop.add(broken, prune=True)) == (0, 0, 0, 0, 12)
    assert len(shop) == 12


def test_a_feed_that_breaks_off_prunes_nothing(shop: Shop) -> None:
    rows = [FeedRow(1, goods()[0]), FeedRow(2, None, "The JSON breaks here.", last=True)]
    report = shop.add(rows, prune=True)
    assert (report.removed, len(shop)) == (0, 12)
    assert report.problems[-1].reason.startswith("The feed is truncated, so nothing was deleted")


def test_what_is_wrong_is_reported_and_the_rest_goes_in(tmp_path: Path) -> None:
    good, half = jpeg("red"), jpeg("red")[:300]
    rows = [
        FeedRow(2, Product("a", "Good", photos=(Photo(data=good),))),
        FeedRow(3, None, "the id is missing", ""),
        FeedRow(4, Product("c", "Half a photo", photos=(Photo(data=half),))),
        FeedRow(5, Product("d", "One of two", photos=(Photo(data=half), Photo(data=good)))),
        FeedRow(6, Product("e", "No photo at all")),
        FeedRow(7, Product("f", "Gone", photos=(Photo(str(tmp_path / "gone.jpg")),))),
    ]
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        report = shop.add(rows)
        assert numbers(report) == (3, 0, 0, 0, 3)
        assert sorted(problem.line for problem in report.problems) == [3, 4, 5, 7]
        assert ids(shop.search(text="photo at all"))[0] == "e"
        again = shop.add([row for row in rows if row.line == 5])
        assert again.updated == 1, "what was incomplete is tried again"


def test_a_feed_of_which_nearly_all_rows_fail_is_given_up_early(tmp_path: Path) -> None:
    read = 0

    def feed() -> Iterator[FeedRow]:
        nonlocal read
        for read in range(60_000):
            good = read % 20 == 0
            yield FeedRow(read, Product(f"p{read}", "Good") if good else None, "" if good else "broken", "")

    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        with pytest.raises(BadFeed, match="The last reason: broken"):
            shop.add(feed())
        assert read < 2_000
        assert len(shop) > 0, "what went in before is kept"


def test_many_failures_among_more_good_rows_do_not_end_an_import(tmp_path: Path) -> None:
    rows = [FeedRow(n, Product(f"p{n}", "Good") if n % 2 else None, "", "") for n in range(2_600)]
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        assert shop.add(rows).failed == 1_300


def test_a_stopped_import_goes_on_where_it_stopped(tmp_path: Path) -> None:
    products = [
        Product(f"p{n}", f"Item {n}", photos=(Photo(data=jpeg("red", size=40 + n)),)) for n in range(600)
    ]
    stop = threading.Event()
    with Shop.open(str(tmp_path / "shop.db"), "pixels") as shop:
        first = shop.add(products, stop=stop, progress=lambda report: stop.set() if report.added else None)
        assert first.interrupted
        assert 0 < first.added < 600
        second = shop.add(products)
        assert second.unchanged == first.added
        assert (second.added, len(shop)) == (600 - first.added, 600)


def test_another_reader_sees_a_write_in_its_next_answer(shop: Shop, tmp_path: Path) -> None:
    with Shop.open(shop.url) as reader:
        assert ids(reader.search(text="novelty")) == []
        shop.add([Product("new", "Novelty", photos=(Photo(data=jpeg("orange")),))])
        assert ids(reader.search(image=jpeg("orange"), k=1)) == ["new"]
        shop.remove(["new"])
        assert ids(reader.search(image=jpeg("orange"), k=1)) != ["new"]


def test_words_are_counted_anew_when_the_catalog_has_grown(shop: Shop) -> None:
    shop.add([Product(f"n{n}", f"Gadget number {n}") for n in range(40)])
    hit = shop.search(text="gadget")[0]
    assert hit.parts["text"] > 0


def _gadgets(name: str) -> list[Product]:
    photos = [(Photo(data=jpeg("red", size=40 + n)),) for n in range(80)]
    return [Product(f"{name}{n}", f"{name} gadget {n}", photos=shown) for n, shown in enumerate(photos)]


def test_two_imports_at_once_both_go_in_whole(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with Shop.open(path, "pixels") as one, Shop.open(path) as other:
        threads = [
            threading.Thread(target=shop.add, args=(_gadgets(name),))
            for shop, name in ((one, "left"), (other, "right"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(one) == 160
        for name in ("left", "right"):
            found = one.search(text=f"{name} gadget", k=200)
            assert sum(hit.parts["text"] > 0.3 for hit in found) >= 80


def test_words_counted_by_another_process_in_mid_import_are_taken_up(shop: Shop) -> None:
    def count_anew(report: ImportReport) -> None:
        if report.added == 0:
            with Shop.open(shop.url) as other:
                other.add([Product(f"n{n}", f"Gadget number {n}") for n in range(40)])

    report = shop.add([Product("late", "A late gizmo")], progress=count_anew)
    assert report.added == 1
    assert ids(shop.search(text="gizmo")) == ["late"]


def test_a_new_catalog_answers_by_its_own_recipe_before_anything_is_in_it(tmp_path: Path) -> None:
    with Shop.open(str(tmp_path / "shop.db"), lookalike.Recipe("words", "words alone", text="tfidf")) as shop:
        assert shop.search(text="red").recipe == "words"
        shop.add([Product("a", "Red shoe")])
        assert ids(shop.search(text="red")) == ["a"]


def test_a_catalog_keeps_its_recipe(shop: Shop) -> None:
    with pytest.raises(Conflict, match="pixels"):
        Shop.open(shop.url, lookalike.Recipe("other", "another way", image="pixels"))
    with Shop.open(shop.url) as again:
        assert again.recipe == shop.recipe


def test_an_older_definition_of_a_recipe_says_what_changed_and_how_to_rebuild(tmp_path: Path) -> None:
    older = replace(RECIPES["pixels"], k=7, min_score=0.25)
    with Shop.open(tmp_path / "shop.db", older) as shop:
        shop.add(goods())

    with pytest.raises(Conflict, match=r"k: 7 now 10") as refused:
        Shop.open(tmp_path / "shop.db", "pixels")
    assert "min_score: 0.25 now none" in str(refused.value)
    assert f"`lookalike switch pixels --catalog {tmp_path / 'shop.db'}`" in str(refused.value)

    with Shop.open(tmp_path / "shop.db") as shop:
        assert shop.switch("pixels").complete
    with Shop.open(tmp_path / "shop.db", "pixels") as shop:
        assert len(shop.similar("box-red", min_score=-1)) == 10


def test_a_recipe_that_is_only_described_anew_still_opens(tmp_path: Path) -> None:
    Shop.open(tmp_path / "shop.db", replace(RECIPES["pixels"], summary="other words", steps=())).close()

    with Shop.open(tmp_path / "shop.db", "pixels") as shop:
        assert shop.recipe.name == "pixels"


def test_a_switch_serves_the_old_recipe_until_the_new_is_whole_and_goes_back(shop: Shop) -> None:
    words_only = lookalike.Recipe("words", "words alone", text="tfidf", text_fields=("title",))
    before = ids(shop.similar("slice-red", k=3))
    stop = threading.Event()
    stop.set()
    assert not shop.switch(words_only, stop=stop).complete
    assert shop.recipe.name == "pixels"
    assert shop.switch(words_only).complete
    assert shop.recipe == words_only
    assert {hit.parts["image"] for hit in shop.similar("slice-red")} == {0.0}
    with pytest.raises(BadQuery, match="photos"):
        shop.search(image=jpeg("red"))
    shop.add([Product("late", "Red slice of late", photos=(Photo(data=jpeg("red")),))])
    assert shop.switch_back().complete
    assert shop.recipe.name == "pixels"
    assert ids(shop.search(image=jpeg("red"), k=20)).count("late") == 1
    assert set(before) <= {*ids(shop.similar("slice-red", k=4)), "late"}


def test_a_reader_follows_a_switch(shop: Shop) -> None:
    with Shop.open(shop.url) as reader:
        assert reader.search(image=jpeg("red")).recipe == "pixels"
        shop.switch(lookalike.Recipe("words", "words alone", text="tfidf"))
        assert reader.search(text="red").recipe == "words"
        assert reader.recipe.name == "words"


def test_going_back_needs_somewhere_to_go(shop: Shop) -> None:
    with pytest.raises(Conflict, match="never been switched"):
        shop.switch_back()


def test_a_catalog_of_an_earlier_encoder_says_so_and_an_import_makes_it_anew(tmp_path: Path) -> None:
    with lookalike.open(tmp_path / "shop.db", recipe="pixels") as shop:
        shop.add(goods())
        made = shop.catalog.encoding
    with lookalike.open(tmp_path / "shop.db") as shop:
        # As a catalog looks to a package whose encoder has changed: its vectors are of another space.
        shop.catalog.database.put_settings(
            {ENCODING_STATE: replace(made, image_space="of the last version").dumps()}
        )
        with pytest.raises(Conflict, match="lookalike switch pixels"):
            shop.search(image=jpeg("red"))
        shop.add(goods()[:1])
        assert len(ids(shop.search(image=jpeg("red"), k=20, grouped=False))) == len(goods())
