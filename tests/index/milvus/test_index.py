"""Milvus beside the exact index, with several processes at one collection, and when its server is gone."""

from __future__ import annotations

import re
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.errors import IndexUnavailable, UsageError
from lookalike.index import Changes, Entry, ExactIndex, Filter, Index, Probe, Space
from lookalike.index.milvus.audit import Audit, Auditor
from lookalike.index.milvus.client import MilvusAddress
from lookalike.index.milvus.index import FEW_FETCHED, MilvusIndex
from lookalike.index.milvus.rows import in_parts, item_of
from lookalike.vectors.sparse import SparseRow
from support import milvus_server, servers
from support.nearest import entries

pytest.importorskip("pymilvus")

IMAGE, TEXT = 24, 8
ODD_NAME, ODD_VALUE = 'weird "name" \\ [0]', 'it\'s 100% "größe" \\ /日本'
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"colour": ["Red", "blue"]},
    {"colour": {"ne": "red"}},
    {"colour": {"exists": False}},
    {"colour": {"exists": True}, "price": {"gte": 100, "lt": 900.5}},
    {"size": "m"},
    {"size": {"nin": ["S"]}},
    {"nothing": {"nin": ["x"]}, "stock": {"gt": 3}},
    {"price": {"lt": 5}},
    {"year": "2012"},
    {ODD_NAME: ODD_VALUE},
    {ODD_NAME: {"ne": ODD_VALUE}},
    {"new": True},
    {"colour": {"nin": []}},
)


def fresh_space(image: int = IMAGE, text: int = TEXT, metric: str = "cosine") -> Space:
    return Space(uuid.uuid4().hex, "made", image, text, metric)  # pyright: ignore[reportArgumentType]


def crowd(count: int) -> list[Entry]:
    """Products around some centers, with facts of every kind."""
    random = np.random.default_rng(7)
    centres = random.standard_normal((40, IMAGE + TEXT))
    made: list[Entry] = []
    for number in range(count):
        photos = 1 + number % 7 // 6
        rows = centres[number % 40] + 0.5 * random.standard_normal((photos, IMAGE + TEXT))
        images = (rows[:, :IMAGE] / np.linalg.norm(rows[:, :IMAGE], axis=1, keepdims=True)).astype(np.float32)
        text = (rows[0, IMAGE:] / np.linalg.norm(rows[0, IMAGE:])).astype(np.float32)
        facets: dict[str, Any] = {"size": ("S", "M", "L")[: 1 + number % 3], "year": 2010 + number % 5}
        if number % 4:
            facets["colour"] = ("Red", "green", "blue")[number % 3]
        if number % 10 == 1:
            facets |= {ODD_NAME: ODD_VALUE, "new": number % 20 == 1}
        if number % 300 == 5:
            facets |= {f"fact {fact}": "word " * 15 for fact in range(200)}
        made.append(
            Entry(
                id=f'p"{number}',
                group=f"g{number}" if number % 11 == 0 else "",
                facets=facets,
                price=None if number % 5 == 0 else float(number),
                stock=number % 9,
                photos=tuple(f"{number}-{photo}" for photo in range(photos)),
                images=images,
                text=text,
            )
        )
    return made


CROWD = crowd(4 * FEW_FETCHED)


def questions(count: int) -> Iterator[Probe]:
    """Searches near the crowd, with every kind of limit."""
    random = np.random.default_rng(8)
    for number in range(count):
        like = CROWD[int(random.integers(len(CROWD)))]
        assert like.images is not None
        look = like.images[0] + 0.1 * random.standard_normal(IMAGE)
        yield Probe(
            image=(look / np.linalg.norm(look)).astype(np.float32),
            text=like.text,
            image_weight=0.6,
            text_weight=0.4,
            where=Filter.parse(ASKED[number % len(ASKED)]),
            k=12,
            offset=(0, 0, 7)[number % 3],
            min_score=(None, 0.3)[number % 2],
            exclude=frozenset({like.id}) if number % 4 == 0 else frozenset(),
            bonus={each.id: 0.1 for each in CROWD[::97]} if number % 5 == 0 else {},
            count=("colour", "size"),
        )


@pytest.fixture(scope="module", params=["lite", "server"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "lite":
        pytest.importorskip("milvus_lite")
        return str(tmp_path_factory.mktemp("lite") / "rows.milvus")
    return request.getfixturevalue("milvus_url")


@pytest.fixture
def opened(url: str) -> Iterator[MilvusIndex]:
    with closing(MilvusIndex.open(url, fresh_space())) as index:
        yield index


def ids(index: Index, k: int = 50) -> list[str]:
    probe = Probe(image=np.ones(index_dim(index), np.float32), k=k, grouped=False)
    return [match.id for match in index.search(probe).matches]


def index_dim(index: Index) -> int:
    assert isinstance(index, MilvusIndex)
    return index.space.image_dim


def audit(index: MilvusIndex, *given: Changes) -> Audit:
    auditor = Auditor(index.space)
    for changes in given:
        auditor.apply(changes)
    return auditor.compare(index.collection.rows())


def test_it_answers_what_the_exact_index_answers(opened: MilvusIndex) -> None:
    exact = ExactIndex(IMAGE, TEXT)
    for index in (exact, opened):
        index.apply(Changes(CROWD, [], 1))
    same = asked = 0
    for probe in questions(2 * len(ASKED)):
        one, other = exact.search(probe), opened.search(probe)
        assert (one.counts, one.revision) == (other.counts, other.revision)
        assert one.total == other.total
        same += len({match.id for match in one.matches} & {match.id for match in other.matches})
        asked += len(one.matches)
        known = {match.id: match for match in one.matches}
        for match in other.matches:
            if match.id in known:
                assert match.score == pytest.approx(known[match.id].score, abs=1e-5)
                assert (match.image, match.text) == pytest.approx(
                    (known[match.id].image, known[match.id].text), abs=1e-5
                )
                assert (match.bonus, match.photo) == (known[match.id].bonus, known[match.id].photo)
    assert same >= 0.99 * asked


def test_a_page_far_down_is_the_exact_one(opened: MilvusIndex) -> None:
    exact = ExactIndex(IMAGE, TEXT)
    for index in (exact, opened):
        index.apply(Changes(CROWD, [], 1))
    probe = Probe(image=CROWD[0].images[0], k=20, offset=1200)  # pyright: ignore[reportOptionalSubscript]
    one, other = exact.search(probe), opened.search(probe)
    assert [match.id for match in one.matches] == [match.id for match in other.matches]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_counted_words_are_weighed_with_the_look(url: str, metric: str) -> None:
    random = np.random.default_rng(5)

    def words() -> SparseRow:
        columns = np.sort(random.choice(40, 3, replace=False)).astype(np.int32)
        values = random.random(3).astype(np.float32)
        return SparseRow(columns, (values / np.linalg.norm(values)).astype(np.float32), 40)

    given = [
        Entry(each.id, photos=each.photos, images=each.images, text=words() if number % 3 else None)
        for number, each in enumerate(entries(4, 120))
    ]
    with closing(MilvusIndex.open(url, fresh_space(6, 0, metric))) as index:
        exact = ExactIndex(6, 0, metric)  # pyright: ignore[reportArgumentType]
        for each in (exact, index):
            each.apply(Changes(given, [], 1))
        for weight in (0.0, 0.5, 0.9, 1.0):
            look = random.standard_normal(6).astype(np.float32)
            probe = Probe(look, words(), weight, 1 - weight, k=15, bonus={"p007": 0.4}, min_score=-1.5)
            one, other = exact.search(probe), index.search(probe)
            assert [match.score for match in other.matches] == pytest.approx(
                [match.score for match in one.matches], abs=1e-5
            )
            assert one.total == other.total


def test_two_dense_parts_in_a_euclidean_index_count_by_their_distance(url: str) -> None:
    with closing(MilvusIndex.open(url, fresh_space(6, 4, "euclidean"))) as index:
        exact = ExactIndex(6, 4, "euclidean")
        for each in (exact, index):
            each.apply(Changes(entries(9, 80), [], 1))
        probe = Probe(np.ones(6, np.float32), np.ones(4, np.float32), 0.3, 0.7, k=30)
        one, other = exact.search(probe), index.search(probe)
        assert [match.id for match in one.matches] == [match.id for match in other.matches]
        assert [match.score for match in other.matches] == pytest.approx(
            [match.score for match in one.matches], abs=1e-4
        )


def test_a_second_process_finds_what_the_first_wrote_and_writes_nothing_again(
    url: str, opened: MilvusIndex
) -> None:
    first = Changes(CROWD[:50], [], 3)
    opened.apply(first)
    with closing(MilvusIndex.open(url, opened.space)) as second:
        assert second.revision == 0
        second.apply(first)
        assert (second.revision, len(second)) == (3, 50)
        assert ids(second) == ids(opened)
        assert len({row["revision"] for row in second.collection.rows()}) == 1


def test_the_same_change_twice_is_harmless_and_the_mark_only_grows(url: str, opened: MilvusIndex) -> None:
    changes = Changes(CROWD[:20], [], 5)
    opened.apply(changes)
    opened.apply(changes)
    with closing(MilvusIndex.open(url, opened.space)) as late:
        late.apply(Changes(CROWD[:10], [], 4))
        assert opened.collection.revision() == 5
        late.apply(changes)
    assert opened.collection.revision() == 5
    assert audit(opened, changes).agrees


def test_what_changes_and_goes_leaves_no_rows_behind(opened: MilvusIndex) -> None:
    many = Entry("a", photos=("x", "y", "z"), images=np.eye(3, IMAGE, dtype=np.float32))
    one = Entry("a", photos=("y",), images=np.eye(1, IMAGE, dtype=np.float32))
    for changes in (
        Changes([many, *CROWD[:3]], [], 1),
        Changes([one], [], 2),
        Changes([], [CROWD[0].id, "nobody"], 3),
    ):
        opened.apply(changes)
    assert audit(opened, Changes([one, *CROWD[1:3]], [], 3)) == Audit(3, 3, 0, 0, 0)


def test_an_audit_counts_what_is_missing_too_many_and_otherwise(opened: MilvusIndex) -> None:
    opened.apply(Changes(CROWD[:6], [], 1))
    other = Entry(CROWD[1].id, photos=CROWD[1].photos, images=CROWD[1].images, price=1.0)
    truth = Changes([other, *CROWD[2:6], *CROWD[7:9]], [], 1)
    assert audit(opened, truth) == Audit(1, 7, missing=2, extra=1, different=1)


def test_another_collection_takes_the_place_while_two_processes_search(url: str, opened: MilvusIndex) -> None:
    opened.apply(Changes(CROWD[:30], [], 1))
    with closing(MilvusIndex.open(url, opened.space)) as other:
        other.apply(Changes(CROWD[:30], [], 1))
        before = ids(other)
        anew = opened.beside()
        anew.apply(Changes(CROWD[:30], [], 1))
        anew.take_place()
        assert ids(other) == before
        # A change that the new collection has not seen brings the follower back to where that one is.
        other.apply(Changes(CROWD[30:31], [], 2))
        assert (other.revision, len(other)) == (2, 31)
        assert ids(other, 60) == ids_of_both(before, CROWD[30].id, other)


def ids_of_both(before: list[str], added: str, index: Index) -> list[str]:
    found = ids(index, 60)
    assert sorted(found) == sorted([*before, added])
    return found


def test_a_collection_that_was_set_back_is_filled_from_there(url: str, opened: MilvusIndex) -> None:
    opened.apply(Changes(CROWD[:10], [], 4))
    stale = opened.beside()
    stale.apply(Changes(CROWD[:5], [], 2))
    stale.take_place()
    opened.apply(Changes(CROWD[10:12], [], 5))
    assert opened.revision == 2
    opened.apply(Changes(CROWD[5:12], [], 5))
    assert opened.revision == 5
    assert audit(opened, Changes(CROWD[:12], [], 5)).agrees


def test_a_change_that_comes_in_pieces_is_written_whole(opened: MilvusIndex) -> None:
    for changes in (Changes(CROWD[:10], [], 0), Changes(CROWD[10:20], [], 0), Changes(CROWD[20:25], [], 3)):
        opened.apply(changes)
    assert opened.revision == 3
    assert audit(opened, Changes(CROWD[:25], [], 3)) == Audit(3, 28, 0, 0, 0)


def test_what_others_have_written_is_passed_over_and_the_rest_written_from_there(
    url: str, opened: MilvusIndex
) -> None:
    opened.apply(Changes(CROWD[:20], [], 3))
    with closing(MilvusIndex.open(url, opened.space)) as late:
        late.apply(Changes(CROWD[:15], [], 0))
        late.apply(Changes(CROWD[15:22], [], 5))
        assert (late.revision, late.collection.revision(), len(late)) == (3, 3, 22)
        late.apply(Changes(CROWD[20:22], [], 5))
        assert (late.revision, late.collection.revision(), len(late)) == (5, 5, 22)
        revisions = [row["revision"] for row in late.collection.rows()]
        assert sorted(set(revisions)) == [3, 5]
    assert audit(opened, Changes(CROWD[:22], [], 5)).agrees


def test_a_collection_that_is_set_back_between_two_pieces_is_filled_from_there(opened: MilvusIndex) -> None:
    opened.apply(Changes(CROWD[:10], [], 4))
    stale = opened.beside()
    stale.apply(Changes(CROWD[:5], [], 2))
    opened.apply(Changes(CROWD[10:11], [], 4))
    stale.take_place()
    opened.apply(Changes(CROWD[11:12], [], 4))
    opened.apply(Changes(CROWD[12:13], [], 5))
    assert (opened.revision, opened.collection.revision()) == (2, 2)
    opened.apply(Changes(CROWD[5:13], [], 5))
    assert opened.revision == 5
    assert audit(opened, Changes(CROWD[:13], [], 5)).agrees


def test_a_collection_of_other_vectors_is_not_searched(url: str, opened: MilvusIndex) -> None:
    with pytest.raises(IndexUnavailable, match="belongs to another recipe"):
        MilvusIndex.open(url, Space(opened.space.catalog, "made", IMAGE + 1, TEXT))


def test_a_collection_that_is_dropped_says_so_and_is_begun_again(url: str, opened: MilvusIndex) -> None:
    opened.apply(Changes(CROWD[:5], [], 1))
    opened.collection.drop_all()
    with pytest.raises(IndexUnavailable, match="no longer has the catalog's collection"):
        ids(opened)
    with closing(MilvusIndex.open(url, opened.space)) as again:
        again.apply(Changes(CROWD[:5], [], 1))
        assert len(ids(again)) == 5


@pytest.mark.parametrize("parts", [1, 2, 7, 20])
def test_a_filter_in_parts_lets_every_product_through_once(parts: int) -> None:
    cut = [re.findall(r'item (?:>=|<) "(\w+)"', where) for where in in_parts("price < 5", parts)]
    assert len(cut) == parts
    for entry in CROWD[:300]:
        holding = [bounds for bounds in cut if not bounds or bounds[0] <= item_of(entry.id) < bounds[1]]
        assert len(holding) == 1


@pytest.mark.parametrize(
    "wrong", ["milvus://", "milvus:nothing", "milvus://host:port", "milvus://host/a/b", "milvus://h?x=1"]
)
def test_a_url_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="milvus://user:password@host:port/database"):
        MilvusAddress.parse(wrong)


def test_a_url_is_read_and_never_shows_its_password() -> None:
    place = MilvusAddress.parse("milvus://shop:p%40ss%2Fword@[::1]:19531/goods")
    assert (place.uri, place.user, place.password, place.database) == (
        "http://[::1]:19531",
        "shop",
        "p@ss/word",
        "goods",
    )
    assert place.shown == "milvus://[::1]:19531/goods"


def test_a_server_that_is_down_is_named() -> None:
    with pytest.raises(IndexUnavailable, match=r"milvus://127.0.0.1:9 does not answer. Start it"):
        MilvusIndex.open("milvus://127.0.0.1:9", fresh_space())


def test_a_file_that_is_none_of_milvus_lite_is_named(tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite")
    (tmp_path / "rows.milvus").write_text("nothing")
    with pytest.raises(IndexUnavailable, match=r"rows\.milvus"):
        MilvusIndex.open(str(tmp_path / "rows.milvus"), fresh_space())


def test_a_full_disk_is_told_and_reads_go_on() -> None:
    pytest.importorskip("milvus_lite")
    random = np.random.default_rng(3)
    looks = random.standard_normal((500, 512)).astype(np.float32)
    with (
        servers.small_disk(8) as disk,
        closing(MilvusIndex.open(str(disk / "rows.milvus"), fresh_space(512, 0))) as index,
    ):

        def fill() -> None:
            for revision in range(1, 100):
                given = [Entry(f"{revision} {n}", photos=("x",), images=looks[n : n + 1]) for n in range(500)]
                index.apply(Changes(given, [], revision))

        with pytest.raises(IndexUnavailable, match=r"its disk or memory is full\. Free some space"):
            fill()
        assert index.revision > 0
        assert len(ids(index)) == 50


def opened_at_last(url: str, space: Space) -> MilvusIndex:
    """The index of a server that began just now: on a busy machine it says it is well before it answers."""
    until = time.monotonic() + 60
    while True:
        try:
            return MilvusIndex.open(url, space)
        except IndexUnavailable:
            if time.monotonic() > until:
                raise


@pytest.mark.skipif(not milvus_server.available(), reason="there is no Milvus on this machine")
def test_a_server_that_asks_for_a_password_freezes_and_is_killed_keeps_what_was_written() -> None:
    with closing(milvus_server.MilvusServer(guarded=True)) as server:
        server.start()
        with pytest.raises(IndexUnavailable, match="rejects the user or password"):
            MilvusIndex.open(server.url, fresh_space())
        with pytest.raises(IndexUnavailable, match="rejects the user or password") as refused:
            MilvusIndex.open(server.url.replace("//", "//root:secret@"), fresh_space())
        assert "secret" not in str(refused.value)
        url = server.url.replace("//", "//root:Milvus@")
        with pytest.raises(IndexUnavailable, match="no such database"):
            MilvusIndex.open(f"{url}/nowhere", fresh_space())
        changes = Changes(CROWD[:40], [], 1)
        with closing(MilvusIndex.open(url, fresh_space())) as index:
            index.apply(changes)
            before = ids(index)
            server.signal(signal.SIGSTOP)
            with pytest.raises(IndexUnavailable, match="does not answer"):
                ids(index)
            server.signal(signal.SIGKILL)
            with pytest.raises(IndexUnavailable, match="does not answer"):
                ids(index)
            with pytest.raises(IndexUnavailable, match="does not answer"):
                index.apply(Changes(CROWD[40:41], [], 2))
            assert (index.revision, len(index)) == (1, 40)
            server.kill()
            server.start()
            with closing(opened_at_last(url, index.space)) as again:
                again.apply(changes)
                assert (again.collection.revision(), ids(again)) == (1, before)
                assert audit(again, changes).agrees
