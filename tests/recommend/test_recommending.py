"""What is recommended, to whom, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lookalike import Event, Product, Shop
from lookalike.errors import BadFilter, BadQuery, NotFound

from .conftest import Clock, goods


def ids(found: object) -> list[str]:
    return [hit.id for hit in found]  # pyright: ignore


def kinds(found: object) -> list[str]:
    return [str(hit.product.facets["kind"]) for hit in found]  # pyright: ignore


def click(shopper: str, *products: str) -> list[Event]:
    return [Event("click", shopper, product) for product in products]


def test_a_fresh_shop_shows_a_new_shopper_a_page_of_different_things(shop: Shop) -> None:
    found = shop.recommend("nobody yet")
    assert len(set(ids(found))) == 10
    assert len(set(kinds(found))) > 1


def test_an_empty_shop_recommends_nothing(tmp_path: object) -> None:
    with Shop.open(f"{tmp_path}/empty.db", "pixels") as shop:
        assert list(shop.recommend("ann")) == []


def test_three_clicks_visibly_change_the_page(shop: Shop) -> None:
    before = shop.recommend("ann")
    shop.record(click("ann", "red-watch-0", "blue-watch-1", "green-watch-2"))
    after = shop.recommend("ann")
    assert kinds(after).count("watch") >= 8 > kinds(before).count("watch")


def test_two_interests_are_both_served(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0", "red-watch-1", "blue-boot-0", "blue-boot-1"))
    found = shop.recommend("ann", k=6)
    assert {"watch", "boot"} == set(kinds(found))
    assert set(shop.shopper("ann").interests) == {
        ("red-watch-0", "red-watch-1"),
        ("blue-boot-0", "blue-boot-1"),
    }


def test_a_search_is_an_interest(shop: Shop) -> None:
    shop.record([Event("search", "ann", query="green {lamp}")])
    found = shop.recommend("ann", k=5)
    assert set(kinds(found)) == {"lamp"}
    assert any("fits your search for 'green {lamp}'" in hit.why for hit in found)


def test_a_dislike_pushes_its_like_away(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0", "red-boot-0"))
    before = kinds(shop.recommend("ann", k=8)).count("boot")
    shop.record([Event("dislike", "ann", "red-boot-1"), Event("dislike", "ann", "red-boot-0")])
    found = shop.recommend("ann", k=8)
    assert kinds(found).count("boot") < before
    assert not {"red-boot-0", "red-boot-1"} & set(ids(found))


def test_what_was_bought_is_not_recommended_again_its_variants_neither(shop: Shop) -> None:
    variants = [
        replace(product, group="one-lamp") for product in goods() if product.id.startswith("red-lamp")
    ]
    shop.add(variants)
    shop.record([Event("purchase", "ann", "red-lamp-0")])
    found = ids(shop.recommend("ann", k=50))
    assert not any(id.startswith("red-lamp") for id in found)
    assert shop.shopper("ann").bought == ("red-lamp-0",)


def test_of_variants_one_is_shown(shop: Shop) -> None:
    shop.add([replace(product, group=f"all-{product.facets['kind']}") for product in goods()])
    assert sorted(kinds(shop.recommend("ann", k=50))) == ["boot", "lamp", "scarf", "watch"]


def test_what_is_sold_out_or_gone_is_not_recommended(shop: Shop) -> None:
    shop.record([Event("purchase", f"s{n}", "red-watch-0") for n in range(9)])
    assert shop.recommend()[0].id == "red-watch-0"
    shop.add([replace(goods()[0], stock=0)])
    assert "red-watch-0" not in ids(shop.recommend(k=100))


def test_a_product_removed_after_it_was_bought_leaves_no_hole(shop: Shop) -> None:
    shop.record([Event("purchase", "ann", "red-watch-0"), *click("bob", "red-watch-0", "red-watch-1")])
    shop.remove(["red-watch-0"])
    found = shop.recommend("ann")
    assert len(found) == 10
    assert "red-watch-0" not in ids(found)
    assert not any("which you bought" in why for hit in found for why in hit.why)


def test_what_goes_with_a_product_is_what_others_bought_with_it(shop: Shop) -> None:
    for shopper in ("ann", "bob", "cem"):
        shop.record([Event("purchase", shopper, "red-boot-0"), Event("purchase", shopper, "green-lamp-3")])
    best = shop.recommend(product="red-boot-0", k=3)[0]
    assert best.id == "green-lamp-3"
    assert "bought with 'red boot' by 3 shoppers" in best.why


def test_reasons_name_what_was_done_and_with_what(shop: Shop) -> None:
    shop.record([Event("cart", "ann", "red-watch-0")])
    assert shop.recommend("ann")[0].why[0] == "like 'red watch', which you added to the cart"


def test_a_shopper_is_no_company_to_oneself(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0", "green-lamp-0"))
    assert all("behaviour" not in hit.parts for hit in shop.recommend("ann"))


def test_the_parts_of_a_score_add_up_and_the_mix_to_one(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0") + click("bob", "red-watch-0", "blue-watch-1"))
    found = shop.recommend("ann")
    assert all(hit.score == pytest.approx(sum(hit.parts.values())) for hit in found)
    assert sum(found.mix.values()) == pytest.approx(1.0)


def test_the_mix_moves_from_popular_over_content_to_behaviour(shop: Shop) -> None:
    for number in range(20):
        shop.record(click(f"s{number}", "red-watch-0", "blue-boot-1", f"green-scarf-{number % 6}"))
    nobody = shop.recommend("new").mix
    shop.record(click("lone", "blue-lamp-0"))
    one = shop.recommend("lone").mix
    shop.record(click("many", "red-watch-0", "blue-boot-1"))
    many = shop.recommend("many").mix
    assert max(nobody, key=nobody.__getitem__) == "popular"
    assert one["content"] > one.get("behaviour", 0.0)
    assert many["behaviour"] > one.get("behaviour", 0.0)


def test_a_thousand_clicks_of_one_shopper_say_less_than_three_shoppers(shop: Shop) -> None:
    shop.record([Event("view", "bot", "red-scarf-0") for _ in range(1000)])
    shop.record([Event("cart", shopper, "blue-lamp-0") for shopper in ("ann", "bob", "cem")])
    assert shop.popular()[0].id == "blue-lamp-0"


def test_a_shopper_who_touches_everything_is_nobody_s_model(shop: Shop) -> None:
    shop.record([Event("view", "bot", product.id) for product in goods()])
    for shopper in ("ann", "bob"):
        shop.record(click(shopper, "red-boot-0", "green-lamp-3"))
    found = shop.recommend(product="red-boot-0", k=50)
    assert max(found, key=lambda hit: hit.parts["behaviour"]).id == "green-lamp-3"


def test_interest_fades(shop: Shop, clock: Clock) -> None:
    shop.record(click("ann", "red-watch-0", "red-watch-1", "red-watch-2"))
    clock.now += 400 * 86_400
    shop.record(click("ann", "blue-boot-0"))
    assert kinds(shop.recommend("ann", k=3)) == ["boot"] * 3


def test_every_tenth_place_is_for_what_few_have_seen(shop: Shop) -> None:
    for number in range(5):
        shop.record(
            click(f"s{number}", *(product.id for product in goods() if product.facets["colour"] == "red"))
        )
    shop.record(click("ann", "red-watch-0"))
    assert "new to most shoppers" in shop.recommend("ann", k=10)[9].why


def test_a_filter_and_exclusions_hold(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0"))
    found = shop.recommend("ann", where={"colour": "blue"}, exclude=["blue-watch-0"], k=50)
    assert len(found) == 23
    assert {hit.product.facets["colour"] for hit in found} == {"blue"}


def test_a_search_for_a_shopper_is_ranked_by_taste_and_says_so(shop: Shop) -> None:
    shop.record(click("ann", "green-boot-0", "green-scarf-1", "green-lamp-2"))
    plain, own = shop.search(text="watch", k=6), shop.search(text="watch", k=6, shopper="ann")
    assert {hit.product.facets["kind"] for hit in own} == {"watch"}
    green = [hit.product.facets["colour"] for hit in own].count("green")
    assert green > [hit.product.facets["colour"] for hit in plain].count("green")
    assert own[0].parts["shopper"] > 0
    assert "fits your taste" in own[0].why
    assert own[0].score == pytest.approx(plain_score(shop, own[0].id) + own[0].parts["shopper"], abs=1e-5)


def plain_score(shop: Shop, id: str) -> float:
    return next(hit.score for hit in shop.search(text="watch", k=50) if hit.id == id)


def test_what_others_chose_after_the_same_words_comes_up(shop: Shop) -> None:
    for number in range(4):
        shop.record([Event("purchase", f"s{number}", "blue-watch-4", query="nice Watch")])
    assert shop.search(text="watch nice", k=1, shopper="new")[0].why[-1] == "chosen after this search"


def test_bad_questions_are_refused(shop: Shop) -> None:
    with pytest.raises(NotFound, match="no product 'gone'"):
        shop.recommend(product="gone")
    with pytest.raises(BadQuery, match="k must be"):
        shop.recommend(k=0)
    with pytest.raises(BadFilter):
        shop.recommend(where={"price": {"near": 3}})


def test_a_new_product_can_be_recommended_at_once(shop: Shop) -> None:
    shop.record(click("ann", "red-watch-0"))
    shop.recommend("ann")
    shop.add([Product("newest", "red watch", facets={"kind": "watch", "colour": "red"})])
    assert "newest" in ids(shop.recommend("ann"))


def test_every_interest_has_its_share_of_the_page(shop: Shop) -> None:
    watches = [f"{colour}-watch-{number}" for colour in ("red", "blue") for number in range(6)]
    shop.record(click("ann", *watches[:8], "blue-boot-0") + click("bob", *watches[:10], "blue-boot-0"))
    assert "boot" in kinds(shop.recommend("ann", k=4))
    assert kinds(shop.recommend("bob", k=8)).count("watch") >= 5


def test_a_search_is_seen_beside_many_clicks_on_other_things(shop: Shop) -> None:
    watches = (f"{colour}-watch-{number}" for colour in ("red", "blue") for number in range(4))
    shop.record(click("ann", *watches))
    assert "lamp" not in kinds(shop.recommend("ann"))
    shop.record([Event("search", "ann", query="lamp")])
    found = kinds(shop.recommend("ann"))
    assert found.count("lamp") >= 3
    assert found.count("watch") >= 3


def test_a_new_shopper_is_told_why_from_the_first_day(shop: Shop) -> None:
    assert all(hit.why for hit in shop.recommend("nobody yet"))
    shop.record(click("ann", "red-watch-0"))
    found = shop.recommend("bob")
    assert found[0].id == "red-watch-0"
    assert "chosen by 1 shopper" in found[0].why
    assert len(set(kinds(found))) > 1
    assert all(hit.why for hit in found)


def test_what_is_at_hand_was_not_chosen(shop: Shop) -> None:
    told = " ".join(why for hit in shop.recommend(product=["red-watch-0", "blue-watch-0"]) for why in hit.why)
    assert "like 'red watch'" in told
    assert "kind watch, like 2 of 2 in view" in told
    assert "you" not in told


def test_the_number_of_shoppers_in_a_reason_is_their_number(shop: Shop) -> None:
    for number in range(300):
        shop.record(click(f"s{number}", "red-boot-0", "green-lamp-3"))
    best = shop.recommend(product="red-boot-0", k=1)[0]
    assert "chosen with 'red boot' by 300 shoppers" in best.why


def test_nothing_disliked_comes_back_however_much_it_is(shop: Shop) -> None:
    disliked = [product.id for product in goods()[:70]]
    shop.record(Event("dislike", "ann", id) for id in disliked)
    assert not set(disliked) & set(ids(shop.recommend("ann", k=72)))


def test_a_page_with_something_new_needs_no_place_for_it(shop: Shop) -> None:
    for number in range(5):
        shop.record(click(f"s{number}", *(f"red-boot-{each}" for each in range(6))))
    shop.record(click("ann", "red-watch-0"))
    assert not any("new to most shoppers" in hit.why for hit in shop.recommend("ann"))
