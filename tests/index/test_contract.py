"""What every index answers, against the definition written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lookalike.errors import BadFilter, BadVector
from lookalike.index import Changes, Entry, Filter, Index, Probe
from lookalike.index.base import SlotLookup
from support.nearest import MakeIndex, entries, expected

WHERE: tuple[dict[str, Any], ...] = (
    {},
    {"colour": ["red"]},
    {"colour": ["red", "blue"], "size": "M"},
    {"price": {"lt": 20}},
    {"size": "L"},
)


@dataclass(frozen=True)
class Case:
    """A catalog and a question to it."""

    seed: int
    count: int
    weight: float
    where: dict[str, Any]
    k: int
    offset: int
    least: float | None
    grouped: bool


CASES = st.builds(
    Case,
    seed=st.integers(0, 10_000),
    count=st.integers(0, 60),
    weight=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    where=st.sampled_from(WHERE),
    k=st.integers(1, 20),
    offset=st.integers(0, 20),
    least=st.sampled_from([None, 0.0, 0.4]),
    grouped=st.booleans(),
)

# Enough for a server that takes a second for each.
CHOSEN = (
    Case(1, 60, 0.7, WHERE[0], 10, 0, None, True),
    Case(2, 60, 0.3, WHERE[2], 20, 0, None, False),
    Case(3, 45, 1.0, WHERE[3], 5, 4, 0.0, True),
    Case(4, 30, 0.0, WHERE[1], 20, 2, 0.4, True),
    Case(5, 60, 0.7, WHERE[4], 10, 0, None, True),
    Case(6, 0, 0.7, WHERE[0], 10, 0, None, True),
    Case(7, 1, 0.3, WHERE[0], 3, 20, None, False),
)

Step = tuple[str, list[int]]
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "remove"]), st.lists(st.integers(0, 15), max_size=8)),
    min_size=1,
    max_size=12,
)
CHOSEN_STEPS: tuple[list[Step], ...] = (
    [("put", [0, 1, 2, 3, 4]), ("remove", [1, 3, 9]), ("put", [3, 4, 4, 7])],
    [("put", [5]), ("remove", [5]), ("put", [5, 6]), ("put", []), ("remove", [])],
)


def check_answer(case: Case, index: Index) -> None:
    """Fill an empty index, ask it, and compare with the definition."""
    given_entries = entries(case.seed, case.count)
    index.apply(Changes(given_entries, [], 1))
    random = np.random.default_rng(case.seed + 1)
    look, read = random.standard_normal(6), random.standard_normal(4)
    probe = Probe(
        image=(look / np.linalg.norm(look)).astype(np.float32),
        text=(read / np.linalg.norm(read)).astype(np.float32),
        image_weight=case.weight,
        text_weight=1 - case.weight,
        where=Filter.parse(case.where),
        k=case.k,
        offset=case.offset,
        min_score=case.least,
        exclude=frozenset({"p001", "nobody"}),
        grouped=case.grouped,
        bonus={"p002": 0.5},
    )
    answer = index.search(probe)
    wanted = expected(given_entries, probe, case.where)
    assert [match.id for match in answer.matches] == [id for id, _ in wanted]
    assert [match.score for match in answer.matches] == pytest.approx(
        [score for _, score in wanted], abs=1e-5
    )
    photos = {entry.id: entry.photos for entry in given_entries}
    for match in answer.matches:
        parts = case.weight * (match.image or 0) + (1 - case.weight) * (match.text or 0) + match.bonus
        assert match.score == pytest.approx(parts, abs=1e-5)
        assert match.photo in (photos[match.id] or [None])


def check_following(steps: Sequence[Step], followed: Index, anew: Index) -> None:
    """Take one index through changes, fill another with what is left, and compare their answers."""
    pool, alive = entries(3, 16), dict[str, Entry]()
    for revision, (kind, numbers) in enumerate(steps, 1):
        chosen = [pool[number] for number in dict.fromkeys(numbers)]
        if kind == "put":
            alive |= {entry.id: entry for entry in chosen}
            followed.apply(Changes(chosen, [], revision))
        else:
            for entry in chosen:
                alive.pop(entry.id, None)
            followed.apply(Changes([], [entry.id for entry in chosen], revision))
    anew.apply(Changes(list(alive.values()), [], len(steps)))
    probe = Probe(image=np.ones(6, np.float32), k=50, grouped=False, count=("colour", "size"))
    one, other = followed.search(probe), anew.search(probe)
    assert [match.id for match in one.matches] == [match.id for match in other.matches]
    assert (one.total, one.counts, len(followed)) == (other.total, other.counts, len(alive))
    assert followed.revision == len(steps)


@settings(max_examples=150)
@given(case=CASES)
def test_an_answer_is_what_the_definition_says(make_index_here: MakeIndex, case: Case) -> None:
    check_answer(case, make_index_here(6, 4))


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_a_chosen_answer_is_what_the_definition_says(make_index: MakeIndex, case: Case) -> None:
    check_answer(case, make_index(6, 4))


@settings(max_examples=60)
@given(steps=STEPS)
def test_following_changes_ends_where_building_anew_ends(
    make_index_here: MakeIndex, steps: list[Step]
) -> None:
    check_following(steps, make_index_here(6, 4), make_index_here(6, 4))


@pytest.mark.parametrize("steps", CHOSEN_STEPS)
def test_following_chosen_changes_ends_where_building_anew_ends(
    make_index: MakeIndex, steps: list[Step]
) -> None:
    check_following(steps, make_index(6, 4), make_index(6, 4))


def test_an_empty_index_finds_nothing(make_index: MakeIndex) -> None:
    index = make_index(6, 4)
    answer = index.search(Probe(image=np.ones(6, np.float32), count=("colour",)))
    assert (answer.matches, answer.total, answer.counts["colour"], len(index)) == ((), 0, (), 0)
    assert (index.revision, index.facet_names(), index.should_reopen()) == (0, [], False)


def test_counts_of_a_facet_ignore_its_own_filter(make_index: MakeIndex) -> None:
    index = make_index(6, 4)
    index.apply(Changes(entries(1, 30), [], 1))
    probe = Probe(
        image=np.ones(6, np.float32),
        where=Filter.parse({"colour": "red", "size": "M"}),
        count=("colour", "size", "unknown"),
    )
    counts = index.search(probe).counts
    assert {each.value: each.count for each in counts["colour"]} == {"red": 5, "green": 5, "blue": 5}
    assert {each.value: each.count for each in counts["size"]} == {"S": 10, "M": 5}
    assert counts["unknown"] == ()


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"colour": "RED"}, {"a"}),
        ({"colour": {"ne": "red"}}, {"b", "c"}),
        ({"colour": {"exists": False}}, {"c"}),
        ({"year": 2012}, {"a"}),
        ({"year": "2012"}, {"a"}),
        ({"year": {"gte": 2012, "lte": 2013}}, {"a", "b"}),
        ({"price": {"gt": 5}}, {"b"}),
        ({"stock": {"exists": True}}, {"a"}),
        ({"nothing": {"nin": ["x"]}}, {"a", "b", "c"}),
        ({"nothing": "x"}, set()),
        ({"new": True}, {"b"}),
    ],
)
def test_every_kind_of_filter(make_index: MakeIndex, where: dict[str, Any], ids: set[str]) -> None:
    index = make_index(6, 4)
    index.apply(
        Changes(
            [
                Entry("a", facets={"colour": "Red", "year": 2012}, price=5, stock=1),
                Entry("b", facets={"colour": "blue", "year": 2013, "new": True}, price=6),
                Entry("c"),
            ],
            [],
            1,
        )
    )
    answer = index.search(Probe(image=np.ones(6, np.float32), where=Filter.parse(where)))
    assert ({match.id for match in answer.matches}, answer.total) == (ids, len(ids))


@pytest.mark.parametrize(
    "where",
    [
        {"price": {"below": 5}},
        {"price": {"lt": "cheap"}},
        {"price": {}},
        {"a": [["b"]]},
        {"a": {"exists": "yes"}},
    ],
)
def test_a_filter_nobody_can_evaluate_is_refused(where: dict[str, Any]) -> None:
    with pytest.raises(BadFilter):
        Filter.parse(where)


@pytest.mark.parametrize("row", [[np.nan, 0, 0], [np.inf, 0, 0], [1, 2]])
def test_a_vector_that_is_none_leaves_the_index_unchanged(make_index: MakeIndex, row: list[float]) -> None:
    index = make_index(3, 2)
    index.apply(Changes([Entry("a", photos=("x",), images=np.eye(3, dtype=np.float32)[:1])], [], 1))
    with pytest.raises(BadVector):
        index.apply(Changes([Entry("b", photos=("y",), images=np.array([row], np.float32))], [], 2))
    assert (len(index), index.revision) == (1, 1)
    assert [match.id for match in index.search(Probe(image=np.ones(3, np.float32))).matches] == ["a"]


class Worth:
    """Words that some products are worth something for."""

    def __init__(self, scores: dict[str, float], referred: set[str]) -> None:
        self.scores, self.referred = scores, referred

    def by_slot(self, lookup: SlotLookup) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        scores, refers = np.zeros(lookup.slots, np.float32), np.zeros(lookup.slots, np.bool_)
        scores[lookup.slots_of(list(self.scores))] = list(self.scores.values())
        refers[lookup.slots_of(list(self.referred))] = True
        return scores, refers


def test_words_count_as_much_as_they_weigh_and_totals_are_of_what_they_refer_to(
    make_index: MakeIndex,
) -> None:
    given = entries(3, 40)
    index = make_index(6, 4)
    index.apply(Changes(given, [], 1))
    worth = {"p003": 0.9, "p005": 0.7, "p008": 0.2}
    probe = Probe(
        image=np.ones(6, np.float32) / np.sqrt(6).astype(np.float32),
        image_weight=0.1,
        words=Worth(worth, {"p003", "p005"}),
        word_weight=5.0,
        k=6,
        grouped=False,
        count=("colour",),
    )
    answer = index.search(probe)
    assert [match.id for match in answer.matches[:3]] == ["p003", "p005", "p008"]
    assert [match.words for match in answer.matches[:3]] == pytest.approx([0.9, 0.7, 0.2])
    assert [match.refers for match in answer.matches[:3]] == [True, True, False]
    for match in answer.matches:
        assert match.score == pytest.approx(0.1 * (match.image or 0) + 5 * match.words, abs=1e-4)
    assert answer.total == 2
    assert sum(each.count for each in answer.counts["colour"]) == 2
