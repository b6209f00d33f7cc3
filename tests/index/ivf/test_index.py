"""The approximate index: what lies in cells is found as by the exact one, and files are never trusted."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.index import Answer, ApproximateIndex, Changes, Entry, ExactIndex, Filter, Index, Probe, Space
from lookalike.vectors.sparse import SparseRow
from support.nearest import IMAGE, TEXT, clustered, entries, unit

pytest.importorskip("faiss")

COUNT = 3000
SPACE = Space("shop", "made", IMAGE, TEXT)


def probe_like(entry: Entry, weight: float, **more: Any) -> Probe:
    """A search for what is near one product."""
    assert entry.images is not None
    text = entry.text if isinstance(entry.text, np.ndarray) else None
    return Probe(
        image=entry.images[0],
        text=text,
        image_weight=weight,
        text_weight=1 - weight if text is not None else 0.0,
        **more,
    )


def sealed(space: Space, products: list[Entry], revision: int = 1) -> ApproximateIndex:
    """An index whose products lie in cells."""
    first = ApproximateIndex(space, begins_at=1)
    first.apply(Changes(products, [], revision))
    first.settle()
    assert first.should_reopen()
    first.close()
    return ApproximateIndex(space, begins_at=1)


def agreement(one: Answer, other: Answer) -> float:
    """The share of the hits of one that the other has too."""
    wanted = {match.id for match in one.matches}
    return len(wanted & {match.id for match in other.matches}) / len(wanted) if wanted else 1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealed")


@pytest.fixture(scope="module")
def both(folder: Path) -> Iterator[tuple[ApproximateIndex, ExactIndex]]:
    """The same products by cells and exactly."""
    products = clustered(COUNT)
    exact = ExactIndex(IMAGE, TEXT)
    exact.apply(Changes(products, [], 1))
    with ExitStack() as closing:
        index = sealed(replace(SPACE, folder=folder), products)
        closing.callback(index.close)
        yield index, exact


@pytest.mark.parametrize("weight", [1.0, 0.7, 0.4, 0.0])
@pytest.mark.parametrize(
    "where",
    [{}, {"tenth": ["t1", "t2", "t3", "t4", "t5"]}, {"tenth": "t4"}, {"family": "f7"}, {"price": {"lt": 1}}],
    ids=str,
)
def test_nearly_all_of_the_nearest_are_found_at_any_weight_and_under_any_filter(
    both: tuple[ApproximateIndex, ExactIndex], weight: float, where: dict[str, Any]
) -> None:
    index, exact = both
    shares: list[float] = []
    # Where neither look nor words weigh anything, all products are equally near.
    for entry in (entry for entry in clustered(60, seed=5) if weight or entry.text is not None):
        probe = probe_like(entry, weight, where=Filter.parse(where), k=10, count=("family", "sizes"))
        one, other = exact.search(probe), index.search(probe)
        shares.append(agreement(one, other))
        assert (one.total, one.counts, len(one.matches)) == (other.total, other.counts, len(other.matches))
        told = {match.id: match for match in one.matches}
        for match in other.matches:
            if match.id in told:
                same = told[match.id]
                assert match.photo == same.photo
                assert (match.score, match.image or 0, match.text or 0) == pytest.approx(
                    (same.score, same.image or 0, same.text or 0), abs=1e-3
                )
    assert np.mean(shares) >= 0.98


def test_the_recall_that_is_told_is_what_was_promised(both: tuple[ApproximateIndex, ExactIndex]) -> None:
    facts = both[0].facts()
    assert both[0].kind == "approximate"
    assert (facts.rows, facts.kept) == (COUNT * 11 // 10, COUNT * 11 // 10)
    assert facts.recall is not None
    assert facts.recall >= 0.99


def test_words_that_also_stand_for_a_look_find_what_they_should(
    both: tuple[ApproximateIndex, ExactIndex],
) -> None:
    index, exact = both
    shares: list[float] = []
    for entry in clustered(60, seed=6):
        if isinstance(entry.text, np.ndarray):
            probe = Probe(entry.text, entry.text, 0.5, 0.5)
            shares.append(agreement(exact.search(probe), index.search(probe)))
    assert np.mean(shares) >= 0.98


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("least", [None, 0.2, 5.0])
def test_pages_groups_and_least_scores_are_those_of_the_exact_index(
    both: tuple[ApproximateIndex, ExactIndex], grouped: bool, least: float | None
) -> None:
    index, exact = both
    probe = probe_like(clustered(1, seed=7)[0], 0.6, k=40, offset=30, grouped=grouped, min_score=least)
    one, other = exact.search(probe), index.search(probe)
    assert agreement(one, other) >= 0.95
    assert other.total == pytest.approx(one.total, abs=2)
    assert len(one.matches) == len(other.matches)


def test_a_bonus_lifts_what_no_cell_nearby_holds(both: tuple[ApproximateIndex, ExactIndex]) -> None:
    index, exact = both
    probe = probe_like(clustered(1, seed=8)[0], 0.6, k=12, bonus={f"0-{n}": 3.0 for n in range(0, 3000, 700)})
    one, other = exact.search(probe), index.search(probe)
    assert [match.id for match in one.matches[:5]] == [match.id for match in other.matches[:5]]
    assert [match.bonus for match in other.matches[:6]] == [3.0] * 5 + [0.0]


def test_the_last_page_is_the_end_of_everything(both: tuple[ApproximateIndex, ExactIndex]) -> None:
    index, exact = both
    where = Filter.parse({"tenth": "t3"})
    probe = probe_like(clustered(1, seed=9)[0], 0.6, k=1000, where=where, grouped=False)
    one, other = exact.search(probe), index.search(probe)
    assert agreement(one, other) == 1.0


def test_what_changes_later_is_seen_and_what_is_removed_is_not(tmp_path: Path) -> None:
    products = clustered(2000)
    index = sealed(replace(SPACE, folder=tmp_path), products)
    exact = ExactIndex(IMAGE, TEXT)
    fresh = clustered(30, seed=3)
    moved = [
        replace(entry, id=f"0-{number}", price=1000.0) for number, entry in enumerate(clustered(20, seed=4))
    ]
    gone = [f"0-{number}" for number in range(100, 140)]
    exact.apply(Changes(products, [], 1))
    for revision, step in enumerate([Changes(fresh, gone, 2), Changes(moved, [fresh[0].id], 3)], 2):
        for each in (index, exact):
            each.apply(replace(step, revision=revision))
    for entry in (*fresh[:10], *moved[:10]):
        probe = probe_like(entry, 0.5, k=10, count=("tenth",))
        one, other = exact.search(probe), index.search(probe)
        assert agreement(one, other) >= 0.9
        assert (one.total, one.counts, one.revision) == (other.total, other.counts, other.revision)
        assert not {match.id for match in other.matches} & {*gone, fresh[0].id}
    assert (len(index), index.revision) == (len(exact), 3)
    index.close()


@settings(max_examples=15)
@given(
    steps=st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(0, 39), max_size=10, unique=True)), max_size=5
    ),
    seals=st.integers(0, 5),
)
def test_sealing_at_any_moment_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, list[int]]], seals: int
) -> None:
    pool = entries(3, 40, IMAGE, TEXT)
    space = replace(SPACE, folder=tmp_path_factory.mktemp("sealing"))
    exact, index = ExactIndex(IMAGE, TEXT), sealed(space, pool[:30])
    exact.apply(Changes(pool[:30], [], 1))
    past: list[Changes] = []
    for number, (puts, chosen) in enumerate(steps, 1):
        touched = [pool[place] for place in chosen]
        changes = Changes(touched if puts else [], [] if puts else [each.id for each in touched], number + 1)
        past.append(changes)
        exact.apply(changes)
        index.apply(changes)
        if number == seals:
            index.settle()
            index = ApproximateIndex(space, begins_at=1)
            for missed in past:
                if missed.revision > index.revision:
                    index.apply(missed)
    assert len(index) == len(exact)
    for grouped in (True, False):
        probe = Probe(unit(np.ones((1, IMAGE)))[0], k=50, grouped=grouped, count=("colour", "size"))
        one, other = exact.search(probe), index.search(probe)
        assert (one.total, one.counts) == (other.total, other.counts)
        assert {match.id for match in one.matches} == {match.id for match in other.matches}
    index.close()


def test_of_several_that_would_seal_one_does_and_all_open_it(tmp_path: Path) -> None:
    products = clustered(500)
    several = [ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1) for _ in range(3)]
    for revision, index in enumerate(several, 5):
        index.apply(Changes(products, [], revision))
        index.settle()
        assert index.should_reopen()
    again = ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1)
    assert (again.kind, again.revision, len(again)) == ("approximate", 5, 500)


def test_a_page_is_filled_though_one_group_holds_all_that_is_near(tmp_path: Path) -> None:
    near, others = clustered(1, seed=12)[0], clustered(1500)
    crowd = [replace(near, id=f"variant-{number}", group="one") for number in range(500)]
    exact, index = ExactIndex(IMAGE, TEXT), sealed(replace(SPACE, folder=tmp_path), [*crowd, *others])
    exact.apply(Changes([*crowd, *others], [], 1))
    probe = probe_like(near, 0.6, k=10)
    one, other = exact.search(probe), index.search(probe)
    assert len(other.matches) == 10
    assert [match.id for match in one.matches[1:]] == [match.id for match in other.matches[1:]]


def test_what_is_held_back_by_a_bonus_below_zero_does_not_come_back_without_it(
    both: tuple[ApproximateIndex, ExactIndex],
) -> None:
    index, exact = both
    probe = probe_like(clustered(1, seed=13)[0], 0.6)
    held = replace(probe, bonus={match.id: -2.0 for match in exact.search(probe).matches[:5]})
    one, other = exact.search(held), index.search(held)
    assert [match.id for match in one.matches] == [match.id for match in other.matches]


def test_a_filter_that_leaves_only_what_is_far_finds_the_nearest_of_that(
    both: tuple[ApproximateIndex, ExactIndex],
) -> None:
    index, exact = both
    shares: list[float] = []
    for entry in clustered(60, seed=14):
        own = int(str(entry.facets["family"])[1:])
        elsewhere = [f"f{(own + step) % 60}" for step in range(20, 37)]
        probe = probe_like(entry, 0.6, k=3, where=Filter.parse({"family": elsewhere}))
        shares.append(agreement(exact.search(probe), index.search(probe)))
    assert np.mean(shares) >= 0.98


def test_other_processes_open_what_one_has_sealed(
    both: tuple[ApproximateIndex, ExactIndex], folder: Path
) -> None:
    again = ApproximateIndex(replace(SPACE, folder=folder), begins_at=1)
    assert (again.kind, again.revision, len(again)) == ("approximate", 1, COUNT)
    probe = probe_like(clustered(1, seed=11)[0], 0.5)
    assert again.search(probe) == both[0].search(probe)


@pytest.mark.parametrize(
    "other", [{"catalog": "another"}, {"made": "another"}, {"image_dim": 12, "text_dim": 36}]
)
def test_files_of_another_space_are_not_opened(
    both: tuple[ApproximateIndex, ExactIndex], folder: Path, other: dict[str, Any]
) -> None:
    index = ApproximateIndex(replace(SPACE, folder=folder, **other), begins_at=1)
    assert (index.kind, index.revision, len(index)) == ("exact", 0, 0)


def files(folder: Path) -> list[Path]:
    state = folder / (folder / "current").read_text("utf-8").split()[0]
    return sorted(path for path in state.iterdir())


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_no_damaged_file_is_trusted(
    both: tuple[ApproximateIndex, ExactIndex], folder: Path, tmp_path: Path, harm: str
) -> None:
    for number in range(len(files(folder))):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        path = files(copy)[number]
        data = bytearray(path.read_bytes())
        if harm == "flip":
            data[len(data) // 2] ^= 0x10
            path.write_bytes(data)
        elif harm == "cut":
            path.write_bytes(data[: len(data) // 2])
        else:
            path.unlink()
        index = ApproximateIndex(replace(SPACE, folder=copy), begins_at=1)
        assert (index.kind, index.revision) == ("exact", 0), path.name


def test_what_was_damaged_is_made_anew(tmp_path: Path) -> None:
    products = clustered(300)
    sealed(replace(SPACE, folder=tmp_path), products).close()
    files(tmp_path)[1].write_bytes(b"")
    index = ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1)
    index.apply(Changes(products, [], 1))
    index.settle()
    assert ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1).kind == "approximate"


def test_a_file_of_another_format_is_made_anew(tmp_path: Path) -> None:
    sealed(replace(SPACE, folder=tmp_path), clustered(300)).close()
    path = next(path for path in files(tmp_path) if path.name == "about.json")
    about = json.loads(path.read_text("utf-8"))
    written = json.dumps(about | {"format": 0})
    path.write_text(written, "utf-8")
    (tmp_path / "current").write_text(f"{path.parent.name} {zlib.crc32(written.encode())}", "utf-8")
    assert ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1).kind == "exact"


def test_a_folder_that_cannot_be_written_leaves_an_exact_index_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    index = ApproximateIndex(replace(SPACE, folder=tmp_path / "file" / "index"), begins_at=1)
    index.apply(Changes(clustered(200), [], 1))
    index.settle()
    assert (index.kind, index.should_reopen()) == ("exact", False)
    assert "could not be written" in index.facts().note
    assert len(index.search(probe_like(clustered(1, seed=2)[0], 0.5)).matches) == 10


def words(index: Index) -> None:
    row = SparseRow(np.array([1, 2], np.int32), np.array([0.6, 0.8], np.float32), 5)
    index.apply(Changes([Entry(f"{number}", text=row) for number in range(20)], [], 1))


@pytest.mark.parametrize(
    ("space", "note"),
    [
        (Space("shop", "made", 4, 0, "euclidean", Path("nowhere")), "distances are searched exactly"),
        (Space("shop", "made", 4, 0), "no folder"),
    ],
)
def test_what_cannot_lie_in_cells_is_searched_exactly_and_said(space: Space, note: str) -> None:
    index = ApproximateIndex(space, begins_at=1)
    index.apply(Changes([Entry("a", photos=("x",), images=np.eye(4, dtype=np.float32)[:1])], [], 1))
    index.settle()
    assert (index.kind, note in index.facts().note) == ("exact", True)


def test_counted_words_are_searched_exactly_and_said(tmp_path: Path) -> None:
    index = ApproximateIndex(Space("shop", "made", 0, 0, folder=tmp_path), begins_at=1)
    words(index)
    assert (index.kind, "TF-IDF" in index.facts().note) == ("exact", True)


def test_closing_does_not_wait_for_what_is_not_ready(tmp_path: Path) -> None:
    index = ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1)
    index.apply(Changes(clustered(2000), [], 1))
    index.close()
    assert ApproximateIndex(replace(SPACE, folder=tmp_path), begins_at=1).kind in {"exact", "approximate"}
