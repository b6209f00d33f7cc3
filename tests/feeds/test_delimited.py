"""CSV and TSV: how a file is recognized, what its columns mean, and what each kind of wrong row gets."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadFeed
from lookalike.feeds import read_feed
from lookalike.feeds.columns import SYNONYMS
from lookalike.types import FeedRow, Product


def rows(path: Path, text: str | bytes, mapping: Mapping[str, str] | None = None) -> list[FeedRow]:
    path = path / "feed.csv" if path.is_dir() else path
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_feed(path, mapping))


def products(path: Path, text: str | bytes, mapping: Mapping[str, str] | None = None) -> list[Product]:
    found = rows(path, text, mapping)
    assert [row.problem for row in found] == [""] * len(found)
    return [row.product for row in found if row.product]


def test_a_row_becomes_a_product(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").touch()
    text = (
        "ID,Product Name,Description,Price,Currency,Qty,item_group_id,URL,Image,Colour,Year\n"
        '1,Shirt,"Blue, of cotton",12.50,eur,3,shirts,https://shop.example/1,1.jpg,Navy,2011\n'
    )
    (product,) = products(tmp_path, text)
    assert product == Product(
        id="1",
        title="Shirt",
        description="Blue, of cotton",
        facets={"Colour": "Navy", "Year": 2011},
        price=12.5,
        currency="EUR",
        stock=3,
        group="shirts",
        link="https://shop.example/1",
        photos=product.photos,
    )
    assert [photo.source for photo in product.photos] == [str(tmp_path / "1.jpg")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_recognised(
    tmp_path: Path, delimiter: str, encoding: str, ending: str
) -> None:
    lines = [["id", "title", "note"], ["1", "Café crème", "so, so; fine"], ["2", "Größe “L” – 5 €", "b"]]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=ending).writerows(lines)
    found = products(tmp_path, stream.getvalue().encode(encoding))
    assert [product.title for product in found] == ["Café crème", "Größe “L” – 5 €"]
    assert found[0].facets == {"note": "so, so; fine"}


def test_the_delimiter_that_excel_declares_is_taken(tmp_path: Path) -> None:
    found = products(tmp_path, "sep=;\r\nid;title\r\n1;a,b,c\r\n2;d,e,f\r\n")
    assert [product.title for product in found] == ["a,b,c", "d,e,f"]


def test_blank_lines_mean_nothing(tmp_path: Path) -> None:
    found = rows(tmp_path, "\n\nid,title\n\n1,a\n\n\n2,b\n\n")
    assert [(row.line, row.raw_id) for row in found] == [(5, "1"), (8, "2")]


def test_a_cell_may_span_lines_and_the_numbers_of_lines_stay_right(tmp_path: Path) -> None:
    found = rows(tmp_path, 'id,description,title\n1,"one\ntwo",a\n2,,b\n')
    assert [(row.line, row.raw_id) for row in found] == [(2, "1"), (4, "2")]
    assert found[0].product is not None
    assert found[0].product.description == "one\ntwo"


def test_the_mapping_wins_over_the_names_of_columns(tmp_path: Path) -> None:
    text = "id,title,SKU,shade,img1,img2,secret\n1,old,A-1,red,https://x/1,https://x/2,no\n"
    mapping = {
        "sku": "id",
        "ID": "facet:number",
        "shade": "facet:colour",
        "img1": "photo",
        "img2": "photos",
        "secret": "",
    }
    (product,) = products(tmp_path, text, mapping)
    assert product.id == "A-1"
    assert product.title == "old"
    assert product.facets == {"number": 1, "colour": "red"}
    assert [photo.source for photo in product.photos] == ["https://x/1", "https://x/2"]


def test_the_best_name_of_several_fills_a_field_and_the_others_are_facets(tmp_path: Path) -> None:
    (product,) = products(tmp_path, "sku,name,id,title\nA-1,short,1,The long title\n")
    assert (product.id, product.title) == ("1", "The long title")
    assert product.facets == {"sku": "A-1", "name": "short"}


def test_numbered_photo_columns_are_taken_in_their_order(tmp_path: Path) -> None:
    (product,) = products(tmp_path, "id,image_2,image_1,image\n1,https://x/b,https://x/a,https://x/0\n")
    assert {photo.source for photo in product.photos} == {"https://x/0", "https://x/a", "https://x/b"}


def test_a_list_of_photos_without_ids_is_known_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (product,) = products(tmp_path, "image,label\na.jpg,Shirt\n")
    assert (product.id, product.facets) == ("a.jpg", {"label": "Shirt"})


def test_columns_of_the_same_name_are_all_kept(tmp_path: Path) -> None:
    (product,) = products(tmp_path, "id,tag,tag\n1,a,b\n")
    assert product.facets == {"tag": "a", "tag 2": "b"}


def test_packed_facets_are_unpacked(tmp_path: Path) -> None:
    (product,) = products(
        tmp_path, 'id,facets\n1,"{""colour"": ""red"", ""sizes"": [""S"", ""M""], ""x"": null}"\n'
    )
    assert product.facets == {"colour": "red", "sizes": ("S", "M")}


def test_words_of_availability_say_that_there_is_none(tmp_path: Path) -> None:
    sold_out, there = products(tmp_path, "id,availability\n1,out_of_stock\n2,in stock\n")
    assert (sold_out.stock, there.stock) == (0, None)
    assert there.facets == {"availability": "in stock"}


def test_cells_that_a_spreadsheet_would_run_are_stored_as_they_are(tmp_path: Path) -> None:
    cells = ["=1+1", "+1 (555)", "-red", "@home", "\t=x", "\r=x"]
    stream = io.StringIO()
    csv.writer(stream).writerows(
        [["id", "title", "mark"], *([str(n), cell, cell] for n, cell in enumerate(cells))]
    )
    found = products(tmp_path, stream.getvalue())
    assert [product.title for product in found] == cells
    assert [product.facets["mark"] for product in found] == cells


def test_the_page_on_feeds_names_every_field() -> None:
    page = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text()
    assert [field for field in (*SYNONYMS, "facets") if f"| {field} |" not in page] == []


WRONG_ROWS = {
    "NUL": (b"7,bad \0 title,x", "NUL character"),
    "bytes that are no UTF-8": (b"7,bad \xff\xfe title,x", "no text in the encoding"),
    "half a letter": (b"7,bad \xc3( title,x", "no text in the encoding"),
    "a letter of UTF-16": (b"7,bad \xed\xa0\x80 title,x", "no text in the encoding"),
    "too few cells": (b"7,bad", "2 cells where the header has 3"),
    "too many cells": (b"7,bad,x,y,z", "5 cells where the header has 3"),
    "a cell of 10 MB": (b"7," + b"x" * 10_000_000 + b",y", "longer than"),
    "a cell of 200 kB": (b"7," + b"x" * 200_000 + b",y", "field larger than"),
    "a cell of 10 MB in lines": (b'7,"' + b"<p>text</p>\n" * 900_000 + b'",y', "field larger than"),
    "a quote that never closes": (b'7,"bad title,x', "never closes"),
    "no id": (b",bad,x", "no id"),
    "an id of blanks": (b"  ,bad,x", "no id"),
    "an endless id": (b"7" * 300 + b",bad,x", "above 200 characters"),
    "an id with a line in it": (b'"7\n8",bad,x', "not printable"),
    "an id that was there": (b"1,again,x", "already on line 2"),
}


@pytest.mark.parametrize("kind", WRONG_ROWS)
def test_a_wrong_row_is_reported_with_its_line_and_the_good_ones_go_in(tmp_path: Path, kind: str) -> None:
    row, reason = WRONG_ROWS[kind]
    feed = "id,title,note\n1,première,a\n2,second,b\n".encode() + row + "\n3,troisième,c\n4,last,d\n".encode()
    found = rows(tmp_path, feed)
    assert [line.product.title for line in found if line.product] == [
        "première",
        "second",
        "troisième",
        "last",
    ]
    (wrong,) = [line for line in found if line.product is None]
    assert wrong.line == 4
    assert reason in wrong.problem
    assert wrong.problem.endswith(".")


def test_a_wrong_row_still_tells_its_id_where_that_is_sure(tmp_path: Path) -> None:
    found = rows(tmp_path, "id,title\n1,a,b,c\n")
    assert (found[0].product, found[0].raw_id) == (None, "1")


def test_an_open_quote_does_not_take_the_rows_after_it_along(tmp_path: Path) -> None:
    text = "id,title,note\n1,a,b\n" + '2,"open,b\n' + "".join(f"{n},t,n\n" for n in range(3, 3000))
    found = rows(tmp_path, text)
    assert len([row for row in found if row.product]) == 2998
    assert [row.line for row in found if not row.product] == [3]


def test_quotes_that_open_and_close_in_different_rows_cost_those_rows_only(tmp_path: Path) -> None:
    text = 'id,title,note\n1,"open,b\n2,t,n\n3,"close,b\n4,t,n\n'
    found = rows(tmp_path, text)
    assert [row.raw_id for row in found if row.product] == ["2", "4"]
    assert [row.line for row in found if not row.product] == [2, 4]


def test_a_wrong_price_costs_the_price_and_not_the_product(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "id,title,price,stock\n1,a,ask us,many\n")
    assert row.product is not None
    assert (row.product.price, row.product.stock) == (None, None)
    assert "'ask us' is not a price" in row.problem
    assert "'many' is not a number of pieces" in row.problem


def test_a_missing_photo_costs_the_photo_and_not_the_product(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (row,) = rows(tmp_path, "id,photos\n1,a.jpg|b.jpg\n")
    assert row.product is not None
    assert [photo.source for photo in row.product.photos] == [str(tmp_path / "a.jpg")]
    assert row.problem == "There is no photo b.jpg."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\n\n \n", "is empty"),
        ("colour,size\nred,L\n", "--map COLUMN=id"),
        (b"PK\x03\x04" + bytes(100), "ZIP file cannot be opened"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "save the sheet as CSV"),
        (b"\x1f\x8b\x08" + bytes(100), "damaged gzip data"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x80\x04\x95" + bytes(100), "pickle"),
        (b"id,ti\xfftle\n1,a\n", "are damaged"),
        (b"id,ti\0tle\n1,a\n", "are damaged"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_with_a_sentence(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    with pytest.raises(BadFeed, match=reason):
        rows(tmp_path, text)


def test_a_feed_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match=r"none\.csv"):
        read_feed(tmp_path / "none.csv")


def test_a_mapping_of_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFeed, match="no column colour: it has id, title"):
        rows(tmp_path, "id,title\n1,a\n", {"colour": "shade"})
    with pytest.raises(BadFeed, match="Both id and title are mapped to id"):
        rows(tmp_path, "id,title\n1,a\n", {"id": "id", "title": "id"})


def test_a_feed_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("id,title\n1,a\n2,b\n")
    feed = read_feed(tmp_path / "feed.csv")
    assert list(feed) == list(feed)
    assert feed.name == str(tmp_path / "feed.csv")


def test_a_feed_is_read_as_it_comes_and_not_as_a_whole(tmp_path: Path) -> None:
    import os

    pipe = tmp_path / "feed.csv"
    pipe.write_text("id,title\n1,a\n")
    feed = read_feed(pipe)
    pipe.unlink()
    os.mkfifo(pipe)
    read_two = threading.Event()

    def write() -> None:
        with pipe.open("w") as stream:
            stream.write("id,title\n")
            stream.writelines(f"{n},a\n" for n in range(5000))
            stream.flush()
            read_two.wait(20)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    found = iter(feed)
    assert [next(found).raw_id, next(found).raw_id] == ["0", "1"]
    read_two.set()
    assert sum(1 for _ in found) == 4998
    writer.join(20)


@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.text(max_size=20)).map(
            lambda pair: tuple(text.replace("\0", "").strip(" \u00a0") for text in pair)
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_another_program_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], delimiter: str
) -> None:
    stream = io.StringIO()
    table = [["id", "title", "description", "brand"], *([str(n), *pair, "x"] for n, pair in enumerate(cells))]
    csv.writer(stream, delimiter=delimiter).writerows(table)
    if "'" in stream.getvalue():
        return
    path = tmp_path_factory.mktemp("feed") / "feed.csv"
    found = products(path, stream.getvalue().encode("utf-8", "surrogatepass"))
    assert [(product.title, product.description) for product in found] == cells


@given(st.binary(max_size=300))
def test_no_bytes_give_anything_but_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("feed") / "feed.csv"
    for text in (data, b"id,title\n1,a\n" + data + b"\n2,b\n"):
        try:
            found = rows(path, text)
        except BadFeed:
            continue
        assert all(row.product is not None or row.problem for row in found)
