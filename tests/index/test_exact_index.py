"""The exact index against the definition, written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.encoders.contract import SparseRow
from lookalike.errors import BadFilter, BadVector
from lookalike.index import Changes, Entry, ExactIndex, Filter, Probe

COLOURS = ("red", "green", "blue")


def entries(seed: int, count: int, image: int = 6, text: int = 4) -> list[Entry]:
    """Products with nothing, one or several photos, some in groups, some without words."""
    random = np.random.default_rng(seed)
    made: list[Entry] = []
    for number in range(count):
        photos = int(random.integers(0, 4))
        rows = random.standard_normal((photos, image)).astype(np.float32) if photos else None
        if rows is not None:
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        words = random.standard_normal(text).astype(np.float32)
        made.append(
            Entry(
                id=f"p{number:03}",
                group=f"g{number % 5}" if random.random() < 0.5 else "",
                facets={"colour": COLOURS[number % 3], "size": ("S", "M")[: 1 + number % 2]},
                price=float(number) if number % 4 else None,
                photos=tuple(f"p{number}-{photo}" for photo in range(photos)),
                images=rows,
                text=words / np.linalg.norm(words) if random.random() < 0.8 else None,
            )
        )
    return made


def passes(entry: Entry, where: dict[str, Any]) -> bool:
    """A filter, spelled out for three fields."""
    if "colour" in where and entry.facets["colour"] not in where["colour"]:
        return False
    if "size" in where and where["size"] not in entry.facets["size"]:  # pyright: ignore[reportOperatorIssue]
        return False
    if "price" in where:
        return entry.price is not None and entry.price < where["price"]["lt"]
    return True


def expected(given: list[Entry], probe: Probe, where: dict[str, Any]) -> list[tuple[str, float]]:
    """Every product's best photo by the weighted sum, best first, one of each group."""
    scored: list[tuple[float, str, str]] = []
    for entry in given:
        if entry.id in probe.exclude or not passes(entry, where):
            continue
        look = 0.0
        if entry.images is not None and probe.image is not None:
            look = float((entry.images @ probe.image).max())
        read = 0.0
        if entry.text is not None and probe.text is not None and not isinstance(entry.text, SparseRow):
            read = float(entry.text @ probe.text)  # pyright: ignore[reportOperatorIssue]
        score = probe.image_weight * look + probe.text_weight * read + probe.bonus.get(entry.id, 0.0)
        if probe.min_score is None or score >= probe.min_score:
            scored.append((-score, entry.id, entry.group if probe.grouped else ""))
    found: list[tuple[str, float]] = []
    seen: set[str] = set()
    for negative, id, group in sorted(scored):
        if not group or group not in seen:
            seen.add(group)
            found.append((id, -negative))
    return found[probe.offset : probe.offset + probe.k]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(0, 60),
    weight=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    where=st.sampled_from(
        [
            {},
            {"colour": ["red"]},
            {"colour": ["red", "blue"], "size": "M"},
            {"price": {"lt": 20}},
            {"size": "L"},
        ]
    ),
    k=st.integers(1, 20),
    offset=st.integers(0, 20),
    least=st.sampled_from([None, 0.0, 0.4]),
    grouped=st.booleans(),
)
def test_an_answer_is_what_the_definition_says(
    seed: int,
    count: int,
    weight: float,
    where: dict[str, Any],
    k: int,
    offset: int,
    least: float | None,
    grouped: bool,
) -> None:
    given_entries = entries(seed, count)
    index = ExactIndex(6, 4)
    index.apply(Changes(given_entries, [], 1))
    random = np.random.default_rng(seed + 1)
    probe = Probe(
        image=random.standard_normal(6).astype(np.float32),
        text=random.standard_normal(4).astype(np.float32),
        image_weight=weight,
        text_weight=1 - weight,
        where=Filter.parse(where),
        k=k,
        offset=offset,
        min_score=least,
        exclude=frozenset({"p001", "nobody"}),
        grouped=grouped,
        bonus={"p002": 0.5},
    )
    answer = index.search(probe)
    wanted = expected(given_entries, probe, where)
    assert [match.id for match in answer.matches] == [id for id, _ in wanted]
    assert [match.score for match in answer.matches] == pytest.approx(
        [score for _, score in wanted], abs=1e-5
    )
    for match in answer.matches:
        parts = weight * (match.image or 0) + (1 - weight) * (match.text or 0) + match.bonus
        assert match.score == pytest.approx(parts, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "remove"]), st.lists(st.integers(0, 15), max_size=8)),
        min_size=1,
        max_size=12,
    )
)
def test_following_changes_ends_where_building_anew_ends(steps: list[tuple[str, list[int]]]) -> None:
    pool = entries(3, 16)
    followed, alive = ExactIndex(6, 4), dict[str, Entry]()
    for revision, (kind, numbers) in enumerate(steps, 1):
        chosen = [pool[number] for number in dict.fromkeys(numbers)]
        if kind == "put":
            alive |= {entry.id: entry for entry in chosen}
            followed.apply(Changes(chosen, [], revision))
        else:
            for entry in chosen:
                alive.pop(entry.id, None)
            followed.apply(Changes([], [entry.id for entry in chosen], revision))
    anew = ExactIndex(6, 4)
    anew.apply(Changes(list(alive.values()), [], len(steps)))
    probe = Probe(image=np.ones(6, np.float32), k=50, grouped=False, count=("colour", "size"))
    one, other = followed.search(probe), anew.search(probe)
    assert [match.id for match in one.matches] == [match.id for match in other.matches]
    assert (one.total, one.counts, len(followed)) == (other.total, other.counts, len(alive))


def test_counts_of_a_facet_ignore_its_own_filter() -> None:
    index = ExactIndex(6, 4)
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
def test_every_kind_of_filter(where: dict[str, Any], ids: set[str]) -> None:
    index = ExactIndex(0, 0)
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
    answer = index.search(Probe(where=Filter.parse(where)))
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
def test_a_vector_that_is_none_leaves_the_index_unchanged(row: list[float]) -> None:
    index = ExactIndex(3, 0)
    index.apply(Changes([Entry("a", photos=("x",), images=np.eye(3, dtype=np.float32)[:1])], [], 1))
    with pytest.raises(BadVector):
        index.apply(Changes([Entry("b", photos=("y",), images=np.array([row], np.float32))], [], 2))
    assert (len(index), index.revision) == (1, 1)
    assert [match.id for match in index.search(Probe(image=np.ones(3, np.float32))).matches] == ["a"]


def test_distance_orders_a_euclidean_index() -> None:
    rows = np.array([[0, 0], [3, 4], [1, 0]], np.float32)
    index = ExactIndex(2, 0, "euclidean")
    index.apply(Changes([Entry(f"{n}", photos=("x",), images=rows[n : n + 1]) for n in range(3)], [], 1))
    answer = index.search(Probe(image=np.array([1, 1], np.float32)))
    assert [(match.id, round(match.score, 4)) for match in answer.matches] == [
        ("2", -1),
        ("0", -2),
        ("1", -13),
    ]


def test_words_in_a_euclidean_index_count_by_their_distance() -> None:
    def row(**words: float) -> SparseRow:
        columns = np.array([ord(word) - ord("a") for word in words], np.int32)
        return SparseRow(columns, np.array(list(words.values()), np.float32), 26)

    index = ExactIndex(2, 0, "euclidean")
    photo = np.array([[1, 0]], np.float32)
    index.apply(
        Changes(
            [
                Entry("x", photos=("p",), images=photo, text=row(a=0.6, c=0.8)),
                Entry("z", photos=("p",), images=photo),
            ],
            [],
            1,
        )
    )
    probe = Probe(image=np.array([0, 1], np.float32), text=row(a=1.0), image_weight=0.75, text_weight=0.25)
    found = {match.id: match for match in index.search(probe).matches}
    assert (found["x"].image, found["x"].text) == pytest.approx((-2, -(0.4**2 + 0.8**2)))
    assert found["x"].score == pytest.approx(0.75 * -2 + 0.25 * -0.8)
    assert found["z"].score == pytest.approx(0.75 * -2 + 0.25 * -1)


def test_sparse_words_score_by_what_they_share() -> None:
    def row(**words: float) -> SparseRow:
        columns = np.array([ord(word) - ord("a") for word in words], np.int32)
        return SparseRow(columns, np.array(list(words.values()), np.float32), 26)

    index = ExactIndex(0, 0)
    index.apply(Changes([Entry("x", text=row(a=0.6, c=0.8)), Entry("y", text=row(b=1.0)), Entry("z")], [], 1))
    answer = index.search(Probe(text=row(a=1.0, z=0.5), image_weight=0, text_weight=1, min_score=0.01))
    assert [(match.id, round(match.text or 0, 4)) for match in answer.matches] == [("x", 0.6)]
