"""Two states of a catalog."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

import lookalike
from lookalike import Shop
from lookalike.analysis.evaluate.neighbour_diff import changed, read_tops, tops, write_tops
from lookalike.errors import BadFeed
from lookalike.recommend import rules
from support.samples import goods


def test_nothing_changes_between_a_state_and_itself(shop: Shop):
    state = tops(shop)
    found = changed(state, tops(shop))
    assert (found.same, found.compared, found.overlap) == (12, 12, 1.0)
    assert found.changes == ()


def test_another_weight_changes_the_neighbours(shop: Shop):
    found = changed(tops(shop, image_weight=1.0), tops(shop, image_weight=0.0))
    assert found.same < found.compared
    assert found.reordered + found.same + len(found.changes) == found.compared


def test_rules_are_tried_before_they_are_kept(tmp_path: Path):
    with lookalike.open(str(tmp_path / "shop.db"), recipe="pixels") as shop:
        shop.add(goods())
        state = tops(shop)
        hidden = next(iter(state))
        proposed = rules.loads(json.dumps([{"id": "away", "action": "hide", "products": [hidden]}]))
        found = changed(
            tops(shop, answer=partial(shop.answer_by, ())),
            tops(shop, answer=partial(shop.answer_by, proposed)),
        )
        assert shop.rules == ()
        assert tops(shop) == state
    assert found.changes
    assert all(hidden in each.left for each in found.changes if each.id != hidden)


def test_what_left_and_what_came_is_told_for_each_product():
    found = changed({"a": ["b", "c"], "gone": ["a"]}, {"a": ["c", "d"], "new": ["a"]})
    (only,) = found.changes
    assert (only.id, only.left, only.came, only.stayed) == ("a", ("b",), ("d",), 1)
    assert (found.gone, found.new, found.first_changed, found.overlap) == (("gone",), ("new",), 1, 0.5)


def test_a_state_is_kept_as_a_file(shop: Shop, tmp_path: Path):
    state = tops(shop)
    write_tops(state, tmp_path / "today.json")
    assert read_tops(tmp_path / "today.json") == state


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"a": 3}', "{"])
def test_a_file_that_holds_no_state_is_refused(tmp_path: Path, text: str):
    (tmp_path / "bad.json").write_text(text, "utf-8")
    with pytest.raises(BadFeed, match="holds no neighbours"):
        read_tops(tmp_path / "bad.json")
