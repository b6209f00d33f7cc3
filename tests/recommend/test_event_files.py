"""Events out of files: the good rows are counted, the others told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.errors import BadFeed
from lookalike.recommend.event_files import read_events


def write(tmp_path: Path, name: str, data: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_csv_tells_events_and_the_rows_that_are_none(tmp_path: Path) -> None:
    rows = [
        "kind,shopper,product,time,rating",
        "click,ann,p1,2026-11-20T12:00:00Z,",
        "rating,ann,p1,,11",
        "rating,ann,=1+1,1795000000,4.5",
        "stare,ann,p1,,",
        "click,ann,p1,yesterday,",
        "click,ann,p1,,,too,many",
    ]
    found = list(read_events(write(tmp_path, "events.csv", "\n".join(rows))))
    assert [row.line for row in found] == [2, 3, 4, 5, 6, 7]
    assert found[0].event is not None
    assert found[0].event.time == 1_795_176_000
    assert "from 1 to 5, not 11" in found[1].problem
    assert found[2].event is not None
    assert (found[2].event.product, found[2].event.rating) == ("=1+1", 4.5)
    assert "no kind of event" in found[3].problem
    assert "no time" in found[4].problem
    assert "no field of an event" in found[5].problem


def test_json_lines_tell_events_and_the_lines_that_are_none(tmp_path: Path) -> None:
    lines = [
        '{"kind": "search", "shopper": "ann", "query": "red", "vector": [1, 2]}',
        "",
        "{broken",
        "[1]",
        '{"kind": "click", "shopper": ["ann"], "product": "p1"}',
        '{"kind": "search", "shopper": "ann", "vector": [NaN]}',
        '{"kind": "click", "shopper": 7, "product": 15970}',
    ]
    found = list(read_events(write(tmp_path, "events.jsonl", "\n".join(lines))))
    assert [row.line for row in found] == [1, 3, 4, 5, 6, 7]
    assert [bool(row.problem) for row in found] == [False, True, True, True, True, False]
    assert found[-1].event is not None
    assert found[-1].event.product == "15970"


def test_a_bom_bad_bytes_and_nul_break_no_more_than_their_row(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfkind,shopper,product\nclick,ann,p\x001\nclick,ann,p\xff2\nclick,ann,p3\n"
    found = list(read_events(write(tmp_path, "events.csv", data)))
    assert found[-1].event is not None
    assert found[-1].event.product == "p3"
    assert [row.line for row in found if "UTF-8" in row.problem] == [2, 3]


def test_a_cell_of_ten_megabytes_is_a_problem_of_its_row(tmp_path: Path) -> None:
    data = f"kind,shopper,product,comment\ncomment,ann,p1,{'x' * 10_000_000}\nclick,ann,p2,\n"
    found = list(read_events(write(tmp_path, "events.csv", data)))
    assert [row.line for row in found] == [2, 3]
    assert "more than 1,000,000 letters" in found[0].problem
    assert found[1].event is not None
    assert found[1].event.product == "p2"


def test_a_line_of_ten_megabytes_of_json_is_a_problem_of_its_line(tmp_path: Path) -> None:
    long = f'{{"kind": "comment", "shopper": "ann", "product": "p1", "comment": "{"x" * 10_000_000}"}}'
    short = '{"kind": "click", "shopper": "ann", "product": "p2"}'
    found = list(read_events(write(tmp_path, "events.jsonl", f"{short}\n{long}\n{short}")))
    assert [bool(row.problem) for row in found] == [False, True, False]
    assert [row.line for row in found] == [1, 2, 3]


def test_a_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    found = list(read_events(write(tmp_path, "events.csv", 'kind,shopper,product\nclick,ann,"p1\n')))
    assert [row.event for row in found] == [None]
    assert "cannot be read" in found[0].problem


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match=r"neither \.csv nor \.jsonl"):
        list(read_events(write(tmp_path, "events.pkl", b"")))
    with pytest.raises(BadFeed, match="cannot be read"):
        list(read_events(tmp_path / "missing.csv"))
