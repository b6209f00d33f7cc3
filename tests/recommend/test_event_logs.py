"""Events out of files: the good rows are counted, the others told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike import Event
from lookalike.errors import BadFeed, UsageError
from lookalike.recommend.event_logs.export import write_jsonl, write_parquet
from lookalike.recommend.event_logs.files import read_events


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
    assert "from 1 to 5, got 11" in found[1].problem
    assert found[2].event is not None
    assert (found[2].event.product, found[2].event.rating) == ("=1+1", 4.5)
    assert "not a kind of event" in found[3].problem
    assert "not a time" in found[4].problem
    assert "not a field of an event" in found[5].problem


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
    assert "more than 1,000,000 characters" in found[0].problem
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


def events_in(path: Path, **options: Any) -> list[Event]:
    rows = list(read_events(path, **options))
    assert [row.problem for row in rows if row.problem] == []
    return [row.event for row in rows if row.event is not None]


def ga4(name: str, *items: dict[str, Any], **more: Any) -> str:
    base = {
        "event_name": name,
        "event_timestamp": 1_795_176_000_000_000,
        "user_pseudo_id": "1.2",
        "items": items,
    }
    return json.dumps(base | more)


def test_a_google_analytics_export_is_recognized(tmp_path: Path) -> None:
    lines = [
        ga4("session_start"),
        ga4("view_item", {"item_id": "p1", "item_name": "Lamp"}),
        ga4("add_to_cart", {"item_id": "p1", "quantity": 2}, user_id="ann"),
        ga4("purchase", {"item_id": "p1"}, {"item_id": "p2"}, event_timestamp="1795176001000000"),
        ga4("view_item_list", {"item_id": "p3", "item_list_index": 4}),
        ga4("search", event_params=[{"key": "search_term", "value": {"string_value": "red lamp"}}]),
        ga4("search", event_params={"search_term": "blue lamp"}),
    ]
    found = events_in(write(tmp_path, "ga4.jsonl", "\n".join(lines)))
    assert [(e.kind, e.shopper, e.product, e.time) for e in found[:4]] == [
        ("view", "1.2", "p1", 1_795_176_000),
        ("cart", "ann", "p1", 1_795_176_000),
        ("purchase", "1.2", "p1", 1_795_176_001),
        ("purchase", "1.2", "p2", 1_795_176_001),
    ]
    assert (found[4].kind, found[4].position) == ("impression", 4)
    assert [e.query for e in found[5:]] == ["red lamp", "blue lamp"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ga4("purchase"), "needs its products"),
        (ga4("view_item", items="p1"), "needs its products"),
        (ga4("view_item", items=["p1"]), "JSON object"),
        (ga4("view_item", {"item_name": "no id"}), "needs the id of its 'product'"),
        (ga4("view_item", {"item_id": "p1"}, event_timestamp="today"), "microseconds"),
        (ga4("view_item", {"item_id": "p1"}, user_pseudo_id=None), "has no 'shopper'"),
    ],
)
def test_a_line_of_google_analytics_that_is_wrong_fails_alone(tmp_path: Path, line: str, reason: str) -> None:
    lines = [ga4("view_item", {"item_id": "p1"}), line, ga4("view_item", {"item_id": "p2"})]
    rows = list(read_events(write(tmp_path, "ga4.jsonl", "\n".join(lines))))
    assert [bool(row.problem) for row in rows] == [False, True, False]
    assert reason in rows[1].problem


SHOPIFY = """Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem sku,Cancelled at
#1001,Ann@Example.com,paid,2026-11-20 12:00:00 +0000,2,Lamp - red,LAMP-R,
#1001,Ann@Example.com,,,1,Desk,,
#1002,,paid,2026-11-20 14:00:00 +0200,1,Lamp - red,LAMP-R,
#1003,bob@example.com,refunded,2026-11-21 12:00:00 +0000,1,Chair,CHAIR,
#1004,bob@example.com,voided,2026-11-21 12:00:00 +0000,1,Chair,CHAIR,2026-11-22 12:00:00 +0000
"""


def test_a_shopify_order_export_is_recognized(tmp_path: Path) -> None:
    found = events_in(write(tmp_path, "orders.csv", SHOPIFY))
    assert [(e.kind, e.shopper, e.product, e.time) for e in found] == [
        ("purchase", "ann@example.com", "LAMP-R", 1_795_176_000),
        ("purchase", "ann@example.com", "Desk", 1_795_176_000),
        ("purchase", "order #1002", "LAMP-R", 1_795_176_000),
        ("purchase", "bob@example.com", "CHAIR", 1_795_262_400),
        ("return", "bob@example.com", "CHAIR", 1_795_262_400),
    ]
    assert len({e.id for e in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("visitorid,event,itemid,timestamp\n7,addtocart,p1,1795176000000\n", {}, [("cart", "7", "p1")]),
        ("user_id,item_id,behavior_type,time\n7,p1,pv,1795176000\n", {}, [("view", "7", "p1")]),
        ("CustomerID,StockCode,InvoiceDate,Quantity\n"
         "17850.0,p1,2026-11-20 12:00,6\n17850.0,p1,2026-11-20 12:00,-6\n",
         {"kind": "purchase"}, [("purchase", "17850", "p1"), ("return", "17850", "p1")]),
        ("user,item,stars,date\n7,p1,5,2026-11-20T12:00\n", {}, [("rating", "7", "p1")]),
        ("wer,was,wann\nann,p1,2026-11-20T12:00\n",
         {"kind": "purchase", "mapping": {"wer": "shopper", "was": "product", "wann": "time"}},
         [("purchase", "ann", "p1")]),
        ("kind,shopper,product,country\nTransaction,ann,p1,DE\n", {"kind": "view"},
         [("purchase", "ann", "p1")]),
    ],
)  # fmt: skip
def test_tables_with_other_column_names_are_recognized(
    tmp_path: Path, text: str, options: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = events_in(write(tmp_path, "log.csv", text), **options)
    assert [(e.kind, e.shopper, e.product) for e in found] == expected
    assert {e.time for e in found} <= {1_795_176_000, None}


def test_a_table_that_does_not_tell_what_was_done_says_how_to_tell_it(tmp_path: Path) -> None:
    rows = list(read_events(write(tmp_path, "log.csv", "user,item\n7,p1\n")))
    assert "use --kind" in rows[0].problem


@pytest.mark.parametrize("mapping", [{"who": "shopper"}, {"user": "customer"}])
def test_a_mapping_that_fits_nothing_is_refused(tmp_path: Path, mapping: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="Use one of"):
        list(read_events(write(tmp_path, "log.csv", "user,item\n7,p1\n"), mapping))


WRITTEN = [
    Event("click", "ann", "p1", id="1", time=1_795_176_000.25, position=3, query="lamp"),
    Event("search", "bob", id="2", time=1.0, query="rot", vector=[0.5, -1.0]),
    Event("rating", "bob", "p1", id="3", time=2.0, rating=4.5, comment="Schön, =1+1"),
    Event("exposure", "ann", id="4", time=3.0, experiment="trial", variant="B"),
]


def test_events_and_exposures_written_as_json_lines_are_read_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with path.open("w", encoding="utf-8") as file:
        assert write_jsonl(WRITTEN, file) == 4
    assert events_in(path) == WRITTEN


def test_events_and_exposures_written_as_parquet_keep_their_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert write_parquet(WRITTEN, tmp_path / "events.parquet") == 4
    rows = parquet.read_table(tmp_path / "events.parquet").to_pylist()
    assert [(row["kind"], row["shopper"], row["position"], row["variant"]) for row in rows] == [
        ("click", "ann", 3, ""),
        ("search", "bob", None, ""),
        ("rating", "bob", None, ""),
        ("exposure", "ann", None, "B"),
    ]
    assert [row["time"].timestamp() for row in rows] == [event.time for event in WRITTEN]
    assert rows[1]["vector"] == [0.5, -1.0]
    assert parquet.read_table(tmp_path / "events.parquet").schema.field("time").type.tz == "UTC"
