"""Parquet: typed columns, pictures inside the file, and files that are damaged."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lookalike.errors import BadFeed
from lookalike.feeds import read_feed

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def written(path: Path, **columns: object) -> Path:
    path = path / "feed.parquet"
    parquet.write_table(pyarrow.table(columns), path, row_group_size=500)
    return path


def test_rows_become_products(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        id=[1, 2],
        title=["Shirt", None],
        price=[Decimal("12.50"), None],
        image=[{"bytes": b"picture", "path": "a.jpg"}, {"bytes": None, "path": None}],
        sizes=[["S", "M"], []],
        since=[datetime.date(2026, 1, 2), None],
        year=[2011.0, float("nan")],
    )
    first, second = [row.product for row in read_feed(path)]
    assert first is not None
    assert (first.id, first.title, first.price) == ("1", "Shirt", 12.5)
    assert [photo.data for photo in first.photos] == [b"picture"]
    assert first.facets == {"sizes": ("S", "M"), "since": "2026-01-02", "year": 2011.0}
    assert second is not None
    assert (second.id, second.title, second.photos, second.facets) == ("2", "", (), {})


def test_many_batches_are_counted_through(tmp_path: Path) -> None:
    path = written(tmp_path, id=[str(number) for number in range(2000)])
    assert [row.line for row in read_feed(path)] == list(range(1, 2001))


def test_a_wrong_row_is_reported_and_the_good_ones_go_in(tmp_path: Path) -> None:
    path = written(tmp_path, id=["1", "2", "1", ""], title=["a", "b\0", "c", "d"])
    found = list(read_feed(path))
    assert [row.raw_id for row in found if row.product] == ["1"]
    assert "NUL" in found[1].problem
    assert "already on line 1" in found[2].problem
    assert "no id" in found[3].problem


def test_a_file_that_is_damaged_inside_gives_what_can_be_read(tmp_path: Path) -> None:
    path = written(
        tmp_path, id=[str(number) for number in range(2000)], title=["x" * 50 + str(n) for n in range(2000)]
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(bytes(data))
    found = list(read_feed(path))
    assert len(found) >= 500
    assert "damaged from this row on" in found[-1].problem or any(row.problem for row in found)


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"PAR1 is how it starts"])
def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "feed.parquet"
    path.write_bytes(data)
    with pytest.raises(BadFeed, match="no Parquet file"):
        read_feed(path)


def test_a_file_without_ids_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match="--map COLUMN=id"):
        read_feed(written(tmp_path, colour=["red"]))
