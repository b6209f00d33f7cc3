"""The word index in a file: what is read from it answers like what was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.kept_files import load_arrays, save_arrays
from lookalike.lexical import Document, LexicalIndex, WordQuery, search

ABOUT = {"catalog": "c"}
WORDS = (
    "red",
    "reds",
    "shirt",
    "shirts",
    "shoe",
    "running",
    "runner",
    "navy",
    "blue",
    "dv7-1211ea",
    "naïve",
    "靴",
)
TITLES = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), min_size=1, max_size=12)
QUERIES = ("red shirt", "runing", "sho", "navyblue", "dv71211ea", "nav", "靴", '"red shirt"')


def documents(titles: list[str], first: int = 0) -> list[Document]:
    return [
        Document(f"p{number}", title, "a description", {"brand": "Acme"}, (f"SKU-{number}",))
        for number, title in enumerate(titles, first)
    ]


def answers(index: LexicalIndex) -> list[list[tuple[str, float]]]:
    return [search(index.view(), WordQuery(query)).best(50) for query in QUERIES]


def reopened(index: LexicalIndex, path: Path) -> LexicalIndex:
    save_arrays(path, index.arrays(), ABOUT)
    arrays = load_arrays(path, ABOUT)
    assert arrays is not None
    return LexicalIndex.restored(arrays)


@given(TITLES, TITLES, st.sets(st.integers(0, 11)))
def test_an_index_from_a_file_answers_and_changes_like_the_one_that_was_written(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], gone: set[int]
) -> None:
    kept = LexicalIndex()
    kept.apply(documents(before), [], 1)
    read = reopened(kept, tmp_path_factory.mktemp("words") / "words.npz")
    assert (len(read), read.revision) == (len(kept), 1)
    assert answers(read) == answers(kept)
    removed = [f"p{number}" for number in gone]
    for index in (kept, read):
        index.apply(documents(after, first=6), removed, 2)
    assert len(read) == len(kept)
    assert answers(read) == answers(kept)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    index = LexicalIndex()
    index.apply(documents(["red shirt", "blue shoe"]), [], 1)
    save_arrays(tmp_path / "words.npz", index.arrays(), ABOUT)
    return tmp_path / "words.npz"


def test_every_flipped_byte_of_the_contents_is_noticed(
    written: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = written.read_bytes()
    begins = whole.index(b"red")
    damaged = bytearray(whole)
    damaged[begins] ^= 1
    written.write_bytes(damaged)
    assert load_arrays(written, ABOUT) is None
    assert "will be built again" in caplog.text


def test_a_file_that_breaks_off_is_noticed(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:-100])
    assert load_arrays(written, ABOUT) is None


def test_a_file_of_another_catalog_or_other_settings_is_not_used(written: Path) -> None:
    assert load_arrays(written, {"catalog": "d"}) is None
    assert load_arrays(written.with_name("none.npz"), ABOUT) is None


def test_a_write_that_fails_leaves_the_old_file(written: Path) -> None:
    whole = written.read_bytes()
    with pytest.raises(TypeError):
        save_arrays(written, {}, {"catalog": object()})
    assert written.read_bytes() == whole
    assert list(written.parent.iterdir()) == [written]
