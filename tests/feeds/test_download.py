"""Feeds at URLs: what is asked, what comes back as products, and what is refused with a sentence."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from lookalike.errors import BadFeed, FetchError, FetchRefused
from lookalike.feeds import Validators, read_changed_feed, read_feed
from lookalike.settings import settings
from support.samples import jpeg
from support.shop_host import ShopHost, shop_host

CSV = "id,title,price\n1,Lamp,40 EUR\n2,Chair,90 EUR\n"
GOOGLE = """<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>1</g:id><title>Lamp</title><g:price>40.00 EUR</g:price></item>
<item><g:id>2</g:id><title>Chair</title><g:price>90.00 EUR</g:price></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>1</g:id><title>Lamp</title><g:price>40 EUR</g:price></entry>
<entry><g:id>2</g:id><title>Chair</title><g:price>90 EUR</g:price></entry></feed>"""
OBJECTS = [{"id": "1", "title": "Lamp", "price": "40 EUR"}, {"id": "2", "title": "Chair", "price": "90 EUR"}]
ARRAY = json.dumps(OBJECTS, indent=2)
FEEDS = {
    "csv": CSV.encode(),
    "tsv": CSV.replace(",", "\t").encode(),
    "google": GOOGLE.encode(),
    "atom": ATOM.encode(),
    "lines": "\n".join(map(json.dumps, OBJECTS)).encode(),
    "array": ARRAY.encode(),
    "wrapped": json.dumps({"total": 2, "products": OBJECTS}).encode(),
}


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def facts(url: str | Path) -> list[tuple[str, str, float | None, str]]:
    products = [row.product for row in read_feed(url) if row.product]
    return [(each.id, each.title, each.price, each.currency) for each in products]


@pytest.mark.parametrize("kind", FEEDS)
@pytest.mark.parametrize("packing", ["plain", "gzip", "zip", "encoding"])
def test_every_kind_of_feed_is_read_from_a_url_however_it_is_packed(
    host: ShopHost, kind: str, packing: str
) -> None:
    content = FEEDS[kind]
    match packing:
        case "gzip":
            url = host.put("/feed.gz", gzip.compress(content))
        case "zip":
            url = host.put("/feed.zip", zipped(**{"feed.json": content}))
        case "encoding":
            url = host.put("/feed", gzip.compress(content), Content_Encoding="gzip")
        case _:
            url = host.put("/feed", content)
    assert facts(url) == [("1", "Lamp", 40.0, "EUR"), ("2", "Chair", 90.0, "EUR")]


@pytest.mark.parametrize(
    "packed", [gzip.compress(CSV.encode()), zipped(**{"a.csv": CSV.encode()})], ids=["gzip", "zip"]
)
def test_a_packed_file_on_this_disk_is_read_too(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "feed").write_bytes(packed)
    assert len(facts(tmp_path / "feed")) == 2


def test_a_parquet_feed_is_read_from_a_url(host: ShopHost, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.Table.from_pylist(OBJECTS)
    parquet.write_table(table, tmp_path / "feed.parquet")
    assert len(facts(host.put("/feed", (tmp_path / "feed.parquet").read_bytes()))) == 2


def test_photos_in_a_zip_file_at_a_url_are_found(host: ShopHost) -> None:
    url = host.put("/shop.zip", zipped(**{"feed.csv": b"id,photo\n1,a.jpg\n", "a.jpg": jpeg("red")}))
    feed = read_feed(url)
    (row,) = feed
    assert row.product is not None
    assert Path(row.product.photos[0].source).read_bytes() == jpeg("red")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.jpg", "/export/a.jpg"),
        ("photos/red shoe.jpg", "/export/photos/red%20shoe.jpg"),
        (r"photos\a.jpg", "/export/photos/a.jpg"),
        ("../a.jpg", "/a.jpg"),
        ("/media/a.jpg?size=2", "/media/a.jpg?size=2"),
    ],
)
def test_photos_beside_a_feed_at_a_url_are_relative_to_it(host: ShopHost, name: str, path: str) -> None:
    url = host.put("/export/feed.csv", f"id,title,photo\n1,Shoe,{name}\n") + "?token=secret"
    (row,) = read_feed(url)
    assert row.product is not None
    assert [photo.source for photo in row.product.photos] == [host.url + path]


@pytest.mark.parametrize("name", ["none", "C:\\photos\\a.jpg"])
def test_a_name_that_is_no_address_is_reported_and_the_product_goes_in(host: ShopHost, name: str) -> None:
    (row,) = read_feed(host.put("/feed.csv", f"id,title,photo\n1,Shoe,{name}\n"))
    assert row.product is not None
    assert row.product.photos == ()
    assert name in row.problem


def test_a_downloaded_feed_leaves_nothing_behind(
    host: ShopHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    feed = read_feed(host.put("/feed.csv.gz", gzip.compress(CSV.encode())))
    assert len(list(feed)) == len(list(feed)) == 2
    del feed
    assert list(tmp_path.iterdir()) == []


def test_a_feed_that_has_not_changed_is_not_sent_again(host: ShopHost) -> None:
    url = host.put("/feed.csv", CSV)
    first = read_changed_feed(url, Validators())
    assert first is not None
    assert read_changed_feed(url, first[1]) is None
    host.put("/feed.csv", CSV + "3,Table,10 EUR\n")
    again = read_changed_feed(url, first[1])
    assert again is not None
    assert len(list(again[0])) == 3


def test_a_feed_without_an_etag_is_asked_for_by_its_date(host: ShopHost) -> None:
    url = host.put("/feed.csv", CSV, ETag="", Last_Modified="Tue, 03 Mar 2026 10:00:00 GMT")
    first = read_changed_feed(url, Validators())
    assert first is not None
    read_changed_feed(url, first[1])
    assert host.asked[-1].headers["if-modified-since"] == "Tue, 03 Mar 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"FEED_USER": "anna", "FEED_PASSWORD": "geheim"}, ("authorization", "Basic YW5uYTpnZWhlaW0=")),
        ({"FEED_HEADER": "X-Api-Key: s3cret"}, ("x-api-key", "s3cret")),
    ],
)
def test_credentials_come_from_the_environment(
    host: ShopHost, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], header: tuple[str, str]
) -> None:
    url = host.put("/feed.csv", CSV)
    host.secret = header
    with pytest.raises(FetchError, match="answered 401: check the address and the credentials"):
        read_feed(url)
    for name, value in variables.items():
        monkeypatch.setenv(f"LOOKALIKE_{name}", value)
    settings.cache_clear()
    assert len(facts(url)) == 2


def test_credentials_are_sent_to_their_host_only(host: ShopHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_FEED_HEADER", "X-Api-Key: s3cret")
    with shop_host() as other:
        goal = other.put("/feed.csv", CSV)
        url = host.put("/feed.csv", "", status=302, Location=goal)
        settings.cache_clear()
        assert len(facts(url)) == 2
        assert "x-api-key" in host.asked[-1].headers
        assert "x-api-key" not in other.asked[-1].headers
        monkeypatch.setenv("LOOKALIKE_FEED_HOST", "feeds.shop.example")
        settings.cache_clear()
        read_feed(goal)
        assert "x-api-key" not in other.asked[-1].headers


def test_a_feed_on_a_private_address_is_refused_unless_it_is_allowed(
    host: ShopHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = host.put("/feed.csv", CSV)
    monkeypatch.delenv("LOOKALIKE_FETCH_PRIVATE")
    settings.cache_clear()
    with pytest.raises(FetchRefused, match="LOOKALIKE_FETCH_PRIVATE=1"):
        read_feed(url)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "is an HTML page, not a feed"),
        (b"\n<html><head></head></html>", "is an HTML page, not a feed"),
        (gzip.compress(CSV.encode() * 100)[:-20], "is cut off"),
        (gzip.compress(CSV.encode())[:15] + b"damaged" + bytes(20), "is damaged gzip data"),
        (zipped(**{"feed.csv": CSV.encode()})[:-30], "ZIP file cannot be opened"),
        (b"", "is empty"),
    ],
    ids=["login", "page", "short gzip", "damaged gzip", "short zip", "empty"],
)
def test_what_is_no_feed_is_refused_with_a_sentence(host: ShopHost, content: bytes, sentence: str) -> None:
    with pytest.raises(BadFeed, match=sentence):
        list(read_feed(host.put("/feed", content)))


def test_a_download_that_breaks_off_is_refused(host: ShopHost) -> None:
    with pytest.raises(FetchError, match="ended early"):
        read_feed(host.put("/feed.csv", CSV, Content_Length="1000"))


def test_a_url_with_a_token_is_shown_without_it(host: ShopHost) -> None:
    host.put("/feed.csv", CSV)
    assert read_feed(f"{host.url}/feed.csv?token=s3cret").name == f"{host.url}/feed.csv"


@pytest.mark.parametrize("cut", [len(ARRAY) // 2, len(ARRAY) - 1, len(ARRAY) - 3])
def test_a_json_array_that_breaks_off_keeps_what_came_before(tmp_path: Path, cut: int) -> None:
    (tmp_path / "feed.json").write_text(ARRAY[:cut])
    *whole, last = read_feed(tmp_path / "feed.json")
    assert last.last
    assert "breaks here, the rest was not read" in last.problem
    assert all(row.product and not row.last for row in whole)


def test_a_large_json_array_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    objects = [{"id": f"{n}", "title": f"Lamp {n} é\u2028" * 50, "note": "\\"} for n in range(2_000)]
    (tmp_path / "feed.json").write_text(json.dumps(objects, ensure_ascii=False), encoding="utf-8")
    found = [row.product for row in read_feed(tmp_path / "feed.json")]
    assert [each.id for each in found if each] == [each["id"] for each in objects]


def test_elements_that_are_no_products_are_reported_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_text('[\n{"id": 1},\n"two",\n{"id": "\\u0000"},\n{"id": 4}\n]')
    found = list(read_feed(tmp_path / "feed.json"))
    assert [(row.line, bool(row.product)) for row in found] == [(2, True), (3, False), (4, False), (5, True)]
    assert "no JSON object" in found[1].problem
    assert "NUL" in found[2].problem
