"""What a merchandiser decides, and which decision goes before which."""

from __future__ import annotations

import itertools

import pytest

from lookalike import Event, Query, Rule, Shop
from lookalike.errors import BadRule
from lookalike.recommend import rules

from .conftest import Clock


def ids(shop: Shop, text: str = "red watch", k: int = 6, **more: object) -> list[str]:
    return [hit.id for hit in shop.answer(Query(text=text, k=k, **more))]  # pyright: ignore


def test_a_pin_stands_where_it_is_pinned_and_says_so(shop: Shop) -> None:
    shop.put_rules([Rule("new", "pin", products=("blue-lamp-0",), position=2)])
    assert ids(shop)[1] == "blue-lamp-0"
    assert "pinned by the rule 'new'" in shop.search(text="red watch")[1].why
    found = shop.recommend("ann")
    assert found[1].id == "blue-lamp-0"
    assert "pinned by the rule 'new'" in found[1].why


def test_what_is_hidden_is_nowhere(shop: Shop) -> None:
    shop.put_rules([Rule("recall", "hide", where={"kind": "watch"})])
    assert not [id for id in ids(shop, k=50) if "watch" in id]
    assert not [hit for hit in shop.recommend(k=100) if "watch" in hit.id]


def test_a_boost_lifts_and_is_a_part_of_the_score(shop: Shop) -> None:
    best = ids(shop)[0]
    shop.put_rules([Rule("sale", "boost", products=("blue-boot-1",), amount=50)])
    hit = shop.search(text="red watch", k=1)[0] if best == "blue-boot-1" else shop.recommend(k=1)[0]
    assert hit.id == "blue-boot-1"
    assert hit.parts["rules"] > 0
    assert "boosted 50 times by the rule 'sale'" in hit.why


def test_what_is_buried_comes_last(shop: Shop) -> None:
    best = ids(shop)[0]
    shop.put_rules([Rule("old", "bury", products=(best,))])
    found = shop.search(text="red watch", k=100)
    assert found[-1].id == best
    assert "moved down by the rule 'old'" in found[-1].why


def test_only_what_is_included_is_shown(shop: Shop) -> None:
    shop.put_rules([Rule("week", "include", where={"colour": "green"}, query="red watch")])
    assert all(id.startswith("green") for id in ids(shop, "Red  WATCH", k=50))
    assert not all(id.startswith("green") for id in ids(shop, "watch", k=50))


CONTRADICTING = (
    Rule("a-pin", "pin", products=("red-watch-0",)),
    Rule("b-hide", "hide", products=("red-watch-0",)),
    Rule("c-boost", "boost", where={"kind": "watch"}, amount=3),
    Rule("d-bury", "bury", where={"kind": "watch"}),
    Rule("e-bury", "bury", products=("red-watch-1",), query="red watch"),
    Rule("f-pin", "pin", products=("red-boot-0",), position=1),
    Rule("g-pin", "pin", products=("red-boot-1",), position=1),
)


def test_rules_that_contradict_each_other_give_one_answer_in_any_order(shop: Shop) -> None:
    answers: set[tuple[str, ...]] = set()
    for order in itertools.islice(itertools.permutations(CONTRADICTING), 0, 5040, 500):
        shop.put_rules(order)
        answers.add(tuple(ids(shop, k=60)))
    (answer,) = answers
    assert "red-watch-0" not in answer
    assert answer[:2] == ("red-boot-0", "red-boot-1")
    assert answer[-1] == "red-watch-1"
    assert "boosted 3 times by the rule 'c-boost'" in shop.search(text="red watch")[2].why


def test_the_more_specific_rule_is_followed(shop: Shop) -> None:
    shop.put_rules(
        [
            Rule("a", "bury", where={"kind": "watch"}),
            Rule("b", "boost", where={"kind": "watch"}, category="red", amount=2),
            Rule("c", "boost", where={"kind": "watch"}, query="red watch", amount=4),
        ]
    )
    by_query = shop.search(text="red watch", k=1)[0]
    by_category = shop.search(text="a watch", where={"colour": "red"}, k=1)[0]
    assert "boosted 4 times by the rule 'c'" in by_query.why
    assert "boosted 2 times by the rule 'b'" in by_category.why
    assert "moved down by the rule 'a'" in shop.search(text="a watch", k=100)[-1].why


def test_a_rule_holds_from_its_start_until_its_end(shop: Shop, clock: Clock) -> None:
    shop.put_rules([Rule("day", "hide", where={"kind": "watch"}, starts="2026-12-01", ends="2026-12-02")])
    shown = {}
    for day, now in (("before", 1_796_083_199), ("during", 1_796_083_200), ("after", 1_796_169_600)):
        clock.now = now
        shown[day] = any("watch" in id for id in ids(shop))
    assert shown == {"before": True, "during": False, "after": True}


def test_synonyms_find_what_is_called_otherwise(shop: Shop) -> None:
    assert ids(shop, "timepiece") == []
    shop.put_rules([Rule("w", "synonym", words=("timepiece", "watch"))])
    assert {id.split("-")[1] for id in ids(shop, "timepiece")} == {"watch"}


def test_synonyms_that_lead_in_a_circle_end(shop: Shop) -> None:
    circle = [
        Rule("1", "synonym", words=("watch", "clock")),
        Rule("2", "synonym", words=("clock", "timer")),
        Rule("3", "synonym", words=("timer", "watch")),
    ]
    assert rules.wordings("my watch", circle) == ["my watch", "my clock", "my timer"]
    shop.put_rules(circle)
    assert ids(shop, "timer")


def test_pages_follow_on_under_rules(shop: Shop) -> None:
    shop.put_rules(
        [Rule("p", "pin", products=("blue-lamp-0",)), Rule("h", "hide", products=("red-watch-1",))]
    )
    entire = ids(shop, k=20)
    assert ids(shop, k=10) + ids(shop, k=10, offset=10) == entire
    assert len(set(entire)) == 20


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        ({"id": "x"}, "needs an 'id' and an 'action'"),
        ({"id": "", "action": "hide", "products": ["a"]}, "needs an id"),
        ({"id": "x", "action": "shout", "products": ["a"]}, "'shout' is not an action"),
        ({"id": "x", "action": "hide"}, "needs 'products', or a filter"),
        ({"id": "x", "action": "pin", "where": {"kind": "watch"}}, "needs 'products'"),
        ({"id": "x", "action": "hide", "where": {"price": {"near": 3}}}, "operator 'near'"),
        ({"id": "x", "action": "boost", "products": ["a"], "amount": -1}, "must be above 0"),
        ({"id": "x", "action": "boost", "products": ["a"], "amount": "lots"}, "must be a number"),
        ({"id": "x", "action": "pin", "products": ["a"], "position": 0}, "must be from 1"),
        ({"id": "x", "action": "synonym", "words": ["watch", "Watch"]}, "two different 'words'"),
        ({"id": "x", "action": "hide", "products": "a"}, "must be a list of ids"),
        ({"id": "x", "action": "hide", "products": ["a"], "starts": "soon"}, "dates like 2026-11-20"),
        (
            {"id": "x", "action": "hide", "products": ["a"], "starts": "2027-01-01", "ends": "2026-01-01"},
            "ends before",
        ),
        ({"id": "x", "action": "hide", "products": ["a"], "colour": "red"}, "'colour' is not a field"),
    ],
)
def test_a_rule_nobody_can_follow_is_refused_with_advice(
    shop: Shop, rule: dict[str, object], advice: str
) -> None:
    with pytest.raises(BadRule, match=advice):
        shop.put_rules([rules.rule_of(rule)])
    assert shop.rules == ()


def test_two_rules_of_one_id_are_refused(shop: Shop) -> None:
    with pytest.raises(BadRule, match="same id"):
        shop.put_rules([CONTRADICTING[0], CONTRADICTING[0]])


def test_rules_are_kept_as_they_were_given(shop: Shop) -> None:
    shop.put_rules(CONTRADICTING)
    assert shop.rules == CONTRADICTING


def test_a_preview_tells_which_past_searches_would_change_and_changes_nothing(shop: Shop) -> None:
    shop.record([Event("search", "ann", query="red watch"), Event("search", "bob", query="blue lamp")])
    tried = shop.preview([Rule("h", "hide", products=("red-watch-0",))])
    assert tried.replayed == 2
    (changed,) = tried.changed
    assert changed.query == "red watch"
    assert "red-watch-0" in changed.before
    assert "red-watch-0" not in changed.after
    assert shop.rules == ()
    assert shop.preview().changed == ()


def test_a_preview_takes_queries_of_its_own(shop: Shop) -> None:
    tried = shop.preview([Rule("h", "hide", products=("red-boot-0",))], queries=[Query(text="red boot")])
    assert [each.query for each in tried.changed] == ["red boot"]


def test_a_new_rule_names_only_facets_and_products_that_exist(shop: Shop) -> None:
    with pytest.raises(BadRule, match="Did you mean 'colour'"):
        shop.put_rules([Rule("sale", "boost", where={"color": "red"}, amount=2)])
    with pytest.raises(BadRule, match="there is no product 'red-lamp-99'"):
        shop.put_rules([Rule("top", "pin", products=("red-lamp-99",))])
    recalled = Rule("recall", "hide", products=("red-lamp-1",))
    shop.put_rules([recalled])
    shop.remove(["red-lamp-1"])
    shop.put_rules([recalled, Rule("top", "pin", products=("red-lamp-0",))])
    assert len(shop.rules) == 2
